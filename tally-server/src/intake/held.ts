/**
 * What the intake holds, judged: the slip that stands for each station, and its versions. In memory is what every
 * question needs; the rest of a bundle is judged again from the store when somebody looks at that one slip.
 */
import {
  type Bytes,
  type CheckedBundle,
  type CheckedCorrection,
  decode,
  type Provisioning,
  records,
} from '@sandoq/protocol';
import { countsOfSlip, totalsOfCounts } from './counts.ts';

/** One version of a station's result as it was taken in: the slip's bundle, or a correction. */
export interface HeldVersion {
  readonly version: number;
  readonly bundleDigest: Bytes;
  /** SHA-256 of the receipt: what the bulletin's entry says */
  readonly receiptDigest: Bytes;
  /** epoch seconds */
  readonly receivedAt: number;
  readonly checked: HeldContent | CheckedCorrection;
}

/** The slip that stands for a station. What it says was judged from its own bytes, never from a copy. */
export interface HeldSlip extends HeldVersion {
  readonly station: string;
  /** why it is disputed; empty where it is not */
  readonly disputes: readonly string[];
  /** from the slip to the last correction, which is this one */
  readonly versions: readonly HeldVersion[];
}

/** A judged bundle; what is seldom asked for may be made when it is. */
export type HeldContent = Omit<CheckedBundle, 'slipPayload'>;

export const correctionOf = ({ checked }: HeldVersion): CheckedCorrection | undefined =>
  'correction' in checked ? checked : undefined;

/** Why a slip is disputed: its own word and what does not agree, or a signer of the minutes who refused. */
export function disputesOf(checked: Pick<CheckedBundle, 'breaks' | 'slip' | 'approvals'>): readonly string[] {
  const disputes: string[] = checked.breaks.map(({ code }) => code);
  if (checked.slip.disputed && disputes.length === 0) disputes.push('segment_disputed');
  if (checked.approvals.some(({ refused }) => refused)) disputes.push('minutes_refused');
  return disputes.length === 0 ? NONE : [...new Set(disputes)];
}
const NONE: readonly string[] = [];

/** What is known of a bundle without its bytes. */
export interface HeldSummary {
  readonly station: records.Station;
  /** the slip's payload: what it says is read from here */
  readonly slipPayload: Bytes;
  /** counts.ts */
  readonly counts: Float64Array;
  /** epoch seconds */
  readonly closedAt: number;
  readonly slipDigest: Bytes;
  readonly bundleDigest: Bytes;
  readonly signedBy: readonly records.Role[];
  readonly poweredMinutes: number;
  readonly disputes: readonly string[];
}

/**
 * A nation's slips fit into memory by this: the numbers in one row, the slip as its bytes; signatures, sessions and
 * commitments stay in the store.
 */
export class HeldBundle implements HeldContent {
  readonly station: records.Station;
  readonly counts: Float64Array;
  readonly closedAt: number;
  readonly #slipPayload: Bytes;
  readonly slipDigest: Bytes;
  readonly bundleDigest: Bytes;
  readonly signedBy: readonly records.Role[];
  readonly poweredMinutes: number;
  readonly disputes: readonly string[];
  readonly #whole: () => CheckedBundle;

  /** @param whole judges the stored bytes again */
  constructor(summary: HeldSummary, whole: () => CheckedBundle) {
    this.station = summary.station;
    this.counts = summary.counts;
    this.closedAt = summary.closedAt;
    this.#slipPayload = summary.slipPayload;
    this.slipDigest = summary.slipDigest;
    this.bundleDigest = summary.bundleDigest;
    this.signedBy = summary.signedBy;
    this.poweredMinutes = summary.poweredMinutes;
    this.disputes = summary.disputes;
    this.#whole = whole;
  }

  get slip(): records.Slip {
    const slip = decode(records.slipShape, this.#slipPayload);
    if (!slip.ok) throw new Error('a judged slip that cannot be read');
    return slip.value;
  }
  get approvals(): CheckedBundle['approvals'] {
    return this.#whole().approvals;
  }
  get sessions(): CheckedBundle['sessions'] {
    return this.#whole().sessions;
  }
  get commitments(): CheckedBundle['commitments'] {
    return this.#whole().commitments;
  }
  get breaks(): CheckedBundle['breaks'] {
    return this.#whole().breaks;
  }
}

type Content = HeldVersion['checked'];

/** Whose signature the minutes carry, in agreement or refusing. */
export const signersOf = (checked: Content): readonly records.Role[] =>
  checked instanceof HeldBundle ? checked.signedBy : checked.approvals.map(({ role }) => role);

export const poweredMinutesOf = (checked: Content): number =>
  checked instanceof HeldBundle
    ? checked.poweredMinutes
    : checked.commitments.reduce((sum, { poweredMinutes }) => sum + poweredMinutes, 0);

/** The slip's numbers in one row: counts.ts. */
export const countsIn = (checked: Content): Float64Array =>
  checked instanceof HeldBundle ? checked.counts : countsOfSlip(checked.slip);

export const closedAtOf = (checked: Content): number =>
  checked instanceof HeldBundle ? checked.closedAt : checked.slip.closedAt;

/** The slips as the counting law takes them. */
export function* lawSlips(
  { package: { contests } }: Pick<Provisioning, 'package'>,
  held: readonly HeldSlip[],
): Generator<Pick<records.Slip, 'stationId' | 'totals'>> {
  for (const { station, checked } of held)
    yield { stationId: station, totals: totalsOfCounts(contests, countsIn(checked)) };
}

export interface HeldSlips {
  /** by station id */
  list(provisioning: Provisioning): readonly HeldSlip[];
  of(provisioning: Provisioning, station: string): HeldSlip | undefined;
  add(election: string, version: HeldVersion): void;
  /** changes with every version that is added */
  count(election: string): number;
}

interface OfElection {
  readonly stations: Map<string, HeldSlip>;
  versions: number;
  /** the stations in order; undefined after a change */
  list: readonly HeldSlip[] | undefined;
}

export function createHeldSlips(): HeldSlips {
  const elections = new Map<string, OfElection>();
  const ofElection = (election: string): OfElection => {
    const known = elections.get(election) ?? { stations: new Map(), versions: 0, list: undefined };
    elections.set(election, known);
    return known;
  };
  return {
    list: ({ election }) => {
      const held = ofElection(election);
      held.list ??= [...held.stations.values()].sort((a, b) => (a.station < b.station ? -1 : 1));
      return held.list;
    },
    of: ({ election }, station) => elections.get(election)?.stations.get(station),
    add: (election, version) => {
      const held = ofElection(election);
      const { checked } = version;
      const station = checked.station.id;
      const before = held.stations.get(station)?.versions ?? [];
      if (version.version !== before.length + 1)
        throw new Error(`a version of station ${station} is missing`);
      const disputes = checked instanceof HeldBundle ? checked.disputes : disputesOf(checked);
      held.stations.set(station, { ...version, station, disputes, versions: [...before, version] });
      held.versions++;
      held.list = undefined;
    },
    count: (election) => elections.get(election)?.versions ?? 0,
  };
}
