/**
 * What totals.json, stations.json, totals.csv and the head of index.json must say, made again from the slips: a
 * second writing of the same sums, on purpose not the server's. Names are those of the JSON.
 */
import { toHex } from '../codec/bytes.ts';
import type { ContestTotal, Station } from '../records/generated.ts';
import { compareIds, type Provisioning } from '../records/provisioning.ts';
import type { Standing } from './standing.ts';

export type Standings = ReadonlyMap<string, Standing>;

export const electionHead = (provisioning: Provisioning): object => ({
  election: provisioning.election,
  title: provisioning.package.title,
  mode: provisioning.package.demonstration ? 'rehearsal' : 'official',
  package_digest: toHex(provisioning.packageDigest),
  amendments: provisioning.amendments.map(({ digest }) => toHex(digest)),
  stations_count: provisioning.stations.size,
});

const PLAIN = ['records', 'valid', 'blank', 'invalid', 'marks', 'undervotes'] as const;

function contestSums(provisioning: Provisioning, contest: number, totals: readonly ContestTotal[]): object {
  const list = provisioning.candidateLists[contest]?.candidates ?? [];
  const plain = PLAIN.map((name) => totals.reduce((before, total) => before + total[name], 0));
  const votes = new Float64Array(list.length);
  for (const { candidates } of totals)
    for (let i = 0; i < votes.length; i++) votes[i] = (votes[i] as number) + (candidates[i] ?? 0);
  return {
    contest: provisioning.package.contests[contest]?.id,
    ...Object.fromEntries(PLAIN.map((name, i) => [name, plain[i]])),
    candidates: list.map(({ code }, i) => ({ code, votes: votes[i] })),
  };
}

/** The counts of some stations: expected, received, missing and disputed beside every sum. */
export function slipCounts(standings: Standings, stations: readonly Station[]) {
  const here = stations.flatMap(({ id }) => standings.get(id) ?? []);
  return {
    expected: stations.length,
    received: here.length,
    missing: stations.length - here.length,
    disputed: here.filter(({ disputes }) => disputes.length > 0).length,
  };
}

function sums(provisioning: Provisioning, standings: Standings, stations: readonly Station[]): object {
  const slips = stations.flatMap(({ id }) => standings.get(id)?.checked.slip ?? []);
  const people = (of: (slip: (typeof slips)[number]) => number): number =>
    slips.reduce((before, slip) => before + of(slip), 0);
  return {
    slips: slipCounts(standings, stations),
    cast: people((slip) => slip.tarefe.cast),
    admitted: people((slip) => slip.admissions.admitted),
    local: people((slip) => slip.admissions.local),
    visiting: people((slip) => slip.admissions.visiting),
    contests: provisioning.package.contests.map((_, contest) =>
      contestSums(
        provisioning,
        contest,
        slips.flatMap((slip) => slip.totals.filter((total) => total.contest === contest)),
      ),
    ),
  };
}

/** Each province, and after it its counties, by ids in bytewise order. */
function places(provisioning: Provisioning, standings: Standings): readonly object[] {
  const ofProvince = Map.groupBy(provisioning.stations.values(), ({ place }) => place.province);
  const inOrder = <Value>(groups: ReadonlyMap<string, Value>) =>
    [...groups].sort(([a], [b]) => compareIds(a, b));
  return inOrder(ofProvince).flatMap(([province, stations]) => [
    { province, ...sums(provisioning, standings, stations) },
    ...inOrder(Map.groupBy(stations, ({ place }) => place.county)).map(([county, some]) => ({
      province,
      county,
      ...sums(provisioning, standings, some),
    })),
  ]);
}

export function totalsFile(provisioning: Provisioning, standings: Standings): object {
  const described = provisioning.package.contests.map((contest, i) => ({
    id: contest.id,
    title: contest.title,
    law: contest.law,
    seats: contest.seats,
    choices_max: contest.choicesMax,
    candidates: provisioning.candidateLists[i]?.candidates.map(({ code, name, list }) => ({
      code,
      name,
      ...(list === undefined ? {} : { list }),
    })),
  }));
  return {
    ...electionHead(provisioning),
    scope: {},
    ...sums(provisioning, standings, [...provisioning.stations.values()]),
    describes: described,
    places: places(provisioning, standings),
  };
}

export function stationsFile(provisioning: Provisioning, standings: Standings): object {
  const stations = [...provisioning.stations.values()].map(({ id, name, kind, place }) => {
    const standing = standings.get(id);
    if (standing === undefined) return { station: id, name, kind, place, state: 'missing' };
    const { checked, disputes, receivedAt, versions } = standing;
    return {
      station: id,
      name,
      kind,
      place,
      state: disputes.length > 0 ? 'disputed' : 'received',
      cast: checked.slip.tarefe.cast,
      received_at: receivedAt,
      closed_at: checked.slip.closedAt,
      version: versions.length,
      disputes,
      slip_digest: toHex(checked.slipDigest),
      bundle_digest: toHex(checked.bundleDigest),
    };
  });
  return { ...electionHead(provisioning), stations };
}

/** RFC 4180: one row a station and choice with votes; the contest stands between where there are several. */
export function totalsCsv(provisioning: Provisioning, standings: Standings): string {
  const { contests } = provisioning.package;
  const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const isSeveral = contests.length > 1;
  // What stands after the station's name, by contest and choice: quoted once, not once a slip.
  const cells = contests.map(({ id }, contest) => {
    const names = provisioning.candidateLists[contest]?.candidates.map(({ name }) => name.en) ?? [];
    const before = isSeveral ? `,${quote(id)},` : ',';
    return [...names, 'undervote', 'invalid'].map((choice) => `${before}${quote(choice)},`);
  });
  const stations: string[] = [];
  for (const [id, station] of provisioning.stations) {
    const name = quote(station.name.en);
    let lines = '';
    for (const total of standings.get(id)?.checked.slip.totals ?? []) {
      const contest = contests[total.contest];
      const choices = cells[total.contest];
      if (contest === undefined || choices === undefined) continue;
      const last = choices.length - 1;
      for (let i = 0; i <= last; i++) {
        const votes =
          i === last
            ? total.invalid
            : i === last - 1
              ? total.blank * contest.choicesMax + total.undervotes
              : (total.candidates[i] ?? 0);
        if (votes > 0) lines += `${name}${choices[i]}${votes}\r\n`;
      }
    }
    stations.push(lines);
  }
  const head = isSeveral ? 'precinct,contest,choice,ballots' : 'precinct,choice,ballots';
  return `${head}\r\n${stations.join('')}`;
}
