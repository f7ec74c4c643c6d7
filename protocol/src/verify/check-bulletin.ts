/**
 * The published bulletin: every tile made again from its entries, the root compared with the signed checkpoint,
 * witnesses and checkpoints that others kept, and every entry beside the file that it stands for.
 */
import {
  appendedTiles,
  type BulletinEntry,
  bulletinOrigin,
  bulletinRoot,
  CHECKPOINT_FILE,
  decodeEntry,
  emptyBulletin,
} from '../bulletin/bulletin.ts';
import {
  checkpointSignedBy,
  type NoteKey,
  parseCheckpoint,
  type SignedCheckpoint,
  witnessedAt,
} from '../bulletin/note.ts';
import {
  consistencyProof,
  decodeEntryTile,
  rootFromTiles,
  type TileReader,
  tilePath,
  tilesOf,
} from '../bulletin/tiles.ts';
import { type Bytes, equalBytes, toHex } from '../codec/bytes.ts';
import { consistencyHolds } from '../codec/merkle.ts';
import type { Crypto } from '../crypto/ports.ts';
import { INTAKE_SUBJECT } from '../records/identifiers.ts';
import type { Provisioning } from '../records/provisioning.ts';
import {
  BULLETIN_FOLDER,
  correctionFile,
  type Faults,
  INDEX_FILE,
  type PublicationReader,
  receiptFile,
  slipFile,
} from './publication.ts';

export interface BulletinReport {
  readonly size: number;
  readonly root: string;
  readonly witnesses: readonly { readonly name: string; readonly at_seconds: number }[];
  /** checkpoints that others kept, and that this log continues */
  readonly seen: number;
}

export interface BulletinOrder {
  readonly reader: PublicationReader;
  readonly folder: Pick<Provisioning, 'election' | 'package' | 'packageDigest' | 'amendments'>;
  readonly crypto: Pick<Crypto, 'verify'>;
  readonly faults: Faults;
  /** keys of witnesses that must have signed */
  readonly witnesses: readonly NoteKey[];
  /** checkpoints that somebody saw earlier or elsewhere: name → content */
  readonly seen: ReadonlyMap<string, Bytes>;
}

const CHECKPOINT = `${BULLETIN_FOLDER}${CHECKPOINT_FILE}`;

function readCheckpoint({ reader, folder, crypto, faults }: BulletinOrder): SignedCheckpoint | undefined {
  const wrong = (code: string, at: string, wanted: string): undefined => {
    faults.add(code, CHECKPOINT, at, INTAKE_SUBJECT, wanted);
  };
  const bytes = reader.read(CHECKPOINT);
  if (bytes === undefined) return wrong('bulletin_missing', '', 'the signed checkpoint of the bulletin');
  const checkpoint = parseCheckpoint(bytes);
  if (checkpoint === undefined) return wrong('checkpoint_malformed', '', 'origin, size, root, signatures');
  const origin = bulletinOrigin(folder.election);
  if (checkpoint.origin !== origin) return wrong('wrong_election', 'origin', origin);
  const key: NoteKey = { name: origin, type: 'log', key: folder.package.intakeKey };
  if (!checkpointSignedBy(crypto, key, checkpoint)) return wrong('signature_invalid', '', INTAKE_SUBJECT);
  return checkpoint;
}

/** Entries from their tiles; undefined where any is missing or malformed, which is named. */
function readEntries(order: BulletinOrder, size: number): readonly Bytes[] | undefined {
  const { reader, faults } = order;
  const entries: Bytes[] = [];
  let whole = true;
  for (const { kind, index, width } of tilesOf(size)) {
    const file = `${BULLETIN_FOLDER}${tilePath(kind, index, width)}`;
    const bytes = reader.read(file);
    if (bytes === undefined) {
      faults.add('file_missing', file, '', INTAKE_SUBJECT, 'this tile of the bulletin');
      whole = false;
    } else if (kind === 'entries') {
      const tile = decodeEntryTile(bytes, width);
      if (tile === undefined) {
        faults.add('tile_malformed', file, '', INTAKE_SUBJECT, `${width} entries`);
        whole = false;
      } else entries.push(...tile);
    }
  }
  return whole ? entries : undefined;
}

/** Compares every tile with what the entries make, and says whether entries or hashes are the ones that were changed. */
function checkTiles(order: BulletinOrder, checkpoint: SignedCheckpoint, entries: readonly Bytes[]): void {
  const { reader, faults } = order;
  const made = appendedTiles(emptyBulletin(checkpoint.origin), entries);
  const rootHolds = equalBytes(bulletinRoot(made.state), checkpoint.root);
  const tiles: TileReader = { read: (path) => reader.read(`${BULLETIN_FOLDER}${path}`) };
  const published = rootFromTiles(tiles, checkpoint.size);
  const hashesHold = published !== undefined && equalBytes(published, checkpoint.root);
  if (!rootHolds && !hashesHold)
    faults.add(
      'root_differs',
      CHECKPOINT,
      'root',
      INTAKE_SUBJECT,
      'the root of the entries and of the tiles',
    );
  for (const { kind, index, width } of tilesOf(checkpoint.size)) {
    const path = tilePath(kind, index, width);
    const found = tiles.read(path) as Bytes;
    const wanted = made.tiles.get(path) as Bytes;
    if (kind === 'entries' || equalBytes(found, wanted)) continue;
    // Where the hashes lead to the signed root it is the entries that were changed.
    const isEntries = kind === 0 && hashesHold && !rootHolds;
    const file = `${BULLETIN_FOLDER}${isEntries ? tilePath('entries', index, width) : path}`;
    faults.add('tile_differs', file, '', INTAKE_SUBJECT, 'the entries under the signed root');
  }
}

function checkWitnesses(order: BulletinOrder, checkpoint: SignedCheckpoint): BulletinReport['witnesses'] {
  return order.witnesses.flatMap((key) => {
    if (checkpointSignedBy(order.crypto, key, checkpoint))
      return [{ name: key.name, at_seconds: witnessedAt(checkpoint, key) ?? 0 }];
    order.faults.add('witness_missing', CHECKPOINT, 'signatures', key.name, `the signature of ${key.name}`);
    return [];
  });
}

/** Whether this log continues the ones that others saw: two histories for two readers are found here. */
function checkSeen(order: BulletinOrder, checkpoint: SignedCheckpoint): number {
  const { reader, crypto, folder, faults, seen } = order;
  const tiles: TileReader = { read: (path) => reader.read(`${BULLETIN_FOLDER}${path}`) };
  let continued = 0;
  for (const [name, bytes] of seen) {
    const wrong = (code: string, wanted: string): void =>
      faults.add(code, CHECKPOINT, `beside ${name}`, INTAKE_SUBJECT, wanted);
    const earlier = parseCheckpoint(bytes);
    const key: NoteKey = { name: checkpoint.origin, type: 'log', key: folder.package.intakeKey };
    if (earlier?.origin !== checkpoint.origin || !checkpointSignedBy(crypto, key, earlier)) {
      wrong('seen_not_ours', 'a checkpoint of this bulletin, signed by its key');
      continue;
    }
    if (earlier.size > checkpoint.size) {
      wrong('bulletin_behind', `the ${earlier.size} entries that were there, or more`);
      continue;
    }
    const proof = earlier.size === 0 ? [] : consistencyProof(tiles, earlier.size, checkpoint.size);
    const holds =
      earlier.size === 0 ||
      (proof !== undefined &&
        consistencyHolds(earlier.size, checkpoint.size, proof, earlier.root, checkpoint.root));
    if (holds) continued++;
    else wrong('bulletin_forked', `a log that continues the ${earlier.size} entries signed before`);
  }
  return continued;
}

/** What the entries are compared with. */
export interface EntriesOrder extends Pick<BulletinOrder, 'folder' | 'reader'> {
  /** SHA-256 of a file in hexadecimal digits; undefined where it is not there */
  readonly digestOf: (name: string) => string | undefined;
}

/** What the entries must be, by kind and station, each with the file that it stands for. */
export function checkEntries(
  { folder, reader, digestOf }: EntriesOrder,
  faults: Faults,
  entries: readonly BulletinEntry[],
): void {
  const wrong = (code: string, file: string, at: string, wanted: string): void =>
    faults.add(code, file, at, INTAKE_SUBJECT, wanted);
  const first = entries[0];
  if (first?.kind !== 'package' || !equalBytes(first.digest, folder.packageDigest))
    wrong('package_differs', CHECKPOINT, 'entries[0]', toHex(folder.packageDigest));
  const next = new Map<string, number>();
  const names = new Set(reader.names());
  const entered = new Set<string>();
  let amendments = 0;
  let publication: Bytes | undefined;
  for (const [i, entry] of entries.entries()) {
    const at = `entries[${i}]`;
    if (entry.kind === 'publication') publication = entry.digest;
    if (entry.kind === 'package' && i > 0) wrong('entry_repeated', CHECKPOINT, at, 'the package once, first');
    if (entry.kind === 'amendment') {
      const amendment = folder.amendments[amendments++];
      if (amendment === undefined || !equalBytes(amendment.digest, entry.digest))
        wrong('amendment_unknown', CHECKPOINT, at, 'the amendments of the package, in order');
    }
    if (entry.stationId === undefined) continue;
    const version = (next.get(entry.stationId) ?? 0) + 1;
    next.set(entry.stationId, version);
    if ((entry.kind === 'slip') !== (version === 1)) {
      wrong(
        'entry_repeated',
        CHECKPOINT,
        at,
        `one slip of station ${entry.stationId}, then corrections of it`,
      );
      continue;
    }
    const file = version === 1 ? slipFile(entry.stationId) : correctionFile(entry.stationId, version);
    entered.add(file);
    const receipt = digestOf(receiptFile(entry.stationId, version));
    if (!names.has(file))
      wrong(
        'slip_left_out',
        CHECKPOINT,
        at,
        `version ${version} of station ${entry.stationId}, which was taken in`,
      );
    else if (receipt !== undefined && toHex(entry.digest) !== receipt)
      wrong('entry_differs', receiptFile(entry.stationId, version), at, toHex(entry.digest));
  }
  for (const name of names)
    if (/^(slips|corrections)\//.test(name) && !entered.has(name))
      wrong('slip_not_in_bulletin', name, '', 'an entry for this slip or correction');
  if (amendments < folder.amendments.length)
    wrong('amendment_unknown', CHECKPOINT, 'entries', `${folder.amendments.length} amendments`);
  const index = digestOf(INDEX_FILE);
  if (index !== undefined && (publication === undefined || toHex(publication) !== index))
    wrong('publication_not_in_bulletin', INDEX_FILE, '', 'the last publication that the bulletin has');
}

/** Files of the bulletin that this checkpoint has no place for. */
function checkStrangers({ reader, faults }: BulletinOrder, size: number): void {
  const known = new Set([CHECKPOINT]);
  for (const { kind, index, width } of tilesOf(size))
    known.add(`${BULLETIN_FOLDER}${tilePath(kind, index, width)}`);
  for (const name of reader.names())
    if (name.startsWith(BULLETIN_FOLDER) && !known.has(name))
      faults.add('file_unknown', name, '', INTAKE_SUBJECT, 'the checkpoint and its tiles only');
}

export interface ReadBulletin {
  /** undefined where there is no bulletin to speak of: the faults say why */
  readonly report: BulletinReport | undefined;
  /** undefined where one of them is none */
  readonly entries: readonly BulletinEntry[] | undefined;
}

/** The bulletin by itself: what its entries stand for is `checkEntries`. */
export function readBulletin(order: BulletinOrder): ReadBulletin {
  const checkpoint = readCheckpoint(order);
  if (checkpoint === undefined) return { report: undefined, entries: undefined };
  const report: BulletinReport = {
    size: checkpoint.size,
    root: toHex(checkpoint.root),
    witnesses: checkWitnesses(order, checkpoint),
    seen: checkSeen(order, checkpoint),
  };
  checkStrangers(order, checkpoint.size);
  const encoded = readEntries(order, checkpoint.size);
  if (encoded === undefined) return { report, entries: undefined };
  checkTiles(order, checkpoint, encoded);
  const entries: BulletinEntry[] = [];
  for (const [i, bytes] of encoded.entries()) {
    const entry = decodeEntry(bytes);
    if (entry !== undefined) entries.push(entry);
    else
      order.faults.add(
        'entry_malformed',
        CHECKPOINT,
        `entries[${i}]`,
        INTAKE_SUBJECT,
        'an entry of the bulletin',
      );
  }
  return { report, entries: entries.length === encoded.length ? entries : undefined };
}
