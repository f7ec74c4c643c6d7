/** Collectors at one door: plain HTTP/1.1 over a few sockets, so that the sender costs little beside the server. */
import { connect, type Socket } from 'node:net';

export interface Sent {
  readonly created: number;
  /** statuses other than 201, counted */
  readonly others: ReadonlyMap<number, number>;
}

const OK = 200;
const CREATED = 201;
const SAID_EVERY = 10_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** A CBOR head at `at`: its argument, and where the item's content begins. */
function headAt(bytes: Uint8Array, at: number): { readonly argument: number; readonly next: number } {
  const info = (bytes[at] as number) & 31;
  if (info < 24) return { argument: info, next: at + 1 };
  const width = 1 << (info - 24);
  let argument = 0;
  for (let i = 1; i <= width; i++) argument = argument * 256 + (bytes[at + i] as number);
  return { argument, next: at + 1 + width };
}

/** The status of each slip in the answer to a batch. */
function* statusesIn(body: Uint8Array): Generator<number> {
  for (let at = 0; at < body.length; ) {
    const items = (body[at++] as number) & 31;
    const status = headAt(body, at);
    yield status.argument;
    at = status.next;
    for (let i = 1; i < items; i++) {
      const text = headAt(body, at);
      at = text.next + text.argument;
    }
  }
}

/** The longest head of a byte string that is used here. */
const HEAD_BYTES_MAX = 5;

/** Bundles as one body: each a CBOR byte string. */
export function batchOf(bundles: readonly Uint8Array[]): Uint8Array {
  const bytesMax = bundles.reduce((sum, { length }) => sum + HEAD_BYTES_MAX + length, 0);
  const body = Buffer.allocUnsafeSlow(bytesMax);
  let at = 0;
  for (const bundle of bundles) {
    const { length } = bundle;
    const isShort = length < 65_536;
    body[at++] = isShort ? 0x59 : 0x5a;
    at = isShort ? body.writeUInt16BE(length, at) : body.writeUInt32BE(length, at);
    body.set(bundle, at);
    at += length;
  }
  return body.subarray(0, at);
}

/** All bundles as bodies of so many each: a collector has them ready before it rings. */
export function batchesOf(bundles: Iterable<Uint8Array>, bundlesEach: number): readonly Uint8Array[] {
  const bodies: Uint8Array[] = [];
  let some: Uint8Array[] = [];
  for (const bundle of bundles) {
    some.push(bundle);
    if (some.length < bundlesEach) continue;
    bodies.push(batchOf(some));
    some = [];
  }
  if (some.length > 0) bodies.push(batchOf(some));
  return bodies;
}

/** One socket: so many requests ahead as `depth`, answers counted in order. */
class Line {
  readonly #socket: Socket;
  readonly #next: () => Uint8Array | undefined;
  readonly #answered: (status: number, body: Uint8Array) => void;
  readonly #head: (length: number) => string;
  #held: Buffer = Buffer.alloc(0);
  #open = 0;
  #finished = false;
  readonly done: Promise<void>;

  constructor(
    url: URL,
    depth: number,
    next: () => Uint8Array | undefined,
    answered: (status: number, body: Uint8Array) => void,
  ) {
    this.#next = next;
    this.#answered = answered;
    this.#head = (length) =>
      `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/cbor-seq\r\nContent-Length: ${length}\r\n\r\n`;
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#socket.on('connect', () => {
      for (let i = 0; i < depth; i++) this.#send();
      if (this.#open === 0) this.#socket.end();
    });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', reject);
    this.#socket.on('close', () => (this.#open === 0 ? resolve() : reject(new Error('the line broke'))));
  }

  #send(): void {
    const body = this.#finished ? undefined : this.#next();
    if (body === undefined) {
      this.#finished = true;
      if (this.#open === 0) this.#socket.end();
      return;
    }
    this.#open++;
    this.#socket.cork();
    this.#socket.write(this.#head(body.length));
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #read(chunk: Buffer): void {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (;;) {
      const end = bytes.indexOf(HEAD_END);
      if (end < 0) break;
      const head = bytes.toString('latin1', 0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (bytes.length < end + HEAD_END.length + length) break;
      const from = end + HEAD_END.length;
      const body = bytes.subarray(from, from + length);
      bytes = bytes.subarray(from + length);
      this.#open--;
      this.#answered(Number(head.slice(9, 12)), body);
      this.#send();
    }
    this.#held = bytes;
  }
}

export interface Sending {
  readonly lines: number;
  /** requests ahead on each line */
  readonly depth: number;
}

export async function sendAll(
  url: URL,
  bodies: readonly Uint8Array[],
  { lines, depth }: Sending,
): Promise<Sent> {
  let created = 0;
  const others = new Map<number, number>();
  let sent = 0;
  const next = (): Uint8Array | undefined => bodies[sent++];
  let said = 0;
  const answered = (status: number, body: Uint8Array): void => {
    if (status !== OK) others.set(status, (others.get(status) ?? 0) + 1);
    else
      for (const one of statusesIn(body)) {
        if (one === CREATED) created++;
        else others.set(one, (others.get(one) ?? 0) + 1);
      }
    for (; created >= said + SAID_EVERY; said += SAID_EVERY)
      process.stderr.write(`  ${said + SAID_EVERY} taken in\n`);
  };
  await Promise.all(Array.from({ length: lines }, () => new Line(url, depth, next, answered).done));
  return { created, others };
}
