/**
 * The verifier: from the published files alone, every signature, chain, session, ledger and proof, the totals made
 * again, the law applied; or what is wrong, where and whose. Pure: files, cryptography and trust are passed in.
 */
import type { NoteKey } from '../bulletin/note.ts';
import { type Bytes, toHex } from '../codec/bytes.ts';
import { isKeyEncoding, setKeyCheck } from '../crypto/enrol.ts';
import type { Crypto } from '../crypto/ports.ts';
import { checkOutcome } from '../law/check.ts';
import type { Outcome } from '../law/outcome.ts';
import type { Box } from '../law/sums.ts';
import { AUTHORITY_SUBJECT } from '../records/identifiers.ts';
import { boxOfSlip, lawInForce, outcomeOf } from '../records/law-file.ts';
import { checkProvisioning, isProvisioningFile, type Provisioning } from '../records/provisioning.ts';
import { type BulletinReport, checkBulletin } from './check-bulletin.ts';
import { checkCsv, checkIndex, checkJson, checkStrays } from './check-files.ts';
import { unpacking } from './packs.ts';
import {
  type Fault,
  Faults,
  OUTCOME_FILE,
  PACKAGE_FOLDER,
  PUBLISHER,
  type PublicationReader,
  STATIONS_FILE,
  slipFile,
  TOTALS_FILE,
} from './publication.ts';
import { jsonLine, readJson } from './published-json.ts';
import { type Standings, slipCounts, stationsFile, totalsFile } from './published-sums.ts';
import { type Standing, standingOf } from './standing.ts';

const STATIONS_PER_STEP = 32;
export const VERDICT_FORM = 'sandoq.verify.verdict/1';

/** What no published file can show, and what can. */
export const NOT_SHOWN = [
  'totals_rest_on_recount',
  'box_and_station_together_rest_on_paper',
  'armed_cards_rest_on_ledgers',
  'authority_key_rests_on_its_holder',
] as const;
/** What was left unshown this time, and how it could be shown. */
export type Caveat =
  | (typeof NOT_SHOWN)[number]
  | 'authority_key_from_the_folder'
  | 'no_witness'
  | 'no_checkpoint_seen_before'
  | 'slips_missing'
  | 'slips_disputed'
  | 'law_not_bound'
  | 'sums_not_compared'
  | 'draw_needed';

export interface Verdict {
  readonly form: string;
  readonly ok: boolean;
  readonly election: string | null;
  readonly mode: 'rehearsal' | 'official' | null;
  readonly authority_key: string | null;
  readonly package_digest: string | null;
  readonly slips: {
    readonly expected: number;
    readonly received: number;
    readonly missing: number;
    /** there, but with a fault that is named */
    readonly not_holding: number;
    readonly disputed: number;
  } | null;
  readonly missing: readonly string[];
  readonly disputed: readonly { readonly station: string; readonly reasons: readonly string[] }[];
  readonly corrected: readonly { readonly station: string; readonly version: number }[];
  readonly checked: { readonly files: number; readonly signatures: number };
  /** files that are bound by the index and not made again here */
  readonly only_bound: readonly string[];
  readonly bulletin: BulletinReport | null;
  /** as docs/LAW.md section 9 has it */
  readonly outcome: Outcome | null;
  readonly faults: readonly Fault[];
  readonly faults_unnamed: number;
  readonly not_shown: readonly Caveat[];
}

export interface VerifyOrder {
  readonly reader: PublicationReader;
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  readonly authorityKey: Bytes;
  /** whether that key came from the folder itself and not from somewhere else */
  readonly keyFromFolder: boolean;
  readonly lots: string | null;
  readonly witnesses?: readonly NoteKey[];
  readonly seen?: ReadonlyMap<string, Bytes>;
  readonly progress?: (done: number, all: number) => void;
}

function decide(
  order: VerifyOrder,
  faults: Faults,
  provisioning: Provisioning,
  standings: Standings,
): Outcome | null {
  const law = lawInForce(provisioning);
  if (law === undefined) return null;
  const published = order.reader.read(OUTCOME_FILE);
  const seed = order.lots ?? publishedSeed(published);
  const slips = [...standings.values()].map(({ checked }) => checked.slip);
  const outcome = outcomeOf(provisioning, slips, seed);
  if (!outcome.ok) {
    faults.add('law_refused', '', outcome.fault.path, PUBLISHER, outcome.fault.problem);
    return null;
  }
  const boxes: Box[] = [];
  for (const slip of slips) {
    const box = boxOfSlip(law, slip);
    if (box.ok) boxes.push(box.value);
  }
  for (const { contest, problem } of checkOutcome(law, boxes, outcome.value))
    faults.add('certificate_wrong', '', contest, PUBLISHER, problem);
  if (published !== undefined) checkJson(order, faults, OUTCOME_FILE, outcome.value, jsonLine);
  return outcome.value;
}

/** A published outcome says itself by which seed its lots were drawn. */
function publishedSeed(bytes: Bytes | undefined): string | null {
  const value = bytes === undefined ? undefined : readJson(bytes, jsonLine)?.value;
  const lots = typeof value === 'object' && value !== null && 'lots' in value ? value.lots : undefined;
  return typeof lots === 'object' && lots !== null && 'seed' in lots && typeof lots.seed === 'string'
    ? lots.seed
    : null;
}

function readPackage(order: VerifyOrder, faults: Faults): Provisioning | undefined {
  const files = new Map<string, Bytes>();
  for (const name of order.reader.names()) {
    if (!name.startsWith(PACKAGE_FOLDER)) continue;
    const inner = name.slice(PACKAGE_FOLDER.length);
    const bytes = isProvisioningFile(inner) ? order.reader.read(name) : undefined;
    if (bytes !== undefined) files.set(inner, bytes);
  }
  const checked = checkProvisioning(files, order.crypto, order.authorityKey);
  if (checked.ok) return checked.value;
  const { code, at, wanted } = checked.fault;
  const [file = '', ...rest] = at.split(': ');
  faults.add(code, `${PACKAGE_FOLDER}${file}`, rest.join(': '), AUTHORITY_SUBJECT, wanted);
  return undefined;
}

function caveats(
  order: VerifyOrder,
  verdict: Pick<Verdict, 'slips' | 'outcome' | 'bulletin'>,
  damaged: boolean,
): readonly Caveat[] {
  const { slips, outcome, bulletin } = verdict;
  const list: Caveat[] = [];
  if (slips !== null && slips.missing > 0) list.push('slips_missing');
  if (slips !== null && slips.disputed > 0) list.push('slips_disputed');
  if (damaged) list.push('sums_not_compared');
  else if (slips !== null && outcome === null) list.push('law_not_bound');
  if (outcome?.contests.some(({ status }) => status === 'needs_draw')) list.push('draw_needed');
  if (bulletin !== null && bulletin.witnesses.length === 0) list.push('no_witness');
  if (bulletin !== null && bulletin.seen === 0) list.push('no_checkpoint_seen_before');
  if (order.keyFromFolder) list.push('authority_key_from_the_folder');
  return [...list, ...NOT_SHOWN];
}

export interface Verified {
  readonly verdict: Verdict;
  readonly provisioning: Provisioning | undefined;
}

/** Verifies a publication. Total: any files give a verdict. */
export function verifyPublication(order: VerifyOrder): Verified {
  const all = verifyInSteps(order);
  for (;;) {
    const step = all.next();
    if (step.done === true) return step.value;
  }
}

/** The same, stopping after every so many stations: between two steps other work may be done. To be run to its end. */
export function* verifyInSteps(given: VerifyOrder): Generator<void, Verified> {
  // The keys in published records were enrolled by others, who asked for their order.
  const before = setKeyCheck(isKeyEncoding);
  try {
    return yield* steps(given);
  } finally {
    setKeyCheck(before);
  }
}

function* steps(given: VerifyOrder): Generator<void, Verified> {
  let signatures = 0;
  const crypto: VerifyOrder['crypto'] = {
    sha256: given.crypto.sha256,
    verify: (key, message, signature) => {
      signatures++;
      return given.crypto.verify(key, message, signature);
    },
  };
  const reader = unpacking(given.reader);
  const order = { ...given, crypto, reader };
  const names = new Set(reader.names());
  const faults = new Faults();
  for (const { code, file, at, whose, wanted } of reader.faults ?? [])
    faults.add(code, file, at, whose, wanted);
  const provisioning = readPackage(order, faults);
  yield;
  const standings = new Map<string, Standing>();
  let onlyBound: readonly string[] = [];
  let bulletin: BulletinReport | null = null;
  let outcome: Outcome | null = null;
  let damaged = false;
  if (provisioning !== undefined) {
    let done = 0;
    for (const station of provisioning.stations.keys()) {
      const standing = standingOf({ reader, provisioning, crypto, faults }, station);
      if (standing !== undefined) standings.set(station, standing);
      order.progress?.(++done, provisioning.stations.size);
      if (done % STATIONS_PER_STEP === 0) yield;
    }
    // Sums over slips of which one does not hold would blame the wrong file: they are compared when all hold.
    const whole = faults.count === 0;
    checkStrays(order, faults, provisioning, standings);
    if (whole) {
      checkJson(order, faults, TOTALS_FILE, totalsFile(provisioning, standings));
      checkJson(order, faults, STATIONS_FILE, stationsFile(provisioning, standings));
      checkCsv(order, faults, provisioning, standings);
      outcome = decide(order, faults, provisioning, standings);
    }
    onlyBound = checkIndex(order, faults, provisioning);
    const { witnesses = [], seen = new Map<string, Bytes>() } = order;
    bulletin = checkBulletin({ reader, provisioning, crypto, faults, witnesses, seen }) ?? null;
    damaged = !whole;
  }
  const stations = provisioning === undefined ? [] : [...provisioning.stations.values()];
  const missing = stations.filter(({ id }) => !names.has(slipFile(id))).map(({ id }) => id);
  const { expected, received, disputed } = slipCounts(standings, stations);
  const slips =
    provisioning === undefined
      ? null
      : {
          expected,
          received,
          missing: missing.length,
          not_holding: expected - received - missing.length,
          disputed,
        };
  const held = [...standings.values()];
  const verdict: Verdict = {
    form: VERDICT_FORM,
    ok: faults.named.length === 0,
    election: provisioning?.election ?? null,
    mode: provisioning === undefined ? null : provisioning.package.demonstration ? 'rehearsal' : 'official',
    authority_key: provisioning === undefined ? null : toHex(order.authorityKey),
    package_digest: provisioning === undefined ? null : toHex(provisioning.packageDigest),
    slips,
    missing,
    disputed: held
      .filter(({ disputes }) => disputes.length > 0)
      .map(({ station, disputes }) => ({ station, reasons: disputes })),
    corrected: held
      .filter(({ versions }) => versions.length > 1)
      .map(({ station, versions }) => ({ station, version: versions.length })),
    checked: { files: names.size, signatures },
    only_bound: onlyBound,
    bulletin,
    outcome,
    faults: faults.named,
    faults_unnamed: faults.unnamed,
    not_shown: caveats(order, { slips, outcome, bulletin }, damaged),
  };
  return { verdict, provisioning };
}
