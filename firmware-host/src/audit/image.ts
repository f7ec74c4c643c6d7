// Reads a flash image without the core: what the box is, what it holds, and whether it is sound. Its own code over the
// documented layout, so that the recount does not ask the recorder whether the recorder was right.
import {
  type Bytes,
  type Crypto,
  equalBytes,
  merkleRootOfHashes,
  parseTyped,
  rasterItemBytes,
  recordName,
  records,
  type Shape,
  type SignedRecord,
  setRoot,
  toHex,
  verifyRecord,
} from '@sandoq/protocol';
import {
  AT,
  INTENT_BYTES,
  LIFE_SUCCESSORS,
  NAME_BYTES,
  PAPER_BITS,
  ROW_BURNT,
  ROW_BYTES,
  ROW_COMMITTED,
  SECTOR,
  type StoreLayout,
  storeLayout,
  WORDS_FREE,
} from './layout.ts';
import { checkLogCounters, checkLogHead, type ImageLog, type LogFinding, readLog } from './log.ts';

type Ports = Pick<Crypto, 'sha256' | 'verify'>;

/** What is wrong, by name; `at` is a row, a slot or a record. */
export interface Finding {
  readonly code:
    | 'image_too_short'
    | 'life_word_unknown'
    | 'life_word_torn'
    | 'package_invalid'
    | 'station_invalid'
    /** the names that the box prints are not those of the signed package */
    | 'rasters_differ'
    /** the part's head is not as it was when the box had checked it */
    | 'part_head_invalid'
    | 'session_invalid'
    | 'zero_report_invalid'
    | 'commitment_invalid'
    | 'commitment_differs'
    | 'secret_not_erased'
    | 'slot_unfinished'
    | 'slot_word_unknown'
    | 'slot_name_differs'
    | 'slot_repeated'
    | 'body_without_slot'
    | 'spent_unfinished'
    | 'spent_repeated'
    | 'records_not_votes'
    | 'intent_open'
    | 'paper_word_impossible'
    | 'papers_unfinished'
    | 'papers_lost'
    | LogFinding;
  readonly at: string;
}

/** A record as it stands in flash, and as it was read. */
interface Signed<Value> {
  readonly bytes: Bytes;
  readonly record: SignedRecord;
  readonly value: Value;
}

export interface ImageCounters {
  readonly records: number;
  readonly cardsSpent: number;
  readonly papersPrinted: number;
  readonly papersInBin: number;
  readonly papersRejected: number;
  readonly papersRetained: number;
  readonly papersLost: number;
  readonly tornSlots: number;
  readonly slots: number;
}

export interface ImageReport {
  readonly sound: boolean;
  readonly findings: readonly Finding[];
  readonly lifecycle: string;
  readonly boots: number;
  readonly poweredMinutes: number;
  /** The key that the box believes; the reader compares it with the one that it believes itself. */
  readonly authorityKey?: Bytes;
  readonly boxKey?: Bytes;
  readonly package?: Signed<records.Package>;
  readonly station?: Signed<records.Station>;
  readonly session?: Signed<records.Session>;
  readonly zeroReport?: Signed<records.ZeroReport>;
  readonly commitment?: Signed<records.Commitment>;
  readonly counters?: ImageCounters;
  readonly log?: ImageLog;
  /** Sealed records in the order of their names. */
  readonly sealed: readonly Bytes[];
}

/** Nobody opens a box before package, station and names are loaded and checked. */
const DAY_HAS_BEGUN: readonly string[] = ['open', 'doors_closed', 'closed'];

const LOADED_PARTS_MARK = 0x10ad_10ad;

class Reader {
  readonly findings: Finding[] = [];
  readonly #image: Bytes;
  readonly #view: DataView;

  constructor(image: Bytes) {
    this.#image = image;
    this.#view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  }

  find(code: Finding['code'], at: string | number): void {
    this.findings.push({ code, at: String(at) });
  }

  word(address: number): number {
    return address + 4 <= this.#image.length ? this.#view.getUint32(address, true) : WORDS_FREE;
  }

  bytes(address: number, length: number): Bytes {
    const out = new Uint8Array(length).fill(0xff);
    out.set(this.#image.subarray(address, Math.min(address + length, this.#image.length)));
    return out;
  }

  isAll(address: number, length: number, value: number): boolean {
    return this.bytes(address, length).every((byte) => byte === value);
  }

  /** Cleared bits from the lowest on. */
  tally(address: number, bytes: number): number {
    return this.bytes(address, bytes).reduce((sum, byte) => sum + 8 - bitsSet(byte), 0);
  }
}

const bitsSet = (byte: number): number => [...byte.toString(2)].filter((bit) => bit === '1').length;

/** Each step has one successor. A word that has all of its successor's bits and some more was cut in its writing. */
function readLife(reader: Reader): string {
  let state = 'unprovisioned';
  for (let at: number = AT.life; at < AT.life + SECTOR; at += 4) {
    const word = reader.word(at);
    if (word === WORDS_FREE) break;
    const [wanted, name] = LIFE_SUCCESSORS.get(state) as readonly [number, string];
    if (word === wanted) state = name;
    else reader.find((word & wanted) >>> 0 === wanted ? 'life_word_torn' : 'life_word_unknown', at);
  }
  return state;
}

function readRecord<Value>(
  reader: Reader,
  crypto: Ports,
  at: { readonly address: number; readonly length: number },
  type: Parameters<typeof parseTyped>[1],
  shape: Shape<Value>,
  key: Bytes,
): Signed<Value> | undefined {
  if (at.length > 2 * SECTOR) return undefined;
  const bytes = reader.bytes(at.address, at.length);
  const parsed = parseTyped(bytes, type, shape);
  return parsed.ok && verifyRecord(crypto, key, parsed.value.record) ? { bytes, ...parsed.value } : undefined;
}

const partHead = (reader: Reader, part: number): { present: boolean; length: number } => {
  const head = AT.heads + part * SECTOR;
  return { present: reader.word(head + 36) === LOADED_PARTS_MARK, length: reader.word(head) };
};

interface Slots {
  readonly sealed: readonly Bytes[];
  readonly torn: number;
}

function readSlots(reader: Reader, crypto: Ports, layout: StoreLayout): Slots {
  const named: { readonly name: string; readonly sealed: Bytes }[] = [];
  let torn = 0;
  for (let slot = 0; slot < layout.slots; slot++) {
    const row = layout.index + slot * ROW_BYTES;
    const body = layout.bodies + slot * layout.stride;
    const word = reader.word(row + NAME_BYTES);
    if (word === WORDS_FREE) {
      if (!reader.isAll(row, ROW_BYTES, 0xff)) reader.find('slot_unfinished', slot);
      else if (!reader.isAll(body, layout.stride, 0xff)) reader.find('body_without_slot', slot);
    } else if (word === 0) {
      torn++;
      if (!reader.isAll(row, ROW_BYTES, 0) || !reader.isAll(body, layout.stride, 0))
        reader.find('slot_unfinished', slot);
    } else if (word !== ROW_COMMITTED) reader.find('slot_word_unknown', slot);
    else {
      const sealed = reader.bytes(body, layout.sealedBytes);
      const name = recordName(crypto, sealed);
      if (!equalBytes(name.slice(0, NAME_BYTES), reader.bytes(row, NAME_BYTES)))
        reader.find('slot_name_differs', slot);
      named.push({ name: toHex(name), sealed });
    }
  }
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  named.forEach(({ name }, i) => {
    if (i > 0 && named[i - 1]?.name === name) reader.find('slot_repeated', i);
  });
  return { sealed: named.map(({ sealed }) => sealed), torn };
}

function readSpent(reader: Reader, layout: StoreLayout): number {
  const seen = new Set<string>();
  for (let i = 0; i < layout.spentRows; i++) {
    const row = layout.spent + i * ROW_BYTES;
    const word = reader.word(row + NAME_BYTES);
    if (word === WORDS_FREE) {
      if (!reader.isAll(row, ROW_BYTES, 0xff)) reader.find('spent_unfinished', i);
      continue;
    }
    const name = toHex(reader.bytes(row, NAME_BYTES));
    if (word !== ROW_COMMITTED && word !== ROW_BURNT) reader.find('spent_unfinished', i);
    else if (seen.has(name)) reader.find('spent_repeated', i);
    seen.add(name);
  }
  return seen.size;
}

interface Papers {
  readonly printed: number;
  readonly bin: number;
  readonly rejected: number;
  readonly retained: number;
  readonly lost: number;
}

function readPapers(reader: Reader, layout: StoreLayout): Papers {
  const count = { printed: 0, bin: 0, rejected: 0, retained: 0, lost: 0 };
  for (let i = 0; i < layout.paperRows; i++) {
    const word = reader.word(layout.papers + i * 4);
    if (word === WORDS_FREE) continue;
    const has = (bit: number): boolean => (word & bit) === 0;
    const fates = (['bin', 'rejected', 'retained'] as const).filter((fate) => has(PAPER_BITS[fate]));
    const allBits = Object.values(PAPER_BITS).reduce((sum, bit) => sum | bit, 0);
    const strange = !has(PAPER_BITS.printed) || fates.length > 1 || (~word & ~allBits) !== 0;
    if (strange || (has(PAPER_BITS.done) && (fates.length !== 1 || has(PAPER_BITS.lost))))
      reader.find('paper_word_impossible', i);
    count.printed++;
    if (has(PAPER_BITS.lost)) count.lost++;
    else if (!has(PAPER_BITS.done)) reader.find('papers_unfinished', i);
    else if (fates[0] !== undefined) count[fates[0]]++;
  }
  if (count.lost > 0) reader.find('papers_lost', count.lost);
  return count;
}

function readIntents(reader: Reader): void {
  for (let at: number = AT.intents; at < AT.intents + SECTOR; at += INTENT_BYTES) {
    if (!reader.isAll(at, INTENT_BYTES, 0xff) && !reader.isAll(at, INTENT_BYTES, 0))
      reader.find('intent_open', at);
  }
}

/** Whoever changes a name's picture changes what every voter reads on her paper: it hangs on the package's root. */
function checkRasters(reader: Reader, crypto: Ports, { rasters }: records.Package): void {
  const itemBytes = rasterItemBytes(rasters);
  const leaf = new Uint8Array(1 + itemBytes);
  const leaves = Array.from({ length: rasters.count }, (_, item) => {
    leaf.set(reader.bytes(AT.rasters + item * itemBytes, itemBytes), 1);
    return crypto.sha256(leaf);
  });
  if (!equalBytes(merkleRootOfHashes(leaves), rasters.root)) reader.find('rasters_differ', AT.rasters);
}

function readElection(reader: Reader, crypto: Ports, authorityKey: Bytes, lifecycle: string) {
  const heads = [0, 1, 2].map((part) => partHead(reader, part));
  for (const [part, head] of heads.entries())
    if (!head.present && DAY_HAS_BEGUN.includes(lifecycle))
      reader.find('part_head_invalid', AT.heads + part * SECTOR);
  if (heads.some((head) => !head.present)) return undefined;
  const at = (address: number, part: number) => ({ address, length: heads[part]?.length ?? 0 });
  const election = readRecord(
    reader,
    crypto,
    at(AT.package, 0),
    'package',
    records.packageShape,
    authorityKey,
  );
  if (election === undefined) reader.find('package_invalid', AT.package);
  else checkRasters(reader, crypto, election.value);
  const station = readRecord(
    reader,
    crypto,
    at(AT.station, 1),
    'station',
    records.stationShape,
    authorityKey,
  );
  if (station === undefined) reader.find('station_invalid', AT.station);
  return election && station ? { election, station } : undefined;
}

function readSession(reader: Reader, crypto: Ports, boxKey: Bytes, lifecycle: string) {
  const length = (at: number): number => reader.word(at);
  const session = readRecord(
    reader,
    crypto,
    { address: AT.session + 128, length: length(AT.session + 84) },
    'session',
    records.sessionShape,
    boxKey,
  );
  if (session === undefined) {
    reader.find('session_invalid', AT.session);
    return undefined;
  }
  const key = session.value.sessionKey;
  const zeroReport = readRecord(
    reader,
    crypto,
    { address: AT.zeroReport, length: length(AT.session + 88) },
    'zero-report',
    records.zeroReportShape,
    key,
  );
  if (zeroReport === undefined) reader.find('zero_report_invalid', AT.zeroReport);
  if (lifecycle !== 'closed') return { session, ...(zeroReport && { zeroReport }) };
  if (!reader.isAll(AT.secret, SECTOR, 0xff)) reader.find('secret_not_erased', AT.secret);
  const commitment = readRecord(
    reader,
    crypto,
    { address: AT.commitment + 16, length: length(AT.commitment) },
    'commitment',
    records.commitmentShape,
    key,
  );
  if (commitment === undefined) reader.find('commitment_invalid', AT.commitment);
  return { session, ...(zeroReport && { zeroReport }), ...(commitment && { commitment }) };
}

/** The commitment's every number again, from the rows. */
function compareCommitment(
  reader: Reader,
  crypto: Ports,
  commitment: Signed<records.Commitment>,
  counters: ImageCounters,
  sealed: readonly Bytes[],
): void {
  const { value } = commitment;
  const names = [
    'records',
    'cardsSpent',
    'papersPrinted',
    'papersInBin',
    'papersRejected',
    'papersRetained',
    'tornSlots',
  ] as const;
  for (const name of names) if (value[name] !== counters[name]) reader.find('commitment_differs', name);
  if (!equalBytes(value.setRoot, setRoot(crypto, sealed))) reader.find('commitment_differs', 'setRoot');
}

/** Total: any bytes give a report. */
export function auditImage(crypto: Ports, image: Bytes): ImageReport {
  const reader = new Reader(image);
  if (image.length < AT.rasters) reader.find('image_too_short', image.length);
  const lifecycle = readLife(reader);
  const base = {
    lifecycle,
    boots: reader.tally(AT.boots, SECTOR),
    poweredMinutes: reader.tally(AT.minutes, 1024),
  };
  const report = (more: Partial<ImageReport> = {}): ImageReport => ({
    ...base,
    sealed: [],
    ...more,
    findings: reader.findings,
    sound: reader.findings.length === 0,
  });
  if (lifecycle === 'unprovisioned') return report();
  const keys = {
    boxKey: reader.bytes(AT.identity + 32, 32),
    authorityKey: reader.bytes(AT.identity + 64, 32),
  };
  const loaded = readElection(reader, crypto, keys.authorityKey, lifecycle);
  if (loaded === undefined) return report(keys);
  const layout = storeLayout(loaded.election.value, loaded.station.value.votesMax);
  const { sealed, torn } = readSlots(reader, crypto, layout);
  const cardsSpent = readSpent(reader, layout);
  const papers = readPapers(reader, layout);
  readIntents(reader);
  if (sealed.length !== cardsSpent * loaded.election.value.contests.length)
    reader.find('records_not_votes', sealed.length);
  const counters: ImageCounters = {
    records: sealed.length,
    cardsSpent,
    papersPrinted: papers.printed,
    papersInBin: papers.bin,
    papersRejected: papers.rejected,
    papersRetained: papers.retained,
    papersLost: papers.lost,
    tornSlots: torn,
    slots: layout.slots,
  };
  const log = readLog(reader, crypto, layout);
  // A vote or a paper of the last moment before power went has no line yet: the next start writes it.
  const slack = lifecycle === 'closed' ? 0 : 1;
  checkLogCounters(reader, log, { votes: cardsSpent, papers: papers.printed }, slack);
  const found = { ...keys, log, package: loaded.election, station: loaded.station, counters, sealed };
  if (!DAY_HAS_BEGUN.includes(lifecycle)) return report(found);
  const session = readSession(reader, crypto, keys.boxKey, lifecycle);
  // The log's signed head is the last thing of the layout: a copy of the flash that broke off does not hold it.
  if (lifecycle === 'closed' && image.length < layout.end) reader.find('image_too_short', image.length);
  if (lifecycle === 'closed') checkLogHead(reader, crypto, layout, log, keys.boxKey);
  if (session?.commitment !== undefined)
    compareCommitment(reader, crypto, session.commitment, counters, sealed);
  return report({ ...found, ...session });
}
