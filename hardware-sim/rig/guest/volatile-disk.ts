/**
 * A disk with a write cache of its own that a power cut empties: what was written and not flushed may be there, or not, sector by
 * sector and in any order. A network block device (NBD, "fixed newstyle", doc/proto.md) on a unix socket, for an emulator to open.
 */
import { createServer, type Server, type Socket } from 'node:net';

const SECTOR_BYTES = 512;
const IHAVEOPT = Buffer.from('IHAVEOPT');
const OPTION_REPLY_MAGIC = 0x3e889045565a9n;
const REQUEST_MAGIC = 0x25609513;
const REPLY_MAGIC = 0x67446698;
const REQUEST_BYTES = 28;
const OPTION_HEAD_BYTES = 16;
const OPTIONS = { abort: 2, info: 6, go: 7 } as const;
const REPLIES = { ack: 1, info: 3, unsupported: 2 ** 31 + 1 } as const;
const COMMANDS = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
/** HAS_FLAGS and SEND_FLUSH */
const TRANSMISSION_FLAGS = 1 | 4;
const EINVAL = 22;

export interface VolatileDisk {
  readonly socket: string;
  /** sectors written since the last flush */
  unflushed(): number;
  flushes(): number;
  /** @returns when so many more writes have come; the disk then stands still, in the middle of whatever it was asked for */
  afterWrites(count: number): Promise<void>;
  /** Power is lost. @param keeps whether a sector that was not flushed has reached the medium */
  cutPower(keeps: () => boolean): void;
  /** what is on the medium */
  image(): Buffer;
  close(): Promise<void>;
}

class Session {
  readonly #socket: Socket;
  readonly #disk: Disk;
  #received = Buffer.alloc(0);
  #step: 'flags' | 'options' | 'requests' = 'flags';

  constructor(socket: Socket, disk: Disk) {
    this.#socket = socket;
    this.#disk = disk;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      while (this.#next());
    });
    const hello = Buffer.concat([Buffer.from('NBDMAGIC'), IHAVEOPT, Buffer.alloc(2)]);
    hello.writeUInt16BE(3, 16); // fixed newstyle, no zeroes
    socket.write(hello);
  }

  #take(bytes: number): Buffer {
    const taken = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    return taken;
  }

  /** @returns whether something was done */
  #next(): boolean {
    if (this.#step === 'flags') {
      if (this.#received.length < 4) return false;
      this.#take(4);
      this.#step = 'options';
      return true;
    }
    return this.#step === 'options' ? this.#option() : this.#request();
  }

  #option(): boolean {
    if (this.#received.length < OPTION_HEAD_BYTES) return false;
    const option = this.#received.readUInt32BE(8);
    const length = this.#received.readUInt32BE(12);
    if (this.#received.length < OPTION_HEAD_BYTES + length) return false;
    this.#take(OPTION_HEAD_BYTES + length);
    if (option === OPTIONS.go || option === OPTIONS.info) {
      const info = Buffer.alloc(12); // NBD_INFO_EXPORT
      info.writeBigUInt64BE(BigInt(this.#disk.bytes), 2);
      info.writeUInt16BE(TRANSMISSION_FLAGS, 10);
      this.#answer(option, REPLIES.info, info);
      this.#answer(option, REPLIES.ack);
      if (option === OPTIONS.go) this.#step = 'requests';
    } else if (option === OPTIONS.abort) {
      this.#answer(option, REPLIES.ack);
      this.#socket.end();
    } else this.#answer(option, REPLIES.unsupported);
    return true;
  }

  #answer(option: number, type: number, data: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(20);
    head.writeBigUInt64BE(OPTION_REPLY_MAGIC, 0);
    head.writeUInt32BE(option, 8);
    head.writeUInt32BE(type, 12);
    head.writeUInt32BE(data.length, 16);
    this.#socket.write(Buffer.concat([head, data]));
  }

  #request(): boolean {
    if (this.#disk.still) return false;
    if (this.#received.length < REQUEST_BYTES) return false;
    if (this.#received.readUInt32BE(0) !== REQUEST_MAGIC) throw new Error('no NBD request');
    const type = this.#received.readUInt16BE(6);
    const handle = Buffer.from(this.#received.subarray(8, 16));
    const offset = Number(this.#received.readBigUInt64BE(16));
    const length = this.#received.readUInt32BE(24);
    const carried = type === COMMANDS.write ? length : 0;
    if (this.#received.length < REQUEST_BYTES + carried) return false;
    const data = Buffer.from(this.#take(REQUEST_BYTES + carried).subarray(REQUEST_BYTES));
    const reply = Buffer.alloc(16);
    reply.writeUInt32BE(REPLY_MAGIC, 0);
    handle.copy(reply, 8);
    if (type === COMMANDS.disconnect) this.#socket.end();
    else if (type === COMMANDS.read)
      this.#socket.write(Buffer.concat([reply, this.#disk.read(offset, length)]));
    else {
      if (type === COMMANDS.write) this.#disk.write(offset, data);
      else if (type === COMMANDS.flush) this.#disk.flush();
      else reply.writeUInt32BE(EINVAL, 4);
      this.#socket.write(reply);
    }
    return true;
  }
}

class Disk {
  readonly #medium: Buffer;
  /** newest content of sectors that were written and not flushed */
  readonly #cache = new Map<number, Buffer>();
  flushes = 0;
  #writesLeft = Number.POSITIVE_INFINITY;
  #onStill: () => void = () => undefined;

  readonly #keepsItsWord: boolean;

  constructor(image: Buffer, keepsItsWord: boolean) {
    this.#medium = Buffer.from(image);
    this.#keepsItsWord = keepsItsWord;
  }

  get bytes(): number {
    return this.#medium.length;
  }

  get unflushed(): number {
    return this.#cache.size;
  }

  read(offset: number, length: number): Buffer {
    const into = Buffer.from(this.#medium.subarray(offset, offset + length));
    for (let at = 0; at < length; at += SECTOR_BYTES)
      this.#cache.get((offset + at) / SECTOR_BYTES)?.copy(into, at);
    return into;
  }

  /** Answers nothing any more. */
  get still(): boolean {
    return this.#writesLeft <= 0;
  }

  stopAfter(writes: number): Promise<void> {
    this.#writesLeft = writes;
    return new Promise((resolve) => {
      this.#onStill = resolve;
    });
  }

  goOn(): void {
    this.#writesLeft = Number.POSITIVE_INFINITY;
  }

  write(offset: number, data: Buffer): void {
    this.#writesLeft--;
    if (this.still) this.#onStill();
    for (let at = 0; at < data.length; at += SECTOR_BYTES)
      this.#cache.set((offset + at) / SECTOR_BYTES, data.subarray(at, at + SECTOR_BYTES));
  }

  flush(): void {
    this.flushes++;
    if (this.#keepsItsWord) this.cut(() => true);
  }

  cut(keeps: () => boolean): void {
    for (const [sector, data] of this.#cache) if (keeps()) data.copy(this.#medium, sector * SECTOR_BYTES);
    this.#cache.clear();
  }

  image(): Buffer {
    return Buffer.from(this.#medium);
  }
}

/**
 * @param image whole sectors; the disk keeps a copy in memory
 * @param keepsItsWord false: a flush is answered and not done, which no store can survive
 */
export async function createVolatileDisk(
  image: Buffer,
  socket: string,
  keepsItsWord = true,
): Promise<VolatileDisk> {
  const disk = new Disk(image, keepsItsWord);
  const sessions = new Set<Socket>();
  const server: Server = createServer((connection) => {
    sessions.add(connection);
    connection.once('close', () => sessions.delete(connection));
    new Session(connection, disk);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    socket,
    unflushed: () => disk.unflushed,
    flushes: () => disk.flushes,
    cutPower(keeps) {
      for (const session of sessions) session.destroy();
      disk.cut(keeps);
      disk.goOn();
    },
    afterWrites: (count) => disk.stopAfter(count),
    image: () => disk.image(),
    close() {
      for (const session of sessions) session.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
