/**
 * The sealed records of the ballot in hand, in one small file of fixed size, written in place: durable by one sync of
 * data, where a transaction of the database takes four. At rest it is all zeros, so that it does not tell who came last.
 * Nonces and plaintext are never here.
 *
 * Zeroing is not waited for: the next ballot's sync carries it. After a power cut an old ballot may so reappear; whoever
 * opens the file compares it with what is stored before it is believed.
 */
import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Bytes, crc32, equalBytes } from '@sandoq/protocol';

const TAKEN = 1;
const CRC_BYTES = 4;

export interface PendingFile {
  /** The ballot that the file holds; undefined for zeros, and for one torn by a crash: its writing had not returned. */
  read(): readonly Bytes[] | undefined;
  /** Durable when it returns. */
  write(sealed: readonly Bytes[]): void;
  /** Zeros, which the disk may get later. */
  clear(): void;
  /** Zeros, durable when it returns. */
  clearDurably(): void;
  close(): void;
}

/** A new file and its name, durable before anything rests on it. */
function create(path: string, bytes: number): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  writeSync(file, new Uint8Array(bytes), 0, bytes, 0);
  fsyncSync(file);
  closeSync(file);
  const folder = openSync(dirname(path), constants.O_RDONLY);
  fsyncSync(folder);
  closeSync(folder);
}

class FixedFile implements PendingFile {
  readonly #file: number;
  readonly #contests: number;
  readonly #sealedBytes: number;
  readonly #bytes: number;

  constructor(path: string, contests: number, sealedBytes: number) {
    this.#contests = contests;
    this.#sealedBytes = sealedBytes;
    this.#bytes = 1 + contests * sealedBytes + CRC_BYTES;
    this.#file = openSync(path, constants.O_RDWR);
  }

  #put(bytes: Uint8Array): void {
    if (writeSync(this.#file, bytes, 0, bytes.length, 0) !== bytes.length)
      throw new Error('the pending ballot was not written whole');
  }

  read(): readonly Bytes[] | undefined {
    const found = Buffer.alloc(this.#bytes);
    if (readSync(this.#file, found, 0, this.#bytes, 0) !== this.#bytes) return undefined;
    const body = found.subarray(0, -CRC_BYTES);
    if (body[0] !== TAKEN || crc32(body) !== found.readUInt32BE(body.length)) return undefined;
    return Array.from(
      { length: this.#contests },
      (_, i) => new Uint8Array(body.subarray(1 + i * this.#sealedBytes, 1 + (i + 1) * this.#sealedBytes)),
    );
  }

  write(sealed: readonly Bytes[]): void {
    const body = Buffer.concat([Uint8Array.of(TAKEN), ...sealed]);
    const check = Buffer.alloc(CRC_BYTES);
    check.writeUInt32BE(crc32(body));
    this.#put(Buffer.concat([body, check]));
    fdatasyncSync(this.#file);
  }

  clear(): void {
    this.#put(new Uint8Array(this.#bytes));
  }

  clearDurably(): void {
    this.clear();
    fdatasyncSync(this.#file);
  }

  close(): void {
    fdatasyncSync(this.#file);
    closeSync(this.#file);
  }
}

/** Makes the file where it is not there. The database that it belongs to is allocated after it. */
export function createPendingFile(path: string, contests: number, sealedBytes: number): void {
  if (!existsSync(path)) create(path, 1 + contests * sealedBytes + CRC_BYTES);
}

/** @throws where the file is missing: what it held is not known. */
export function openPendingFile(path: string, contests: number, sealedBytes: number): PendingFile {
  return new FixedFile(path, contests, sealedBytes);
}

/** @returns whether every record of this ballot, some of them, or none is among those stored. */
export function foundAmong(ballot: readonly Bytes[], stored: Iterable<Bytes>): 'all' | 'some' | 'none' {
  const missing = [...ballot];
  for (const record of stored) {
    const at = missing.findIndex((one) => equalBytes(one, record));
    if (at >= 0) missing.splice(at, 1);
    if (missing.length === 0) return 'all';
  }
  return missing.length === ballot.length ? 'none' : 'some';
}
