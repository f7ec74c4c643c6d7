// Calls build/primitives.wasm: the firmware's own modules, with their pointers turned into byte arrays.
import { readFileSync } from 'node:fs';
import { buildFirmware } from '../bin/build.ts';

type Words = (...args: number[]) => number;
const WASM = new URL('../build/primitives.wasm', import.meta.url);

export interface Primitives {
  sha256(message: Uint8Array, pieces?: number): Uint8Array;
  sha512(message: Uint8Array, pieces?: number): Uint8Array;
  hmac(key: Uint8Array, message: Uint8Array): Uint8Array;
  hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): Uint8Array;
  publicKey(seed: Uint8Array): Uint8Array;
  sign(seed: Uint8Array, publicKey: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  keyIsSound(publicKey: Uint8Array): boolean;
  x25519(secret: Uint8Array, peer: Uint8Array): { shared: Uint8Array; sound: boolean };
  x25519PublicKey(secret: Uint8Array): Uint8Array;
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null;
  hpkeSecret(ikm: Uint8Array): Uint8Array;
  hpkeSeal(
    recipient: Uint8Array,
    ikm: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array | null;
  crc32(bytes: Uint8Array): number;
  cobsEncode(bytes: Uint8Array): Uint8Array;
  cobsDecode(bytes: Uint8Array): Uint8Array | null;
  cborCheck(bytes: Uint8Array): number;
  /** Runs `write` against a writer of `limit` bytes over the raw exports. */
  cborWrite(
    limit: number,
    write: (
      call: (name: string, ...args: (number | bigint)[]) => void,
      put: (bytes: Uint8Array) => number,
    ) => void,
  ): Uint8Array;
  /** Every byte of scratch, to see that nothing was left. */
  scratch(): Uint8Array;
}

export async function loadPrimitives(): Promise<Primitives> {
  await buildFirmware();
  const { instance } = await WebAssembly.instantiate(readFileSync(WASM), { env: {} });
  const exports = instance.exports as Record<string, unknown>;
  const memory = exports.memory as WebAssembly.Memory;
  const global = (name: string): number => (exports[name] as WebAssembly.Global).value as number;
  const start = global('BUFFER');
  const end = start + global('BUFFER_BYTES');
  const fn = (name: string): Words => exports[name] as Words;
  let top = start;

  const reserve = (bytes: number): number => {
    const p = top;
    top += (bytes + 15) & ~15;
    if (top > end) throw new Error('primitive buffer exhausted');
    return p;
  };
  const put = (bytes: Uint8Array): number => {
    const p = reserve(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, p);
    return p;
  };
  const take = (p: number, bytes: number): Uint8Array => new Uint8Array(memory.buffer).slice(p, p + bytes);
  const call = <T>(body: () => T): T => {
    top = start;
    return body();
  };
  const hash =
    (name: string, bytes: number) =>
    (message: Uint8Array, pieces = 1) =>
      call(() => {
        const context = reserve(256);
        const p = put(message);
        const out = reserve(bytes);
        fn(`${name}_init`)(context);
        const step = Math.max(1, Math.ceil(message.length / pieces));
        for (let at = 0; at < message.length; at += step) {
          fn(`${name}_update`)(context, p + at, Math.min(step, message.length - at));
        }
        fn(`${name}_final`)(context, out);
        return take(out, bytes);
      });

  return {
    sha256: hash('sha256', 32),
    sha512: hash('sha512', 64),
    hmac: (key, message) =>
      call(() => {
        const out = reserve(32);
        fn('hmac_begin')(put(key), key.length);
        fn('hmac_update')(put(message), message.length);
        fn('hmac_finish')(out);
        return take(out, 32);
      }),
    hkdf: (ikm, salt, info, bytes) =>
      call(() => {
        const prk = reserve(32);
        const out = reserve(bytes);
        fn('hkdf_extract')(put(salt), salt.length, put(ikm), ikm.length, prk);
        fn('hkdf_expand')(prk, put(info), info.length, out, bytes);
        return take(out, bytes);
      }),
    publicKey: (seed) =>
      call(() => {
        const out = reserve(32);
        fn('ed25519_public_key')(put(seed), out);
        return take(out, 32);
      }),
    sign: (seed, publicKey, message) =>
      call(() => {
        const out = reserve(64);
        const p = put(message);
        const head = message.length >> 1;
        fn('ed25519_sign')(put(seed), put(publicKey), p, head, p + head, message.length - head, out);
        return take(out, 64);
      }),
    verify: (publicKey, message, signature) =>
      call(() => {
        const p = put(message);
        const head = message.length >> 1;
        return (
          fn('ed25519_verify')(put(publicKey), p, head, p + head, message.length - head, put(signature)) === 1
        );
      }),
    keyIsSound: (publicKey) => call(() => fn('ed25519_key_is_sound')(put(publicKey)) === 1),
    x25519: (secret, peer) =>
      call(() => {
        const out = reserve(32);
        const sound = fn('x25519')(put(secret), put(peer), out) === 1;
        return { shared: take(out, 32), sound };
      }),
    x25519PublicKey: (secret) =>
      call(() => {
        const out = reserve(32);
        fn('x25519_public_key')(put(secret), out);
        return take(out, 32);
      }),
    seal: (key, nonce, aad, plaintext) =>
      call(() => {
        const out = reserve(plaintext.length + 16);
        fn('aead_seal')(put(key), put(nonce), put(aad), aad.length, put(plaintext), plaintext.length, out);
        return take(out, plaintext.length + 16);
      }),
    open: (key, nonce, aad, sealed) =>
      call(() => {
        const out = reserve(sealed.length + 16);
        const sound =
          fn('aead_open')(put(key), put(nonce), put(aad), aad.length, put(sealed), sealed.length, out) === 1;
        return sound ? take(out, sealed.length - 16) : null;
      }),
    hpkeSecret: (ikm) =>
      call(() => {
        const out = reserve(32);
        fn('hpke_derive_secret')(put(ikm), ikm.length, out);
        return take(out, 32);
      }),
    hpkeSeal: (recipient, ikm, info, aad, plaintext) =>
      call(() => {
        const bytes = plaintext.length + 48;
        const out = reserve(bytes);
        const sound = fn('hpke_seal')(
          ...[put(recipient), put(ikm), ikm.length, put(info), info.length, put(aad), aad.length],
          ...[put(plaintext), plaintext.length, out],
        );
        return sound === 1 ? take(out, bytes) : null;
      }),
    crc32: (bytes) => call(() => fn('crc32')(put(bytes), bytes.length) >>> 0),
    cobsEncode: (bytes) =>
      call(() => {
        const out = reserve(bytes.length + Math.ceil(bytes.length / 254) + 2);
        return take(out, fn('cobs_encode')(put(bytes), bytes.length, out));
      }),
    cobsDecode: (bytes) =>
      call(() => {
        const p = put(bytes);
        const n = fn('cobs_decode_in_place')(p, bytes.length);
        return n < 0 ? null : take(p, n);
      }),
    cborCheck: (bytes) => call(() => fn('cbor_check')(put(bytes), bytes.length)),
    cborWrite: (limit, write) =>
      call(() => {
        const out = reserve(limit);
        fn('writer_open')(out, limit);
        write((name, ...args) => (exports[name] as (...words: (number | bigint)[]) => void)(...args), put);
        return take(out, fn('writer_bytes')());
      }),
    scratch: () => take(global('SCRATCH'), global('SCRATCH_BYTES')),
  };
}
