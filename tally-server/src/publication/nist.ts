/**
 * The results as NIST SP 1500-100r2 ElectionReport, JSON form. Stations are polling places, districts, constituencies
 * and counties are units composed of them. Beyond NIST_STATIONS_MAX stations the counts are given by place and the
 * stations' own are left to CSV and slips. Pure.
 */
import type { records } from '@sandoq/protocol';
import type { Certificate } from '@sandoq/protocol/law';
import { type ContestSum, type Sums, scopePath, sumsByPlace } from '../totals/totals.ts';
import { isComplete, type Snapshot } from './results.ts';

/** A province has some two thousand stations; a count by station of a nation would be hundreds of megabytes. */
export const NIST_STATIONS_MAX = 5000;
const ISSUER = 'Sandoq provincial election server';
const type = (name: string) => ({ '@type': `ElectionResults.${name}` });

const text = ({ fa, en }: records.Bilingual) => ({
  ...type('InternationalizedText'),
  Text: [
    { ...type('LanguageString'), Content: fa, Language: 'fa' },
    { ...type('LanguageString'), Content: en, Language: 'en' },
  ],
});
const identifier = (value: string, label: string) => ({
  ...type('ExternalIdentifier'),
  Type: 'other',
  OtherType: label,
  Value: value,
});

/** A date is the day in Iran, by the offset of the package. */
const localDay = (epochSeconds: number, offsetMinutes: number): string =>
  new Date((epochSeconds + offsetMinutes * 60) * 1000).toISOString().slice(0, 10);

const wholeId = 'unit-nation';
const placeId = (path: readonly string[]): string => `unit-${path.map(encodeURIComponent).join('/')}`;
const stationId = (id: string): string => `station-${id}`;
const candidateId = (contest: string, code: string): string => `candidate-${contest}-${code}`;

const UNIT_TYPES = ['state', 'county', 'other', 'other'] as const;
const OTHER_TYPES = [undefined, undefined, 'constituency', 'district'] as const;

interface Place {
  readonly id: string;
  readonly sums: Sums;
}

interface Units {
  readonly units: readonly object[];
  readonly counted: readonly Place[];
}

function unitsOf(snapshot: Snapshot): Units {
  const { provisioning, stations, sums } = snapshot;
  const places = sumsByPlace(provisioning.package, stations).map(({ sums: of, ...scope }) => {
    const path = scopePath(scope);
    return { id: placeId(path), path, sums: of };
  });
  const children = new Map<string, string[]>();
  const addChild = (parent: string, child: string): void => {
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [child]);
    else list.push(child);
  };
  for (const { path, id } of places) addChild(path.length === 1 ? wholeId : placeId(path.slice(0, -1)), id);
  for (const { station } of stations) addChild(placeId(scopePath(station.place)), stationId(station.id));
  const reported = ({ slips }: Sums) => ({ SubUnitsReported: slips.received, TotalSubUnits: slips.expected });
  const units = [
    {
      ...type('ReportingUnit'),
      '@id': wholeId,
      Type: 'country',
      Name: text({ fa: 'همهٔ حوزه‌ها', en: 'All places' }),
      ComposingGpUnitIds: children.get(wholeId) ?? [],
      ...reported(sums),
    },
    ...places.map(({ id, path, sums: of }) => {
      const other = OTHER_TYPES[path.length - 1];
      const name = path.at(-1) ?? '';
      return {
        ...type('ReportingUnit'),
        '@id': id,
        Type: UNIT_TYPES[path.length - 1] ?? 'other',
        ...(other === undefined ? {} : { OtherType: other }),
        Name: text({ fa: name, en: name }),
        ComposingGpUnitIds: children.get(id) ?? [],
        ...reported(of),
      };
    }),
    ...stations.map(({ station, state }) => ({
      ...type('ReportingUnit'),
      '@id': stationId(station.id),
      Type: 'polling-place',
      Name: text(station.name),
      ExternalIdentifier: [identifier(station.id, 'station')],
      SubUnitsReported: state === 'missing' ? 0 : 1,
      TotalSubUnits: 1,
    })),
  ];
  return { units, counted: [{ id: wholeId, sums }, ...places] };
}

interface CountedUnit {
  readonly id: string;
  readonly contests: readonly ContestSum[];
}

const VARIATIONS: Partial<Readonly<Record<records.LawRule, string>>> = {
  president: 'majority',
  council_lists: 'proportional',
};

function statusOf(certificate: Certificate | undefined, code: string, complete: boolean): string | undefined {
  // Nobody is a winner before everything is in.
  if (certificate === undefined || !complete) return undefined;
  if (certificate.elected.some(({ candidate }) => candidate === code)) return 'winner';
  if (certificate.runoff?.candidates.some(({ candidate }) => candidate === code) === true)
    return 'advanced-to-runoff';
  return certificate.tally.some(({ candidate, withdrawn }) => candidate === code && withdrawn !== null)
    ? 'withdrawn'
    : undefined;
}

function contestOf(snapshot: Snapshot, i: number, counted: readonly CountedUnit[]): object {
  const contest = snapshot.provisioning.package.contests[i] as records.Contest;
  const { slips } = snapshot.sums;
  return {
    ...type('CandidateContest'),
    '@id': `contest-${contest.id}`,
    Name: contest.title.en,
    BallotTitle: text(contest.title),
    ElectionDistrictId: wholeId,
    VotesAllowed: contest.choicesMax,
    NumberElected: contest.seats,
    SubUnitsReported: slips.received,
    TotalSubUnits: slips.expected,
    VoteVariation: VARIATIONS[contest.law] ?? (contest.choicesMax > 1 ? 'n-of-m' : 'plurality'),
    OtherCounts: counted.map(({ id, contests }) => ({
      ...type('OtherCounts'),
      GpUnitId: id,
      Undervotes: contests[i]?.undervotes ?? 0,
    })),
    ContestSelection: (snapshot.provisioning.candidateLists[i]?.candidates ?? []).map(({ code }, k) => ({
      ...type('CandidateSelection'),
      '@id': `selection-${contest.id}-${code}`,
      CandidateIds: [candidateId(contest.id, code)],
      SequenceOrder: k + 1,
      VoteCounts: counted.map(({ id, contests }) => ({
        ...type('VoteCounts'),
        GpUnitId: id,
        Type: 'total',
        Count: contests[i]?.candidates[k] ?? 0,
      })),
    })),
  };
}

function candidatesOf(snapshot: Snapshot): readonly object[] {
  const { provisioning, certificates } = snapshot;
  const complete = isComplete(snapshot);
  return provisioning.package.contests.flatMap((contest, i) =>
    (provisioning.candidateLists[i]?.candidates ?? []).map(({ code, name }) => {
      const status = statusOf(certificates[i], code, complete);
      return {
        ...type('Candidate'),
        '@id': candidateId(contest.id, code),
        BallotName: text(name),
        // The code is text: its leading zeros are part of it.
        ExternalIdentifier: [identifier(code, 'candidate code')],
        ...(status === undefined ? {} : { PostElectionStatus: status }),
      };
    }),
  );
}

export function nistReport(snapshot: Snapshot): object {
  const { provisioning, stations, sums, revision } = snapshot;
  const { title, demonstration, settings, contests } = provisioning.package;
  const byStation = stations.length <= NIST_STATIONS_MAX;
  const { units, counted } = unitsOf(snapshot);
  const own: readonly CountedUnit[] = byStation
    ? stations.flatMap(({ station, slip }) =>
        slip === undefined ? [] : [{ id: stationId(station.id), contests: slip.checked.slip.totals }],
      )
    : [];
  const all: readonly CountedUnit[] = [
    ...counted.map(({ id, sums: of }) => ({ id, contests: of.contests })),
    ...own,
  ];
  const day = (at: number): string => localDay(at, settings.utcOffsetMinutes);
  return {
    ...type('ElectionReport'),
    Format: byStation ? 'precinct-level' : 'summary-contest',
    // The schema knows whole seconds only.
    GeneratedDate: new Date(revision.at * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    Issuer: ISSUER,
    IssuerAbbreviation: 'sandoq',
    IsTest: demonstration,
    ...(demonstration ? { TestType: 'rehearsal' } : {}),
    SequenceStart: revision.number,
    SequenceEnd: revision.number,
    Status: isComplete(snapshot) ? 'unofficial-complete' : 'unofficial-partial',
    VendorApplicationId: 'sandoq.tally-server/1',
    Notes: `slips expected ${sums.slips.expected}, received ${sums.slips.received}, missing ${sums.slips.missing}, disputed ${sums.slips.disputed}`,
    GpUnit: units,
    Election: [
      {
        ...type('Election'),
        Name: text(title),
        Type: contests.some(({ law }) => law === 'runoff') ? 'runoff' : 'general',
        StartDate: day(settings.opensAt),
        EndDate: day(settings.closesAt),
        ElectionScopeId: wholeId,
        ExternalIdentifier: [identifier(provisioning.election, 'election')],
        BallotCounts: counted.map(({ id, sums: of }) => ({
          ...type('BallotCounts'),
          GpUnitId: id,
          Type: 'total',
          BallotsCast: of.cast,
        })),
        Candidate: candidatesOf(snapshot),
        Contest: contests.map((_, i) => contestOf(snapshot, i, all)),
      },
    ],
  };
}
