/** One small JSON value on disk, written in place in one write: a killed bench leaves the old one or the new one. */
import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32, fromUtf8, utf8 } from '@sandoq/protocol';

const FILE_BYTES = 1024;
const HEAD_BYTES = 8;

export interface FactFile {
  /** undefined where nothing was written yet. @throws where the file is damaged. */
  read(): unknown;
  /** What stands there already is not written again. */
  write(value: unknown): void;
  close(): void;
}

export function openFactFile(path: string): FactFile {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'a', 0o600));
  const handle = openSync(path, 'r+');
  const buffer = new Uint8Array(FILE_BYTES);
  const head = new DataView(buffer.buffer);
  let written = '';
  /** from there on the file is zeros */
  let writtenTo = FILE_BYTES;
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
      const words = JSON.stringify(value);
      if (words === written) return;
      const text = utf8(words);
      const end = HEAD_BYTES + text.length;
      if (end > FILE_BYTES) throw new RangeError('facts above their file');
      head.setUint32(0, text.length, true);
      head.setUint32(4, crc32(text), true);
      buffer.set(text, HEAD_BYTES);
      const length = Math.max(end, writtenTo);
      buffer.fill(0, end, length);
      writeSync(handle, buffer, 0, length, 0);
      writtenTo = end;
      written = words;
    },
    close: () => closeSync(handle),
  };
}
