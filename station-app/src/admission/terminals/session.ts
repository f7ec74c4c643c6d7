/**
 * One link between two terminals: each proves its device key over both sides' fresh keys, then everything is sealed
 * (X25519, ChaCha20-Poly1305, a counter for each direction). Who cannot prove an enrolled key of this station, or speaks
 * of another package, is dropped before anything is told to it. Over any byte link that looks like a socket.
 */
import {
  AEAD_NONCE_BYTES,
  admissionSubject,
  type Bytes,
  type Crypto,
  concatBytes,
  equalBytes,
  type KeyDirectory,
  PUBLIC_KEY_BYTES,
  type RandomBytes,
  SECRET_KEY_BYTES,
  SIGNATURE_BYTES,
  TERMINALS_MAX,
  utf8,
} from '@sandoq/protocol';
import { decodeMessage, encodeMessage, MESSAGE_BYTES_MAX, type Message } from './messages.ts';

const MAGIC = utf8('SNDQTRM1');
const DIGEST_BYTES = 32;
const HELLO_BYTES = MAGIC.length + 1 + DIGEST_BYTES + PUBLIC_KEY_BYTES;
const LENGTH_BYTES = 4;
const FRAME_BYTES_MAX = MESSAGE_BYTES_MAX + 16;
/** A peer that does not read is cut off rather than buffered for ever. */
export const UNSENT_BYTES_MAX = 4 * 1024 * 1024;

export interface ByteLink {
  write(bytes: Uint8Array): void;
  /** bytes written and not yet gone */
  unsentBytes(): number;
  end(): void;
}

export interface SessionOptions {
  readonly crypto: Crypto;
  readonly random: RandomBytes;
  readonly station: string;
  readonly here: number;
  readonly packageDigest: Bytes;
  readonly secretKey: Bytes;
  readonly directory: KeyDirectory;
  readonly atSeconds: () => number;
  /** which side called: the two must differ, and sign as such */
  readonly isDialer: boolean;
  readonly link: ByteLink;
  /** the other has proved which terminal it is; false: it is not wanted */
  readonly onProved: (terminal: number) => boolean;
  readonly onMessage: (message: Message) => void;
}

interface Hello {
  readonly terminal: number;
  readonly bytes: Bytes;
  readonly key: Bytes;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #ephemeral: Bytes;
  readonly #hello: Bytes;
  #buffer = Buffer.alloc(0);
  #theirs: Hello | undefined;
  #proved = false;
  #ended = false;
  #sendKey: Bytes = new Uint8Array(0);
  #receiveKey: Bytes = new Uint8Array(0);
  #sent = 0;
  #received = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { crypto, random, here, packageDigest, link } = options;
    this.#ephemeral = random(SECRET_KEY_BYTES);
    this.#hello = concatBytes(
      MAGIC,
      Uint8Array.of(here),
      packageDigest,
      crypto.agreementPublicKey(this.#ephemeral),
    );
    link.write(frame(this.#hello));
  }

  /** Only after `onProved`. */
  send(message: Message): void {
    if (this.#ended || !this.#proved) return;
    const { link } = this.#options;
    if (link.unsentBytes() > UNSENT_BYTES_MAX) {
      this.end();
      return;
    }
    link.write(frame(this.#seal(encodeMessage(message))));
  }

  /** Bytes as they come, in any pieces. */
  push(bytes: Uint8Array): void {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    while (!this.#ended && this.#buffer.length >= LENGTH_BYTES) {
      const length = this.#buffer.readUInt32BE(0);
      if (length > FRAME_BYTES_MAX) {
        this.end();
        return;
      }
      if (this.#buffer.length < LENGTH_BYTES + length) return;
      const payload = new Uint8Array(this.#buffer.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      this.#buffer = this.#buffer.subarray(LENGTH_BYTES + length);
      this.#take(payload);
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#ephemeral.fill(0);
    this.#options.link.end();
  }

  #take(payload: Bytes): void {
    if (this.#theirs === undefined) {
      this.#takeHello(payload);
      return;
    }
    const opened = this.#open(payload);
    if (opened === undefined) {
      this.end();
      return;
    }
    if (!this.#proved) {
      this.#takeProof(opened);
      return;
    }
    const message = decodeMessage(opened);
    if (message === undefined) {
      this.end();
      return;
    }
    this.#options.onMessage(message);
  }

  #takeHello(payload: Bytes): void {
    const { crypto, here, packageDigest, isDialer } = this.#options;
    const terminal = payload[MAGIC.length] ?? 0;
    const isWanted =
      payload.length === HELLO_BYTES &&
      equalBytes(payload.subarray(0, MAGIC.length), MAGIC) &&
      equalBytes(payload.subarray(MAGIC.length + 1, MAGIC.length + 1 + DIGEST_BYTES), packageDigest) &&
      terminal >= 1 &&
      terminal <= TERMINALS_MAX &&
      // The higher number calls the lower: two sides never call each other at once.
      (isDialer ? terminal < here : terminal > here);
    if (!isWanted) {
      this.end();
      return;
    }
    const key = payload.slice(HELLO_BYTES - PUBLIC_KEY_BYTES);
    const shared = crypto.agree(this.#ephemeral, key);
    if (shared === undefined) {
      this.end();
      return;
    }
    this.#theirs = { terminal, bytes: payload, key };
    const transcript = this.#transcript();
    const directed = (from: 'dialer' | 'listener'): Bytes =>
      crypto.hmacSha256(shared, concatBytes(utf8(`sandoq/terminals/1/key/${from}`), transcript));
    this.#sendKey = directed(isDialer ? 'dialer' : 'listener');
    this.#receiveKey = directed(isDialer ? 'listener' : 'dialer');
    shared.fill(0);
    const proof = crypto.sign(this.#options.secretKey, this.#signed(isDialer));
    this.#options.link.write(frame(this.#seal(proof)));
  }

  #takeProof(signature: Bytes): void {
    const { crypto, directory, station, atSeconds, isDialer, onProved } = this.#options;
    const terminal = this.#theirs?.terminal as number;
    const key = directory.lookup(admissionSubject(station, terminal), 'admission', atSeconds());
    const holds =
      key.ok &&
      signature.length === SIGNATURE_BYTES &&
      crypto.verify(key.value, this.#signed(!isDialer), signature);
    if (!holds) {
      this.end();
      return;
    }
    this.#proved = true;
    if (!onProved(terminal)) this.end();
  }

  #transcript(): Bytes {
    const { crypto, isDialer } = this.#options;
    const theirs = this.#theirs?.bytes as Bytes;
    return crypto.sha256(isDialer ? concatBytes(this.#hello, theirs) : concatBytes(theirs, this.#hello));
  }

  #signed(byDialer: boolean): Bytes {
    return concatBytes(
      utf8(`sandoq/terminals/1/proof/${byDialer ? 'dialer' : 'listener'}/${this.#options.station}/`),
      this.#transcript(),
    );
  }

  #seal(plain: Bytes): Bytes {
    return this.#options.crypto.aeadSeal(this.#sendKey, nonceOf(this.#sent++), new Uint8Array(0), plain);
  }

  #open(sealed: Bytes): Bytes | undefined {
    return this.#options.crypto.aeadOpen(
      this.#receiveKey,
      nonceOf(this.#received++),
      new Uint8Array(0),
      sealed,
    );
  }
}

function frame(payload: Bytes): Uint8Array {
  const bytes = Buffer.alloc(LENGTH_BYTES + payload.length);
  bytes.writeUInt32BE(payload.length, 0);
  bytes.set(payload, LENGTH_BYTES);
  return bytes;
}

/** Never twice under one key: 2^48 messages are more than any day. */
function nonceOf(counter: number): Bytes {
  const nonce = Buffer.alloc(AEAD_NONCE_BYTES);
  nonce.writeUIntBE(counter, AEAD_NONCE_BYTES - 6, 6);
  return new Uint8Array(nonce);
}
