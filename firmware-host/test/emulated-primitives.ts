// Calls the primitives' image on the emulated Cortex-M4: the firmware's own modules, compiled as a box's are.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createQemuBox, type FirmwareImage } from '../src/index.ts';

const WASM = new URL('../build/primitives.wasm', import.meta.url);
const ANSWER_TIMEOUT_MS = 120_000;
/** Under `-icount shift=0` an instruction takes a nanosecond, and a cycle of the 25 MHz system clock forty. */
export const INSTRUCTIONS_PER_CYCLE = 40;
export const COUNT_INSTRUCTIONS = ['-icount', 'shift=0'] as const;

const words = (...values: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value >>> 0, true);
  return new Uint8Array(view.buffer);
};

export class EmulatedPrimitives {
  /** cycles of the system clock that the last call took */
  cycles = 0;
  readonly #image: FirmwareImage;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #end: () => Promise<void>;
  readonly #start: number;
  readonly #limit: number;
  #top = 0;
  #requests: Uint8Array[] = [];
  #received: Uint8Array[] = [];
  #receivedBytes = 0;
  #wanted = 0;
  #arrived: ((bytes: Uint8Array) => void) | undefined;

  private constructor(image: FirmwareImage, send: (bytes: Uint8Array) => void, end: () => Promise<void>) {
    this.#image = image;
    this.#send = send;
    this.#end = end;
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(Uint8Array.from(readFileSync(WASM))),
      {},
    );
    const global = (name: string): number => (exports[name] as WebAssembly.Global).value as number;
    this.#start = global('BUFFER');
    this.#limit = this.#start + global('BUFFER_BYTES');
  }

  static async start(
    image: FirmwareImage,
    emulatorArguments: readonly string[] = [],
  ): Promise<EmulatedPrimitives> {
    const folder = mkdtempSync(join(tmpdir(), 'sq-primitives-'));
    const box = createQemuBox({
      image,
      flashPath: join(folder, 'flash.bin'),
      emulatorArguments,
      transmit: (port, bytes) => {
        if (port === 0) primitives.#take(bytes);
      },
    });
    const primitives = new EmulatedPrimitives(
      image,
      (bytes) => box.receive(0, bytes),
      async () => {
        await box.kill();
        rmSync(folder, { recursive: true, force: true });
      },
    );
    await box.powerOn();
    return primitives;
  }

  end(): Promise<void> {
    return this.#end();
  }

  async publicKey(seed: Uint8Array): Promise<Uint8Array> {
    const [p, out] = [this.#put(seed), this.#reserve(32)];
    await this.#call('ed25519_public_key', p, out);
    return this.#read(out, 32);
  }

  async sign(seed: Uint8Array, key: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
    const [s, k, p, out] = [this.#put(seed), this.#put(key), this.#put(message), this.#reserve(64)];
    const head = message.length >> 1;
    await this.#call('ed25519_sign', s, k, p, head, p + head, message.length - head, out);
    return this.#read(out, 64);
  }

  async verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const [k, p, s] = [this.#put(key), this.#put(message), this.#put(signature)];
    const head = message.length >> 1;
    return (await this.#call('ed25519_verify', k, p, head, p + head, message.length - head, s)) === 1;
  }

  async keyIsSound(key: Uint8Array): Promise<boolean> {
    return (await this.#call('ed25519_key_is_sound', this.#put(key))) === 1;
  }

  async x25519(
    secret: Uint8Array,
    peer: Uint8Array,
  ): Promise<{ readonly shared: Uint8Array; readonly sound: boolean }> {
    const [s, p, out] = [this.#put(secret), this.#put(peer), this.#reserve(32)];
    const sound = (await this.#call('x25519', s, p, out)) === 1;
    return { shared: await this.#read(out, 32), sound };
  }

  async x25519PublicKey(secret: Uint8Array): Promise<Uint8Array> {
    const [s, out] = [this.#put(secret), this.#reserve(32)];
    await this.#call('x25519_public_key', s, out);
    return this.#read(out, 32);
  }

  async hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): Promise<Uint8Array> {
    const [prk, out] = [this.#reserve(32), this.#reserve(bytes)];
    await this.#call('hkdf_extract', this.#put(salt), salt.length, this.#put(ikm), ikm.length, prk, 'keep');
    await this.#call('hkdf_expand', prk, this.#put(info), info.length, out, bytes);
    return this.#read(out, bytes);
  }

  async seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array): Promise<Uint8Array> {
    const out = this.#reserve(text.length + 16);
    const [k, n, a, p] = [this.#put(key), this.#put(nonce), this.#put(aad), this.#put(text)];
    await this.#call('aead_seal', k, n, a, aad.length, p, text.length, out);
    return this.#read(out, text.length + 16);
  }

  async hpkeSecret(ikm: Uint8Array): Promise<Uint8Array> {
    const [p, out] = [this.#put(ikm), this.#reserve(32)];
    await this.#call('hpke_derive_secret', p, ikm.length, out);
    return this.#read(out, 32);
  }

  async hpkeSeal(
    recipient: Uint8Array,
    ikm: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    text: Uint8Array,
  ): Promise<Uint8Array | null> {
    const out = this.#reserve(text.length + 48);
    const to = this.#put(recipient);
    const parts = [ikm, info, aad, text].flatMap((part) => [this.#put(part), part.length]);
    const sound = (await this.#call('hpke_seal', to, ...parts, out)) === 1;
    return sound ? this.#read(out, text.length + 48) : null;
  }

  #reserve(bytes: number): number {
    const at = this.#start + this.#top;
    this.#top += (bytes + 15) & ~15;
    if (this.#start + this.#top > this.#limit) throw new Error('primitive buffer exhausted');
    return at;
  }

  #put(bytes: Uint8Array): number {
    const at = this.#reserve(bytes.length);
    this.#requests.push(Uint8Array.of(87), words(at, bytes.length), bytes, Uint8Array.of(0));
    return at;
  }

  /** `keep` at the end: what was put before stays where it is for the next call. */
  async #call(name: string, ...args: readonly (number | 'keep')[]): Promise<number> {
    const number = this.#image.symbols.get(`call:${name}`);
    if (number === undefined) throw new Error(`the image has no ${name}`);
    const values = args.filter((arg) => arg !== 'keep');
    this.#requests.push(Uint8Array.of(67), words(number, values.length), words(...values), Uint8Array.of(0));
    const answer = await this.#exchange(8);
    if (!args.includes('keep')) this.#top = 0;
    const view = new DataView(answer.buffer);
    this.cycles = view.getUint32(4, true);
    return view.getUint32(0, true);
  }

  async #read(at: number, bytes: number): Promise<Uint8Array> {
    this.#requests.push(Uint8Array.of(82), words(at, bytes), Uint8Array.of(0));
    return this.#exchange(bytes);
  }

  #exchange(wanted: number): Promise<Uint8Array> {
    const request = Buffer.concat(this.#requests);
    this.#requests = [];
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the emulated core is silent')), ANSWER_TIMEOUT_MS);
      this.#wanted = wanted;
      this.#arrived = (bytes) => {
        clearTimeout(timer);
        resolve(bytes);
      };
      this.#send(request);
      this.#look();
    });
  }

  #take(bytes: Uint8Array): void {
    this.#received.push(bytes);
    this.#receivedBytes += bytes.length;
    this.#look();
  }

  #look(): void {
    const arrived = this.#arrived;
    if (arrived === undefined || this.#receivedBytes < this.#wanted) return;
    const all = Uint8Array.from(Buffer.concat(this.#received));
    this.#received = [all.slice(this.#wanted)];
    this.#receivedBytes -= this.#wanted;
    this.#arrived = undefined;
    arrived(all.slice(0, this.#wanted));
  }
}
