/** One small JSON value on disk, written in place in one write: a killed bench leaves the old one or the new one. */
import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32, fromUtf8, utf8 } from '@sandoq/protocol';

const FILE_BYTES = 1024;
const HEAD_BYTES = 8;

export interface FactFile {
  /** undefined where nothing was written yet. @throws where the file is damaged. */
  read(): unknown;
  write(value: unknown): void;
  close(): void;
}

export function openFactFile(path: string): FactFile {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'a', 0o600));
  const handle = openSync(path, 'r+');
  return {
    read() {
      const bytes = new Uint8Array(FILE_BYTES);
      if (readSync(handle, bytes, 0, FILE_BYTES, 0) < HEAD_BYTES) return undefined;
      const view = new DataView(bytes.buffer);
      const text = bytes.subarray(HEAD_BYTES, HEAD_BYTES + view.getUint32(0, true));
      if (crc32(text) !== view.getUint32(4, true)) throw new Error(`${path} is damaged`);
      return JSON.parse(fromUtf8(text) ?? '');
    },
    write(value) {
      const text = utf8(JSON.stringify(value));
      if (text.length > FILE_BYTES - HEAD_BYTES) throw new RangeError('facts above their file');
      const bytes = new Uint8Array(FILE_BYTES);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, text.length, true);
      view.setUint32(4, crc32(text), true);
      bytes.set(text, HEAD_BYTES);
      writeSync(handle, bytes, 0, FILE_BYTES, 0);
    },
    close: () => closeSync(handle),
  };
}
