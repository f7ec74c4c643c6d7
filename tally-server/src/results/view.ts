/** What a results page shows, as data: no text and no HTML, so that a test can read it. Pure. */
import { outcomeOf, type Provisioning, type records } from '@sandoq/protocol';
import type { Certificate } from '@sandoq/protocol/law';
import { type HeldSlip, lawSlips } from '../intake/held.ts';
import {
  type ContestSum,
  type PlaceSums,
  type Scope,
  type StationStanding,
  type Sums,
  standings,
  sumOf,
  sumsByPlace,
} from '../totals/totals.ts';

export type Fate = 'elected' | 'runoff' | 'tied' | 'withdrawn';

export interface CandidateLine {
  readonly index: number;
  readonly code: string;
  readonly name: records.Bilingual;
  readonly list?: string;
  readonly votes: number;
  /** of the denominator that the package sets */
  readonly share: number;
  /** of the leader, for the bar */
  readonly bar: number;
  readonly fate?: Fate;
}

export interface ContestView {
  readonly id: string;
  readonly title: records.Bilingual;
  readonly law: records.LawRule;
  readonly seats: number;
  readonly choicesMax: number;
  readonly sum: ContestSum;
  readonly denominator: records.Denominator;
  /** by votes, then as on the ballot */
  readonly lines: readonly CandidateLine[];
  /** how many lines are shown at once: the rest unfolds */
  readonly shown: number;
  readonly certificate?: Certificate;
}

export interface ResultsView {
  readonly provisioning: Provisioning;
  readonly scope: Scope;
  readonly sums: Sums;
  readonly contests: readonly ContestView[];
  readonly stations: readonly StationStanding[];
  readonly places: readonly PlaceSums[];
  /** epoch seconds of the latest slip; undefined before the first */
  readonly latestAt?: number;
}

/** The fewest lines shown at once; with more seats, twice the seats. */
const LINES_SHOWN_MIN = 10;
/** A list that is only a little longer is shown whole. */
const LINES_SHOWN_SLACK = 5;

function fatesOf(
  provisioning: Provisioning,
  contest: number,
  certificate: Certificate | undefined,
): ReadonlyMap<number, Fate> {
  const fates = new Map<number, Fate>();
  if (certificate === undefined) return fates;
  const mark = (ids: readonly string[], fate: Fate): void => {
    for (const id of ids) {
      // Candidates' ids under the law are their codes.
      const index =
        provisioning.candidateLists[contest]?.candidates.findIndex(({ code }) => code === id) ?? -1;
      if (index >= 0) fates.set(index, fate);
    }
  };
  mark(
    certificate.tally.filter(({ withdrawn }) => withdrawn !== null).map(({ candidate }) => candidate),
    'withdrawn',
  );
  mark(certificate.runoff?.candidates.map(({ candidate }) => candidate) ?? [], 'runoff');
  for (const tie of certificate.ties)
    if (tie.order === null && tie.draw !== 'alternates') mark(tie.between, 'tied');
  mark(
    certificate.elected.map(({ candidate }) => candidate),
    'elected',
  );
  return fates;
}

function contestView(
  provisioning: Provisioning,
  i: number,
  sum: ContestSum,
  certificate: Certificate | undefined,
): ContestView {
  const contest = provisioning.package.contests[i] as records.Contest;
  const { denominator } = provisioning.package.settings;
  const base = denominator === 'all_votes' ? sum.records : sum.valid;
  const most = Math.max(1, ...sum.candidates);
  const fates = fatesOf(provisioning, i, certificate);
  const lines = (provisioning.candidateLists[i]?.candidates ?? []).map((candidate, index): CandidateLine => {
    const votes = sum.candidates[index] ?? 0;
    const fate = fates.get(index);
    return {
      index,
      code: candidate.code,
      name: candidate.name,
      ...(candidate.list === undefined ? {} : { list: candidate.list }),
      votes,
      share: base === 0 ? 0 : votes / base,
      bar: votes / most,
      ...(fate === undefined ? {} : { fate }),
    };
  });
  lines.sort((a, b) => b.votes - a.votes || a.index - b.index);
  const few = Math.max(LINES_SHOWN_MIN, contest.seats * 2);
  return {
    id: contest.id,
    title: contest.title,
    law: contest.law,
    seats: contest.seats,
    choicesMax: contest.choicesMax,
    sum,
    denominator,
    lines,
    shown: lines.length <= few + LINES_SHOWN_SLACK ? lines.length : few,
    ...(certificate === undefined ? {} : { certificate }),
  };
}

/**
 * What the law makes of the slips that are here, contest by contest; none before the first slip, and none where the
 * package binds no law or the law cannot take a slip (a disputed one that breaks its own sums).
 */
function certificatesOf(provisioning: Provisioning, slips: readonly HeldSlip[]): readonly Certificate[] {
  if (slips.length === 0) return [];
  const outcome = outcomeOf(provisioning, lawSlips(provisioning, slips), null);
  return outcome.ok ? outcome.value.contests : [];
}

export function resultsView(
  provisioning: Provisioning,
  held: readonly HeldSlip[],
  scope: Scope,
): ResultsView {
  const stations = standings(provisioning, held, scope);
  const sums = sumOf(provisioning.package, stations);
  const slips = stations.flatMap(({ slip }) => (slip === undefined ? [] : [slip]));
  // The law decides over a whole election; a part of it has sums, but elects nobody.
  const certificates = scope.province === undefined ? certificatesOf(provisioning, slips) : [];
  return {
    provisioning,
    scope,
    sums,
    contests: sums.contests.map((sum, i) => contestView(provisioning, i, sum, certificates[i])),
    stations,
    places: sumsByPlace(provisioning.package, stations),
    ...(slips.length === 0 ? {} : { latestAt: Math.max(...slips.map(({ receivedAt }) => receivedAt)) }),
  };
}
