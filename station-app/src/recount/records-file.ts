/**
 * Reads sealed records for the recount with code of its own: from the station's store by plain SQLite, or from a file of
 * records that were read out of the box. It trusts neither: what it finds must be the set that the box committed to.
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const TAKEN = 1;
const SIGNATURE_BYTES = 64;
export const RECORDS_FILE_BYTES_MAX = 32 * 1024 * 1024;

/** @throws where the file is not a store of records of this size */
export function readStore(path: string, sealedBytes: number): Buffer[] {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const rows = database.prepare('SELECT body FROM slot').all() as { body: Buffer }[];
    return rows.flatMap(({ body }) => {
      if (body.length !== 1 + sealedBytes + SIGNATURE_BYTES) throw new Error('a slot of the wrong size');
      return body[0] === TAKEN ? [body.subarray(1, 1 + sealedBytes)] : [];
    });
  } finally {
    database.close();
  }
}

/** @throws where the file is not whole records of this size */
export function readRecords(path: string, sealedBytes: number): Buffer[] {
  const bytes = readFileSync(path);
  if (bytes.length > RECORDS_FILE_BYTES_MAX || bytes.length % sealedBytes !== 0)
    throw new Error('not a file of whole records');
  return Array.from({ length: bytes.length / sealedBytes }, (_, i) =>
    bytes.subarray(i * sealedBytes, (i + 1) * sealedBytes),
  );
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

/** RFC 9162 section 2.1.1, by its definition: split at the largest power of two below the number of leaves. */
function merkle(leaves: readonly Buffer[], from: number, to: number): Buffer {
  const count = to - from;
  if (count === 0) return sha256();
  if (count === 1) return sha256(Buffer.from([0]), leaves[from] as Buffer);
  let split = 1;
  while (split * 2 < count) split *= 2;
  return sha256(Buffer.from([1]), merkle(leaves, from, from + split), merkle(leaves, from + split, to));
}

/** The root over records in order of their names, the first 16 bytes of their digests. */
export function rootOf(records: readonly Buffer[]): Buffer {
  const named = records.map((record) => ({ record, name: sha256(record).subarray(0, 16) }));
  named.sort((a, b) => Buffer.compare(a.name, b.name));
  const leaves = named.map(({ record }) => record);
  return merkle(leaves, 0, leaves.length);
}
