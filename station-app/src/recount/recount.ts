/**
 * The recount: another program, on another machine if one likes, opens the same records with its own code and says
 * whether it comes to the slip's numbers. It rests on the signed package, the box's commitment and the two cards.
 */
import { readFileSync } from 'node:fs';
import {
  BUNDLE_BYTES_MAX,
  type Bytes,
  checkSignature,
  decode,
  directoryOf,
  parseTyped,
  records,
  SLIP_BYTES_MAX,
  type StationId,
  sealedBytes,
  sessionEntry,
  stationDirectory,
  withdrawnUnder,
} from '@sandoq/protocol';
import { type RoleReaderPorts, type SlotPin, takeCountKeys } from './card-keys.ts';
import { sealedOpener } from './open-sealed.ts';
import { ownCrypto } from './own-crypto.ts';
import { type OwnPackage, readOwnPackage } from './own-package.ts';
import { readRecords, readStore, rootOf } from './records-file.ts';
import { type Difference, differences, type Total, tally } from './tally.ts';

export interface RecountOrder {
  readonly packageFolder: string;
  /** a folder whose `amendments` the station was given during the day */
  readonly amendmentsFolder?: string | undefined;
  readonly authorityKey: Bytes;
  readonly stationId: StationId;
  readonly source: { readonly kind: 'store' | 'records'; readonly path: string };
  readonly bundlePath: string;
  readonly roleReader: RoleReaderPorts;
  readonly pins: readonly SlotPin[];
}

export interface RecountResult {
  readonly agreed: boolean;
  readonly records: number;
  readonly records_committed: number;
  /** the records found are the set that the box committed to */
  readonly set_root_agrees: boolean;
  readonly unreadable: number;
  readonly totals: readonly (Total & { readonly contest: string })[];
  readonly differences: readonly Difference[];
}

/** What is wrong with what the recount was given; nothing has been opened. */
export class RecountRefused extends Error {}

function demand<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new RecountRefused(what);
  return value;
}

interface Evidence {
  readonly slip: records.Slip;
  readonly session: records.Session;
  readonly sessionRecord: Bytes;
  readonly commitment: records.Commitment;
  readonly commitmentRecord: Bytes;
}

/** The slip, its session and its commitment, each signed by whom it must be. */
function readEvidence(order: RecountOrder, own: OwnPackage): Evidence {
  const bundle = decode(
    records.bundleShape,
    new Uint8Array(readFileSync(order.bundlePath)),
    BUNDLE_BYTES_MAX,
  );
  if (!bundle.ok) throw new RecountRefused(`bundle: wanted ${bundle.fault.wanted} at ${bundle.fault.at}`);
  const sessionRecord = demand(bundle.value.sessions[0], 'the bundle has no session');
  const commitmentRecord = demand(bundle.value.commitments[0], 'the bundle has no commitment');
  const directory = stationDirectory(own, own.station);
  const { election } = own;
  const trust = (known: typeof directory, record: Parameters<typeof checkSignature>[4]): boolean =>
    checkSignature(ownCrypto, known, election, 0, record).ok;
  const slip = parseTyped(bundle.value.slip, 'slip', records.slipShape, SLIP_BYTES_MAX);
  if (!slip.ok || !trust(directory, slip.value.record)) throw new RecountRefused('the slip proves nothing');
  const session = parseTyped(sessionRecord, 'session', records.sessionShape);
  if (!session.ok || !trust(directory, session.value.record))
    throw new RecountRefused('the session proves nothing');
  const commitment = parseTyped(commitmentRecord, 'commitment', records.commitmentShape);
  const ofSession = directoryOf([sessionEntry(session.value.value)]);
  if (!commitment.ok || !trust(ofSession, commitment.value.record))
    throw new RecountRefused('the commitment proves nothing');
  if (slip.value.value.stationId !== order.stationId)
    throw new RecountRefused('the slip is of another station');
  return {
    slip: slip.value.value,
    session: session.value.value,
    sessionRecord,
    commitment: commitment.value.value,
    commitmentRecord,
  };
}

/** @throws RecountRefused or KeyRefused with what stands in the way */
export async function recount(
  order: RecountOrder,
  onProgress: (text: string) => void,
): Promise<RecountResult> {
  const checked = readOwnPackage(order);
  if (!checked.ok) throw new RecountRefused(`package: ${checked.fault.code} at ${checked.fault.at}`);
  const { package: election, station, stationRecord, amendments } = checked.value;
  const evidence = readEvidence(order, checked.value);
  const bytes = sealedBytes(election.contests);
  const sealed =
    order.source.kind === 'store'
      ? readStore(order.source.path, bytes)
      : readRecords(order.source.path, bytes);
  onProgress(`${sealed.length} sealed records`);
  const keys = await takeCountKeys(
    order.roleReader,
    order.pins,
    { station: stationRecord, session: evidence.sessionRecord, commitment: evidence.commitmentRecord },
    station,
  );
  const inForce = amendments.filter((one) =>
    (evidence.slip.amendments ?? []).some((digest) => Buffer.from(digest).equals(one.digest)),
  );
  const rules = {
    contests: election.contests,
    withdrawn: election.contests.map((_, contest) => withdrawnUnder(inForce, contest)),
  };
  const { sessionId } = evidence.session;
  const open = sealedOpener(keys, sessionId);
  const counted = tally(
    rules,
    (function* () {
      for (const record of sealed) yield open(record);
    })(),
  );
  const found = differences(rules, counted, evidence.slip);
  const rootAgrees = rootOf(sealed).equals(evidence.commitment.setRoot);
  return {
    agreed:
      rootAgrees &&
      found.length === 0 &&
      counted.unreadable === 0 &&
      sealed.length === evidence.commitment.records &&
      sealed.length === evidence.slip.slots.tallied,
    records: sealed.length,
    records_committed: evidence.commitment.records,
    set_root_agrees: rootAgrees,
    unreadable: counted.unreadable,
    totals: counted.totals.map((total, contest) => ({
      contest: election.contests[contest]?.id ?? '',
      ...total,
    })),
    differences: found,
  };
}
