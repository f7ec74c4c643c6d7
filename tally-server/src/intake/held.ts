/** What the intake holds, judged: the slip that stands for each station, and its versions. Bytes stay in the store. */
import type { Bytes, CheckedBundle, CheckedCorrection, Provisioning } from '@sandoq/protocol';

/** One version of a station's result as it was taken in: the slip's bundle, or a correction. */
export interface HeldVersion {
  readonly version: number;
  readonly bundleDigest: Bytes;
  /** SHA-256 of the receipt: what the bulletin's entry says */
  readonly receiptDigest: Bytes;
  /** epoch seconds */
  readonly receivedAt: number;
  readonly checked: CheckedBundle | CheckedCorrection;
}

/** The slip that stands for a station. What it says was judged from its own bytes, never from a copy. */
export interface HeldSlip extends HeldVersion {
  readonly station: string;
  /** why it is disputed; empty where it is not */
  readonly disputes: readonly string[];
  /** from the slip to the last correction, which is this one */
  readonly versions: readonly HeldVersion[];
}

export const correctionOf = ({ checked }: HeldVersion): CheckedCorrection | undefined =>
  'correction' in checked ? checked : undefined;

/** Why a slip is disputed: its own word and what does not agree, or a signer of the minutes who refused. */
export function disputesOf(checked: Pick<CheckedBundle, 'breaks' | 'slip' | 'approvals'>): readonly string[] {
  const disputes: string[] = checked.breaks.map(({ code }) => code);
  if (checked.slip.disputed && disputes.length === 0) disputes.push('segment_disputed');
  if (checked.approvals.some(({ refused }) => refused)) disputes.push('minutes_refused');
  return [...new Set(disputes)];
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
      const station = version.checked.station.id;
      const versions = [...(held.stations.get(station)?.versions ?? []), version];
      if (version.version !== versions.length) throw new Error(`a version of station ${station} is missing`);
      held.stations.set(station, { ...version, station, disputes: disputesOf(version.checked), versions });
      held.versions++;
      held.list = undefined;
    },
    count: (election) => elections.get(election)?.versions ?? 0,
  };
}
