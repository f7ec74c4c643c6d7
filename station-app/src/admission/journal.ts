/**
 * The journal of admissions: who has been admitted here, durable before a card is armed.
 *
 * Its bytes are a function of the set of admissions, the public counters and the number of transactions (SQLite's
 * header, bytes 24–27 and 92–95): all slots are allocated when the file is made, of one size; each admission stands
 * where `journal-layout.ts` puts it and is written in place. No row order, no free page, no time but the bucket, no
 * card's nonce.
 *
 * Threat model: one copy of the file tells who was admitted in which bucket with which document, and not in which
 * order. Two copies tell who was admitted in between. The drive's own remapping of blocks is outside our reach.
 */
import {
  type Bytes,
  type Crypto,
  equalBytes,
  JOURNAL_ID_BYTES,
  type RandomBytes,
  type records,
} from '@sandoq/protocol';
import type { NationalCode } from '@sandoq/protocol/persian';
import { openDatabase, type SqliteDatabase } from '../stores/database.ts';
import {
  type Admission,
  compareLines,
  decodeCell,
  EMPTY_CELL,
  encodeCell,
  type LineKey,
  lineKey,
} from './journal-cell.ts';
import { HOMES_PER_ADMISSION, insertPlaced, type Placed, slotsFor } from './journal-layout.ts';
import { type AdmissionLedger, ledgerOf } from './ledger.ts';

export const PHASES = ['set_up', 'open', 'doors_closed', 'closed'] as const;
export type Phase = (typeof PHASES)[number];

export interface StationState {
  readonly phase: Phase;
  readonly mode: records.Mode | null;
  /** cards left at the box and voided: whose they were is not known, and is not asked */
  readonly abandoned: number;
}

export interface JournalOptions {
  readonly path: string;
  readonly crypto: Pick<Crypto, 'hmacSha256'>;
  readonly random: RandomBytes;
  readonly packageDigest: Bytes;
  /** capacity in admissions of a new file: the station's votesMax; an old one keeps its own */
  readonly admissionsMax: number;
}

export interface Journal {
  station(): StationState;
  /** Durable when it returns, like every write here. */
  setStation(state: StationState): void;
  /** What stands of this person; where she was admitted more than once, the station's own line first. */
  find(nationalCode: NationalCode): Admission | undefined;
  /** The line that this one would replace. */
  lineOf(line: Pick<Admission, 'nationalCode' | 'terminal' | 'apart'>): Admission | undefined;
  /** New or changed. @returns false where the journal is full: nothing was written. */
  put(admission: Admission): boolean;
  /** From another device: what is later than ours, in one transaction. @returns those; undefined where there is no room */
  merge(admissions: readonly Admission[]): readonly Admission[] | undefined;
  /** Lines of people who stand in it already, in one transaction. */
  update(admissions: readonly Admission[]): void;
  /** names this file to the province: a new one is another's */
  id(): Bytes;
  /** what several terminals agree on, as `terminals/shared-state.ts` writes it; undefined: one terminal */
  shared(): Bytes | undefined;
  setShared(bytes: Bytes): void;
  /** in slot order, which tells nothing */
  admissions(): readonly Admission[];
  /** counted from the cells; counted anew only after a change */
  ledger(): AdmissionLedger;
  /** tarefe cards armed so far: the ledger's sum, kept in step for the log's line at each card */
  issued(): number;
  close(): void;
}

class JournalFull extends Error {}

interface Entry extends Placed {
  readonly key: LineKey;
  readonly admission: Admission;
}

const KEY_BYTES = 32;
const HEAD_BYTES = 12;
const VERSION = 1;
const MODES = [null, 'rehearsal', 'official'] as const;

interface Head {
  readonly admissionsMax: number;
  readonly packageDigest: Bytes;
  /** spreads the codes over the slots; made for this file */
  readonly key: Bytes;
  readonly station: StationState;
}

function encodeHead(head: Head): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8(PHASES.indexOf(head.station.phase), 1);
  bytes.writeUInt8(MODES.indexOf(head.station.mode), 2);
  bytes.writeUInt32BE(head.admissionsMax, 4);
  bytes.writeUInt32BE(head.station.abandoned, 8);
  return Buffer.concat([bytes, head.packageDigest, head.key]);
}

function decodeHead(bytes: Buffer): Head {
  const phase = PHASES[bytes[1] as number];
  const mode = MODES[bytes[2] as number];
  if (
    bytes[0] !== VERSION ||
    phase === undefined ||
    mode === undefined ||
    bytes.length <= HEAD_BYTES + KEY_BYTES
  )
    throw new Error('the journal of admissions has a head that is not of this version');
  return {
    admissionsMax: bytes.readUInt32BE(4),
    packageDigest: new Uint8Array(bytes.subarray(HEAD_BYTES, bytes.length - KEY_BYTES)),
    key: new Uint8Array(bytes.subarray(bytes.length - KEY_BYTES)),
    station: { phase, mode, abandoned: bytes.readUInt32BE(8) },
  };
}

function openHead(database: SqliteDatabase, options: JournalOptions): Head {
  database.exec(
    'CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;' +
      'CREATE TABLE IF NOT EXISTS slot (number INTEGER PRIMARY KEY, cell BLOB NOT NULL) STRICT;',
  );
  const found = database.prepare('SELECT bytes FROM head WHERE id = 1').pluck().get() as Buffer | undefined;
  if (found !== undefined) {
    const head = decodeHead(found);
    // Two elections in one journal would refuse, or admit, the wrong people.
    if (!equalBytes(head.packageDigest, options.packageDigest))
      throw new Error('the journal of admissions belongs to another package');
    return head;
  }
  const head: Head = {
    admissionsMax: options.admissionsMax,
    packageDigest: options.packageDigest,
    key: options.random(KEY_BYTES),
    station: { phase: 'set_up', mode: null, abandoned: 0 },
  };
  const insert = database.prepare('INSERT INTO slot (number, cell) VALUES (?, ?)');
  database.transaction(() => {
    for (let number = 0; number < slotsFor(head.admissionsMax); number++) insert.run(number, EMPTY_CELL);
    database.prepare('INSERT INTO head (id, bytes) VALUES (1, ?)').run(encodeHead(head));
  })();
  return head;
}

class SqliteJournal implements Journal {
  readonly #database: SqliteDatabase;
  readonly #options: JournalOptions;
  #slots: (Entry | undefined)[];
  readonly #byKey = new Map<LineKey, Admission>();
  /** lines of terminals that were cut off, by person */
  readonly #apart = new Map<NationalCode, readonly LineKey[]>();
  readonly #write: (first: number, entries: readonly Entry[]) => void;
  readonly #writeAll: (placed: readonly { readonly slot: number; readonly entry: Entry }[]) => void;
  #head: Head;
  #ledger: AdmissionLedger | undefined;
  #issued: number;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#database = openDatabase(options.path, 'forgetful');
    this.#head = openHead(this.#database, options);
    this.#slots = this.#read();
    this.#issued = this.ledger().issued;
    const update = this.#database.prepare('UPDATE slot SET cell = ? WHERE number = ?');
    this.#write = this.#database.transaction((first: number, entries: readonly Entry[]) => {
      for (const [i, entry] of entries.entries()) update.run(encodeCell(entry.admission), first + i);
    });
    this.#writeAll = this.#database.transaction((placed) => {
      for (const { slot, entry } of placed) update.run(encodeCell(entry.admission), slot);
    });
  }

  #read(): (Entry | undefined)[] {
    const rows = this.#database.prepare('SELECT cell FROM slot ORDER BY number').pluck().all() as Buffer[];
    if (rows.length !== slotsFor(this.#head.admissionsMax))
      throw new Error('the journal of admissions lacks slots');
    this.#byKey.clear();
    this.#apart.clear();
    this.#ledger = undefined;
    return rows.map((cell) => {
      const admission = decodeCell(new Uint8Array(cell));
      if (admission === undefined) return undefined;
      if (this.#byKey.has(lineKey(admission))) throw new Error('the journal holds one line twice');
      this.#know(admission);
      return this.#entryOf(admission);
    });
  }

  #know(admission: Admission): void {
    const key = lineKey(admission);
    const isNew = !this.#byKey.has(key);
    this.#byKey.set(key, admission);
    if (admission.apart !== true || !isNew) return;
    const { nationalCode } = admission;
    this.#apart.set(nationalCode, [...(this.#apart.get(nationalCode) ?? []), key].sort());
  }

  #entryOf(admission: Admission): Entry {
    const key = lineKey(admission);
    const digest = this.#options.crypto.hmacSha256(this.#head.key, Buffer.from(key));
    const draw = new DataView(digest.buffer, digest.byteOffset).getUint32(0);
    const homes = this.#head.admissionsMax * HOMES_PER_ADMISSION;
    return { home: draw % homes, key, admission };
  }

  station(): StationState {
    return this.#head.station;
  }

  setStation(station: StationState): void {
    const next = { ...this.#head, station };
    this.#database.prepare('UPDATE head SET bytes = ? WHERE id = 1').run(encodeHead(next));
    this.#head = next;
    this.#ledger = undefined;
  }

  find(nationalCode: NationalCode): Admission | undefined {
    const own = this.#byKey.get(nationalCode as string as LineKey);
    if (own?.state === 'admitted' || this.#apart.size === 0) return own;
    const apart = (this.#apart.get(nationalCode) ?? []).map((key) => this.#byKey.get(key));
    return apart.find((one) => one?.state === 'admitted') ?? own;
  }

  lineOf(line: Pick<Admission, 'nationalCode' | 'terminal' | 'apart'>): Admission | undefined {
    return this.#byKey.get(lineKey(line));
  }

  put(admission: Admission): boolean {
    const entry = this.#entryOf(admission);
    const before = this.#byKey.get(entry.key);
    if (before !== undefined) {
      let slot = entry.home;
      while (this.#slots[slot]?.key !== entry.key) slot++;
      this.#write(slot, [entry]);
      this.#slots[slot] = entry;
    } else {
      if (this.#byKey.size >= this.#head.admissionsMax) return false;
      const slots = this.#slots;
      const inserted = insertPlaced(slots, entry);
      if (inserted === undefined) return false;
      try {
        this.#write(inserted.slot, inserted.written);
      } catch (cause) {
        const last = inserted.slot + inserted.written.length - 1;
        slots.copyWithin(inserted.slot, inserted.slot + 1, last + 1);
        slots[last] = undefined;
        throw cause;
      }
    }
    this.#issued += admission.armings - (before?.armings ?? 0);
    this.#know(admission);
    this.#ledger = undefined;
    return true;
  }

  merge(admissions: readonly Admission[]): readonly Admission[] | undefined {
    const later = admissions.filter((one) => {
      const ours = this.lineOf(one);
      return ours === undefined || compareLines(one, ours) > 0;
    });
    if (later.length === 0) return later;
    const isKept = (): boolean => {
      try {
        return this.#database.transaction(() => {
          for (const one of later) if (!this.put(one)) throw new JournalFull();
          return true;
        })();
      } catch (cause) {
        // Nothing of the transaction is on the disk: memory is what the disk says.
        this.#slots = this.#read();
        this.#issued = this.ledger().issued;
        if (cause instanceof JournalFull) return false;
        throw cause;
      }
    };
    return isKept() ? later : undefined;
  }

  update(admissions: readonly Admission[]): void {
    const placed = admissions.map((admission) => {
      const entry = this.#entryOf(admission);
      let slot = entry.home;
      while (this.#slots[slot]?.key !== entry.key) {
        if (this.#slots[slot] === undefined) throw new Error('an update of a line that is not there');
        slot++;
      }
      return { slot, entry };
    });
    this.#writeAll(placed);
    for (const { slot, entry } of placed) {
      const { admission } = entry;
      this.#slots[slot] = entry;
      this.#issued += admission.armings - (this.#byKey.get(entry.key)?.armings ?? 0);
      this.#know(admission);
    }
    if (placed.length > 0) this.#ledger = undefined;
  }

  id(): Bytes {
    const { crypto } = this.#options;
    return crypto.hmacSha256(this.#head.key, Buffer.from('sandoq/journal/1')).slice(0, JOURNAL_ID_BYTES);
  }

  shared(): Bytes | undefined {
    const found = this.#database.prepare('SELECT bytes FROM head WHERE id = 2').pluck().get() as
      | Buffer
      | undefined;
    return found && new Uint8Array(found);
  }

  setShared(bytes: Bytes): void {
    this.#database
      .prepare(
        'INSERT INTO head (id, bytes) VALUES (2, ?) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes',
      )
      .run(Buffer.from(bytes));
  }

  admissions(): readonly Admission[] {
    return this.#slots.flatMap((entry) => (entry === undefined ? [] : [entry.admission]));
  }

  ledger(): AdmissionLedger {
    this.#ledger ??= ledgerOf(this.#byKey.values(), this.#head.station.abandoned);
    return this.#ledger;
  }

  issued(): number {
    return this.#issued;
  }

  close(): void {
    this.#database.close();
  }
}

/** @throws where the file is damaged or belongs to another package: the process does not start on it. */
export const openJournal = (options: JournalOptions): Journal => new SqliteJournal(options);
