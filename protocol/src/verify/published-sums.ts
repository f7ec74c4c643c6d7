/**
 * What totals.json, stations.json, totals.csv and the head of index.json must say, made again from the slips: a
 * second writing of the same sums, on purpose not the server's. Names are those of the JSON. Sums can be made of some
 * stations and put together later: adding is all that there is.
 */
import { type Bytes, toHex, utf8 } from '../codec/bytes.ts';
import type { ContestTotal, Station } from '../records/generated.ts';
import { type CheckedFolder, compareIds, type Provisioning } from '../records/provisioning.ts';
import { jsonText } from './published-json.ts';
import type { Standing } from './standing.ts';

export type Folder = Pick<CheckedFolder, 'election' | 'package' | 'packageDigest' | 'candidateLists'> &
  Pick<Provisioning, 'amendments'>;

export const electionHead = (folder: Folder, stations: number): object => ({
  election: folder.election,
  title: folder.package.title,
  mode: folder.package.demonstration ? 'rehearsal' : 'official',
  package_digest: toHex(folder.packageDigest),
  amendments: folder.amendments.map(({ digest }) => toHex(digest)),
  stations_count: stations,
});

const COUNTS = ['records', 'valid', 'blank', 'invalid', 'marks', 'undervotes'] as const;
const PEOPLE = ['cast', 'admitted', 'local', 'visiting'] as const;
const SLIPS = ['expected', 'received', 'disputed'] as const;
type Numbers<Name extends string> = Record<Name, number>;

/** Sums over some stations. */
export interface Sums {
  readonly slips: Numbers<(typeof SLIPS)[number]>;
  readonly people: Numbers<(typeof PEOPLE)[number]>;
  /** by contest index */
  readonly contests: readonly {
    readonly counts: Numbers<(typeof COUNTS)[number]>;
    /** by candidate index */
    readonly votes: Float64Array;
  }[];
}

const zeros = <Name extends string>(names: readonly Name[]): Numbers<Name> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Numbers<Name>;
function add<Name extends string>(
  names: readonly Name[],
  into: Numbers<Name>,
  from: Readonly<Numbers<Name>>,
): void {
  for (const name of names) into[name] += from[name];
}

const emptySums = (folder: Folder): Sums => ({
  slips: zeros(SLIPS),
  people: zeros(PEOPLE),
  contests: folder.candidateLists.map(({ candidates }) => ({
    counts: zeros(COUNTS),
    votes: new Float64Array(candidates.length),
  })),
});

function addSums(into: Sums, from: Sums): void {
  add(SLIPS, into.slips, from.slips);
  add(PEOPLE, into.people, from.people);
  into.contests.forEach(({ counts, votes }, i) => {
    const other = from.contests[i];
    if (other === undefined) return;
    add(COUNTS, counts, other.counts);
    for (let k = 0; k < votes.length; k++) votes[k] = (votes[k] as number) + (other.votes[k] as number);
  });
}

/**
 * One station's sums as plain numbers, for handing over: disputed or not, its people, then each contest's counts and
 * votes in the order of the package.
 */
export const sumsLength = ({ candidateLists }: Pick<Folder, 'candidateLists'>): number =>
  1 +
  PEOPLE.length +
  candidateLists.reduce((sum, { candidates }) => sum + COUNTS.length + candidates.length, 0);

/** A slip that stands has each contest once, in order, with all its candidates: `slipFault` asked for it. */
export function writeSums(out: Float64Array, { checked: { slip }, disputes }: Standing): void {
  out[0] = disputes.length > 0 ? 1 : 0;
  const { admitted, local, visiting } = slip.admissions;
  out.set([slip.tarefe.cast, admitted, local, visiting], 1);
  let at = 1 + PEOPLE.length;
  for (const total of slip.totals) {
    for (const name of COUNTS) out[at++] = total[name];
    out.set(total.candidates, at);
    at += total.candidates.length;
  }
}

/** The totals in them, as the slip had them. */
export function totalsIn(folder: Folder, numbers: Float64Array): readonly ContestTotal[] {
  let at = 1 + PEOPLE.length;
  const next = (): number => numbers[at++] as number;
  return folder.candidateLists.map(({ candidates: { length } }, contest) => {
    const [records, valid, blank, invalid, marks, undervotes] = [
      next(),
      next(),
      next(),
      next(),
      next(),
      next(),
    ];
    const candidates = Array.from(numbers.subarray(at, at + length));
    at += length;
    return { contest, records, valid, blank, invalid, marks, undervotes, candidates };
  });
}

function addNumbers(into: Sums, numbers: Float64Array): void {
  into.slips.received++;
  into.slips.disputed += numbers[0] as number;
  let at = 1;
  for (const name of PEOPLE) into.people[name] += numbers[at++] as number;
  for (const { counts, votes } of into.contests) {
    for (const name of COUNTS) counts[name] += numbers[at++] as number;
    for (let k = 0; k < votes.length; k++) votes[k] = (votes[k] as number) + (numbers[at++] as number);
  }
}

/** As the JSON has them, missing beside every sum. */
function sumsObject(folder: Folder, { slips, people, contests }: Sums): object {
  const { expected, received, disputed } = slips;
  return {
    slips: { expected, received, missing: expected - received, disputed },
    ...people,
    contests: contests.map(({ counts, votes }, i) => ({
      contest: folder.package.contests[i]?.id,
      ...counts,
      candidates: folder.candidateLists[i]?.candidates.map(({ code }, k) => ({ code, votes: votes[k] })),
    })),
  };
}

/** Sums by place. */
export class Places {
  readonly #folder: Folder;
  readonly #provinces = new Map<string, Map<string, Sums>>();

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** @param numbers `writeSums` of the slip that stands; a station without one is only expected */
  add(province: string, county: string, numbers: Float64Array | undefined): void {
    const counties = this.#provinces.get(province) ?? new Map<string, Sums>();
    this.#provinces.set(province, counties);
    const sums = counties.get(county) ?? emptySums(this.#folder);
    counties.set(county, sums);
    sums.slips.expected++;
    if (numbers !== undefined) addNumbers(sums, numbers);
  }

  /** Of everything: the nation, or what there is of it. */
  total(): Sums {
    const total = emptySums(this.#folder);
    for (const counties of this.#provinces.values())
      for (const sums of counties.values()) addSums(total, sums);
    return total;
  }

  /** Each province, and after it its counties, by ids in bytewise order. */
  objects(): readonly object[] {
    return inOrder(this.#provinces).flatMap(([province, counties]) => {
      const whole = emptySums(this.#folder);
      for (const sums of counties.values()) addSums(whole, sums);
      return [
        { province, ...sumsObject(this.#folder, whole) },
        ...inOrder(counties).map(([county, sums]) => ({
          province,
          county,
          ...sumsObject(this.#folder, sums),
        })),
      ];
    });
  }
}

const inOrder = <Value>(groups: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] =>
  [...groups].sort(([a], [b]) => compareIds(a, b));

export function totalsFile(folder: Folder, places: Places, stations: number): object {
  const described = folder.package.contests.map((contest, i) => ({
    id: contest.id,
    title: contest.title,
    law: contest.law,
    seats: contest.seats,
    choices_max: contest.choicesMax,
    candidates: folder.candidateLists[i]?.candidates.map(({ code, name, list }) => ({
      code,
      name,
      ...(list === undefined ? {} : { list }),
    })),
  }));
  return {
    ...electionHead(folder, stations),
    scope: {},
    ...sumsObject(folder, places.total()),
    describes: described,
    places: places.objects(),
  };
}

/** What stations.json says of one station. */
function stationObject({ id, name, kind, place }: Station, standing: Standing | undefined): object {
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
}

/** Depth of a station in stations.json, in spaces. */
const STATION_INDENT = '\n  ';
/** One station as it stands in stations.json, with the break before it. No text holds a line break: JSON escapes it. */
export const stationRow = (station: Station, standing: Standing | undefined): string =>
  STATION_INDENT + jsonText(stationObject(station, standing)).replaceAll('\n', STATION_INDENT);

/** stations.json but for its rows, which stand between the two with commas. */
export function stationsFrame(folder: Folder, stations: number): readonly [string, string] {
  const text = jsonText({ ...electionHead(folder, stations), stations: [] });
  const empty = '[]\n}';
  return stations === 0 ? [`${text}\n`, ''] : [`${text.slice(0, -empty.length)}[`, '\n ]\n}\n'];
}

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const ZERO = 0x30;

/** RFC 4180: one row a station and choice with votes; the contest stands between where there are several. */
export class TotalsCsv {
  readonly #folder: Folder;
  /** What stands after the station's name, by contest and choice: made once, not once a slip. */
  readonly #cells: readonly (readonly Bytes[])[];
  readonly head: string;
  #out = new Uint8Array(64 * 1024);
  #at = 0;

  constructor(folder: Folder) {
    this.#folder = folder;
    const { contests } = folder.package;
    const isSeveral = contests.length > 1;
    this.#cells = contests.map(({ id }, contest) => {
      const names = folder.candidateLists[contest]?.candidates.map(({ name }) => name.en) ?? [];
      const before = isSeveral ? `,${quote(id)},` : ',';
      return [...names, 'undervote', 'invalid'].map((choice) => utf8(`${before}${quote(choice)},`));
    });
    this.head = `${isSeveral ? 'precinct,contest,choice,ballots' : 'precinct,choice,ballots'}\r\n`;
  }

  /** Votes of each contest by choice: its candidates, then what was not marked, then the invalid. */
  add(station: Station, totals: readonly ContestTotal[]): void {
    const name = utf8(quote(station.name.en));
    for (const total of totals) {
      const contest = this.#folder.package.contests[total.contest];
      const choices = this.#cells[total.contest];
      if (contest === undefined || choices === undefined) continue;
      const candidates = choices.length - 2;
      for (let i = 0; i < candidates; i++) this.#row(name, choices[i] as Bytes, total.candidates[i] ?? 0);
      this.#row(name, choices[candidates] as Bytes, total.blank * contest.choicesMax + total.undervotes);
      this.#row(name, choices[candidates + 1] as Bytes, total.invalid);
    }
  }

  #row(name: Bytes, cell: Bytes, votes: number): void {
    if (votes <= 0) return;
    const digits = votes < 10 ? 1 : votes < 100 ? 2 : votes < 1000 ? 3 : String(votes).length;
    const length = name.length + cell.length + digits + 2;
    if (this.#at + length > this.#out.length) {
      const more = new Uint8Array(2 * this.#out.length + length);
      more.set(this.#out.subarray(0, this.#at));
      this.#out = more;
    }
    const out = this.#out;
    out.set(name, this.#at);
    out.set(cell, this.#at + name.length);
    const end = this.#at + name.length + cell.length + digits;
    for (let i = end - 1, rest = votes; i >= end - digits; i--, rest = Math.floor(rest / 10))
      out[i] = ZERO + (rest % 10);
    out[end] = 0x0d;
    out[end + 1] = 0x0a;
    this.#at = end + 2;
  }

  bytes(): Bytes {
    return this.#out.slice(0, this.#at);
  }
}
