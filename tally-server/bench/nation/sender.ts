/** Many stations at one door: plain HTTP/1.1 over a few sockets, so that the sender costs little beside the server. */
import { connect, type Socket } from 'node:net';

export interface Sent {
  readonly created: number;
  /** statuses other than 201, counted */
  readonly others: ReadonlyMap<number, number>;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** One socket: so many requests ahead as `depth`, answers counted in order. */
class Line {
  readonly #socket: Socket;
  readonly #next: () => Uint8Array | undefined;
  readonly #answered: (status: number) => void;
  readonly #head: (length: number) => string;
  #held: Buffer = Buffer.alloc(0);
  #open = 0;
  #finished = false;
  readonly done: Promise<void>;

  constructor(
    url: URL,
    depth: number,
    next: () => Uint8Array | undefined,
    answered: (status: number) => void,
  ) {
    this.#next = next;
    this.#answered = answered;
    this.#head = (length) =>
      `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\n`;
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
      bytes = bytes.subarray(end + HEAD_END.length + length);
      this.#open--;
      this.#answered(Number(head.slice(9, 12)));
      this.#send();
    }
    this.#held = bytes;
  }
}

export async function sendAll(
  url: URL,
  bundles: Iterator<Uint8Array>,
  { lines, depth }: { readonly lines: number; readonly depth: number },
): Promise<Sent> {
  let created = 0;
  const others = new Map<number, number>();
  const next = (): Uint8Array | undefined => {
    const one = bundles.next();
    return one.done === true ? undefined : one.value;
  };
  const answered = (status: number): void => {
    if (status === 201) created++;
    else others.set(status, (others.get(status) ?? 0) + 1);
    if (created % 10_000 === 0 && status === 201) process.stderr.write(`  ${created} taken in\n`);
  };
  await Promise.all(Array.from({ length: lines }, () => new Line(url, depth, next, answered).done));
  return { created, others };
}
