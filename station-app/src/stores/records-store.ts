/**
 * A store with no memory. Its bytes are a function of the set of records, the slots drawn for them and the number of
 * transactions (SQLite's header, bytes 24–27 and 92–95): no row order, no free page, no journal left, no time.
 *
 * All slots are allocated when the package is loaded, one fixed-size row each; a record is an UPDATE of a uniformly
 * random free row, all of a vote's in one transaction. The ballot in hand stands in a file beside it (`-pending`), zeroed
 * when its fate is known; a crash between storing and zeroing is seen at the next opening, where the ballot is found
 * among the records. Nonces and plaintext are never here.
 *
 * Threat model: whoever takes one copy of the file learns the set and nothing of its order. Whoever takes two copies
 * learns which sealed records came in between. The drive's own remapping of blocks is outside our reach.
 */
import {
  type Bytes,
  CONTESTS_MAX,
  type Crypto,
  DIGEST_BYTES,
  equalBytes,
  SEALED_BYTES_MAX,
  SESSION_ID_BYTES,
  SIGNATURE_BYTES,
  setRoot,
  VOTES_MAX,
} from '@sandoq/protocol';
import { openDatabase, type SqliteDatabase, shareDatabase } from './database.ts';
import { createPendingFile, foundAmong, openPendingFile, type PendingFile } from './pending-file.ts';
import { createSlotMap, type SlotMap, type UniformBelow } from './slot-map.ts';

export const SLOTS_MAX = VOTES_MAX * CONTESTS_MAX;
const FREE = 0;
const TAKEN = 1;
/** 1 kept the pending ballot in a table of its own */
const LAYOUT_VERSION = 2;
const LAYOUT_ROW = 1;

export interface RecordsLayout {
  readonly packageDigest: Bytes;
  /** contests of the election: records a vote */
  readonly contests: number;
  readonly sealedBytes: number;
  /** in votes */
  readonly votesMax: number;
}

export interface StoredRecord {
  readonly sealed: Bytes;
  readonly signature: Bytes;
}

export interface RecordsStore {
  readonly layout: RecordsLayout;
  /** of the opening that these records belong to; all zero before it */
  sessionId(): Bytes;
  /** @throws where a record is stored or pending: a session cannot change under votes. */
  beginSession(sessionId: Bytes): void;
  /** stored records, derived from the rows at start and kept in step */
  count(): number;
  /** sealed records of the ballot in hand, in contest order */
  pending(): readonly Bytes[] | undefined;
  /** Durable when it returns. @throws where another ballot is pending or no room is left for it. */
  writePending(sealed: readonly Bytes[]): void;
  /** Every pending record into a random free slot with its signature, in one transaction; then nothing is pending. */
  storePending(signatures: readonly Bytes[]): void;
  /** The ballot was rejected, retained, or never reached the box. */
  clearPending(): void;
  /** in slot order, which tells nothing */
  records(): readonly StoredRecord[];
  setRoot(): Bytes;
  /** After the close, when nothing is written any more: the recount's process may read the file. */
  share(): void;
  close(): void;
}

function layoutBlob(layout: RecordsLayout, sessionId: Bytes): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(LAYOUT_VERSION, 0);
  head.writeUInt8(layout.contests, 1);
  head.writeUInt16BE(layout.sealedBytes, 2);
  head.writeUInt32BE(layout.votesMax, 4);
  return Buffer.concat([head, layout.packageDigest, sessionId]);
}

function readLayout(blob: Buffer): { layout: RecordsLayout; sessionId: Bytes } {
  if (blob.length !== 8 + DIGEST_BYTES + SESSION_ID_BYTES || blob[0] !== LAYOUT_VERSION)
    throw new Error(
      'records store: written by another version of this program; keep the folder and begin with a new one (npm start -- --fresh)',
    );
  return {
    layout: {
      contests: blob.readUInt8(1),
      sealedBytes: blob.readUInt16BE(2),
      votesMax: blob.readUInt32BE(4),
      packageDigest: new Uint8Array(blob.subarray(8, 8 + DIGEST_BYTES)),
    },
    sessionId: new Uint8Array(blob.subarray(8 + DIGEST_BYTES)),
  };
}

const sameLayout = (a: RecordsLayout, b: RecordsLayout): boolean =>
  a.contests === b.contests &&
  a.sealedBytes === b.sealedBytes &&
  a.votesMax === b.votesMax &&
  equalBytes(a.packageDigest, b.packageDigest);

const slotBytes = (layout: RecordsLayout): number => 1 + layout.sealedBytes + SIGNATURE_BYTES;

function demandBounds(layout: RecordsLayout): void {
  const inBounds =
    layout.contests >= 1 &&
    layout.contests <= CONTESTS_MAX &&
    layout.votesMax >= 1 &&
    layout.votesMax <= VOTES_MAX &&
    layout.sealedBytes >= 1 &&
    layout.sealedBytes <= SEALED_BYTES_MAX;
  if (!inBounds) throw new RangeError('records store: layout outside its bounds');
}

function allocate(database: SqliteDatabase, layout: RecordsLayout): void {
  database.transaction(() => {
    database.exec(
      'CREATE TABLE layout (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;' +
        'CREATE TABLE slot (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;',
    );
    database
      .prepare('INSERT INTO layout VALUES (?, ?)')
      .run(LAYOUT_ROW, layoutBlob(layout, new Uint8Array(SESSION_ID_BYTES)));
    const insert = database.prepare('INSERT INTO slot VALUES (?, zeroblob(?))');
    for (let slot = 0; slot < layout.votesMax * layout.contests; slot++) insert.run(slot, slotBytes(layout));
  })();
}

const pendingPathOf = (path: string): string => `${path}-pending`;

const isAllocated = (database: SqliteDatabase): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'slot'").get() !== undefined;

/**
 * Opens the store of this package, allocating it on first use.
 * @throws where the file belongs to another package: it is moved aside by an officer's order, never overwritten.
 */
export function openRecordsStore(
  path: string,
  layout: RecordsLayout,
  ports: { readonly crypto: Pick<Crypto, 'sha256'>; readonly uniformBelow: UniformBelow },
): RecordsStore {
  demandBounds(layout);
  const database = openDatabase(path, 'forgetful');
  if (!isAllocated(database)) {
    createPendingFile(pendingPathOf(path), layout.contests, layout.sealedBytes);
    allocate(database, layout);
  }
  const { body } = database.prepare('SELECT body FROM layout').get() as { body: Buffer };
  const found = readLayout(body);
  if (!sameLayout(found.layout, layout)) {
    database.close();
    throw new Error('records store: the file belongs to another package');
  }
  const pending = openPendingFile(pendingPathOf(path), layout.contests, layout.sealedBytes);
  return new SqliteRecordsStore(database, pending, found.layout, found.sessionId, ports);
}

class SqliteRecordsStore implements RecordsStore {
  readonly layout: RecordsLayout;
  readonly #database: SqliteDatabase;
  readonly #crypto: Pick<Crypto, 'sha256'>;
  readonly #slots: SlotMap;
  readonly #updateSlot;
  readonly #store;
  #sessionId: Bytes;
  readonly #pendingFile: PendingFile;
  #pending: readonly Bytes[] | undefined;

  constructor(
    database: SqliteDatabase,
    pendingFile: PendingFile,
    layout: RecordsLayout,
    sessionId: Bytes,
    ports: { readonly crypto: Pick<Crypto, 'sha256'>; readonly uniformBelow: UniformBelow },
  ) {
    this.#database = database;
    this.layout = layout;
    this.#sessionId = sessionId;
    this.#crypto = ports.crypto;
    this.#slots = createSlotMap(layout.votesMax * layout.contests, ports.uniformBelow);
    this.#updateSlot = database.prepare('UPDATE slot SET body = ? WHERE number = ?');
    this.#pendingFile = pendingFile;
    for (const row of database.prepare('SELECT number, body FROM slot').iterate() as Iterable<{
      number: number;
      body: Buffer;
    }>) {
      if (row.body.length !== slotBytes(layout)) throw new Error('records store: a slot of the wrong size');
      if (row.body[0] === TAKEN) this.#slots.take(row.number);
      else if (row.body[0] !== FREE) throw new Error('records store: a slot in no known state');
    }
    this.#pending = this.#foundPending();
    this.#store = database.transaction(
      (slots: readonly number[], sealed: readonly Bytes[], signatures: readonly Bytes[]) => {
        sealed.forEach((record, i) => {
          const row = Buffer.concat([Uint8Array.of(TAKEN), record, signatures[i] as Bytes]);
          if (this.#updateSlot.run(row, slots[i]).changes !== 1)
            throw new Error('records store: no such slot');
        });
      },
    );
  }

  sessionId(): Bytes {
    return this.#sessionId;
  }

  beginSession(sessionId: Bytes): void {
    if (this.count() > 0 || this.#pending !== undefined) throw new Error('records store: not empty');
    this.#database
      .prepare('UPDATE layout SET body = ? WHERE number = 1')
      .run(layoutBlob(this.layout, sessionId));
    this.#sessionId = sessionId;
  }

  count(): number {
    return this.#slots.taken();
  }

  pending(): readonly Bytes[] | undefined {
    return this.#pending;
  }

  writePending(sealed: readonly Bytes[]): void {
    if (this.#pending !== undefined) throw new Error('records store: another ballot is pending');
    const fits =
      sealed.length === this.layout.contests &&
      sealed.every((record) => record.length === this.layout.sealedBytes);
    if (!fits) throw new RangeError('records store: a ballot of the wrong size');
    if (this.#slots.free() < sealed.length) throw new RangeError('records store: full');
    this.#pendingFile.write(sealed);
    this.#pending = sealed;
  }

  storePending(signatures: readonly Bytes[]): void {
    const sealed = this.#pending;
    if (sealed === undefined) throw new Error('records store: nothing is pending');
    if (
      signatures.length !== sealed.length ||
      signatures.some((signature) => signature.length !== SIGNATURE_BYTES)
    )
      throw new RangeError('records store: one signature of 64 bytes for each record');
    const slots = this.#slots.draw(sealed.length);
    this.#store(slots, sealed, signatures);
    for (const slot of slots) this.#slots.take(slot);
    this.#pending = undefined;
    this.#zeroPending();
  }

  /** The vote is stored: where the disk takes no zeros now, the next ballot or the next opening writes over it. */
  #zeroPending(): void {
    try {
      this.#pendingFile.clear();
    } catch {
      return;
    }
  }

  clearPending(): void {
    if (this.#pending === undefined) return;
    this.#pendingFile.clearDurably();
    this.#pending = undefined;
  }

  records(): readonly StoredRecord[] {
    const { sealedBytes } = this.layout;
    const out: StoredRecord[] = [];
    for (const row of this.#database.prepare('SELECT body FROM slot ORDER BY number').iterate() as Iterable<{
      body: Buffer;
    }>) {
      if (row.body[0] !== TAKEN) continue;
      out.push({
        sealed: new Uint8Array(row.body.subarray(1, 1 + sealedBytes)),
        signature: new Uint8Array(row.body.subarray(1 + sealedBytes)),
      });
    }
    return out;
  }

  setRoot(): Bytes {
    return setRoot(
      this.#crypto,
      this.records().map((record) => record.sealed),
    );
  }

  share(): void {
    shareDatabase(this.#database);
  }

  close(): void {
    this.#pendingFile.close();
    this.#database.close();
  }

  /** What a crash left. A ballot that is stored already had only its zeroing before it. */
  #foundPending(): readonly Bytes[] | undefined {
    const ballot = this.#pendingFile.read();
    if (ballot === undefined) return undefined;
    const stored = this.records().map(({ sealed }) => sealed);
    const found = foundAmong(ballot, stored);
    if (found === 'some') throw new Error('records store: half a ballot is stored');
    if (found === 'none') return ballot;
    this.#pendingFile.clearDurably();
    return undefined;
  }
}
