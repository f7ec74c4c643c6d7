/** What a day without hands will do: an election, its stations, and for each station the voters to come, in order. */
import { dealBallots, type Precinct, UNDERVOTE } from '@sandoq/hardware-sim';
import {
  DEMONSTRATION_STATIONS,
  demonstrationElection,
  nationalCodeFrom,
  type Person,
  people,
  RESIDENT_CONSTITUENCY,
  seededRandom,
} from '@sandoq/seeds';
import type { ElectionDefinitionInput } from '@sandoq/tally-server';

/** The CSV's name for a blank vote; every other value is a candidate. */
export const BLANK_CHOICE = UNDERVOTE;

export interface PlannedVoter {
  readonly national_code: string;
  readonly name: { readonly fa: string; readonly en: string };
  readonly birth_date: string;
  readonly constituency: string;
  readonly alive: boolean;
  /** index into the definition's styles */
  readonly style: number;
  /** by contest of the style: candidate indexes, or blank */
  readonly choices: readonly { readonly contest: number; readonly choice: readonly number[] | 'blank' }[];
}

export interface PlannedStation {
  readonly id: string;
  readonly name: { readonly fa: string; readonly en: string };
  readonly kind: 'fixed' | 'mobile';
  readonly place: {
    readonly scheme: string;
    readonly province: string;
    readonly county: string;
    readonly district: string;
    readonly constituency: string;
  };
  readonly votesMax: number;
  readonly voters: number;
  /** dealt anew at each call, the same for the same seed */
  deal(): Iterable<PlannedVoter>;
}

export interface DayPlan {
  readonly definition: ElectionDefinitionInput;
  readonly stations: readonly PlannedStation[];
  /** what the count must come to: station → contest id → choice name → votes */
  readonly expected: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, number>>>;
  /** how a candidate is called in the figures and in totals.csv */
  choiceName(contest: number, candidate: number): string;
}

export const DEMONSTRATION_TODAY = Date.UTC(2026, 10, 22);
export const DEMONSTRATION_DATE = new Date(DEMONSTRATION_TODAY).toISOString().slice(0, 10);
export const VOTING_AGE_YEARS = 18;
const CAPACITY_SPARE = 16;
/** Persian letters for the candidates of a foreign file: names are printed as they stand. */
const bilingual = (text: string) => ({ fa: text, en: text });

function tally(into: Map<string, Map<string, number>>, contest: string, choice: string): void {
  const counts = into.get(contest) ?? new Map<string, number>();
  counts.set(choice, (counts.get(choice) ?? 0) + 1);
  into.set(contest, counts);
}

const CODES_PER_STATION = 100_000;
export const PLANNED_STATIONS_MAX = 9_999;
/** No number of voters reaches it: it stands in for a code of ten equal digits. */
const SPARE_VOTER = CODES_PER_STATION - 1;

/** Nobody of a plan stands in two stations' queues: the province would rightly refuse the second time. */
export function plannedCode(seed: number, station: number, voter: number): string {
  if (station >= PLANNED_STATIONS_MAX || voter > SPARE_VOTER)
    throw new RangeError('a plan with more stations or voters than codes');
  // 61,803 shares no factor with the codes of a station: each voter has another.
  const scattered = (voter * 61_803 + (seed % CODES_PER_STATION) * 7_919) % CODES_PER_STATION;
  const code = nationalCodeFrom(String((station + 1) * CODES_PER_STATION + scattered).padStart(9, '0'));
  return /^(\d)\1{9}$/.test(code) ? plannedCode(seed, station, SPARE_VOTER) : code;
}

/** Each precinct becomes a station and each row that many voters with that choice, dealt in a seeded order. */
export function planFromBallots(precincts: readonly Precinct[], seed: number): DayPlan {
  const names = [...new Set(precincts.flatMap((precinct) => precinct.rows.map((row) => row.choice)))]
    .filter((name) => name !== BLANK_CHOICE)
    .sort();
  const indexOf = new Map(names.map((name, i) => [name, i]));
  const digits = String(100 + names.length).length;
  const expected = new Map<string, Map<string, Map<string, number>>>();
  const stations = precincts.map(({ name, rows, ballots: voters }, i): PlannedStation => {
    const id = `s${String(i + 1).padStart(4, '0')}`;
    const counts = new Map<string, Map<string, number>>();
    for (const row of rows) for (let k = 0; k < row.ballots; k++) tally(counts, 'contest', row.choice);
    expected.set(id, counts);
    return {
      id,
      name: bilingual(name),
      kind: 'fixed',
      votesMax: Math.max(1, voters) + CAPACITY_SPARE,
      voters,
      place: { scheme: 'ballots-file', province: 'file', county: 'file', district: id, constituency: 'file' },
      *deal() {
        const crowd = people(seed * 100_019 + i, voters, ['file'], DEMONSTRATION_TODAY);
        let voter = 0;
        for (const choice of dealBallots({ name, rows }, String(seed))) {
          const person = crowd.next().value as Person;
          const candidate = indexOf.get(choice);
          yield {
            national_code: plannedCode(seed, i, voter++),
            name: person.name,
            birth_date: person.birth_date,
            constituency: 'file',
            alive: true,
            style: 0,
            choices: [{ contest: 0, choice: candidate === undefined ? 'blank' : [candidate] }],
          };
        }
      },
    };
  });
  return {
    definition: {
      id: 'ballots-file',
      title: bilingual('Ballots of a file'),
      demonstration: true,
      contests: [
        {
          id: 'contest',
          title: bilingual('Contest'),
          law: 'plurality',
          seats: 1,
          choicesMax: 1,
          blankAllowed: true,
          candidates: names.map((name, i) => ({
            code: String(10 ** (digits - 1) + i),
            name: bilingual(name),
          })),
        },
      ],
      settings: { openMinutesMin: 0 },
    },
    stations,
    expected,
    choiceName: (_contest, candidate) => names[candidate] as string,
  };
}

interface SeedContest {
  readonly id: string;
  readonly choicesMax: number;
  readonly candidates: readonly { readonly name: { readonly en: string } }[];
}

/** One voter in this many leaves a contest blank. */
const BLANKS = 25;
/** Seven in eight live in the town of the demonstration. */
export const CONSTITUENCIES = [...Array<string>(7).fill(RESIDENT_CONSTITUENCY), 'roudkenar'];

/** The demonstration province: people vote with shares that fall off along the list, and undervote now and then. */
export function planDemonstration(votersPerStation: number, seed: number): DayPlan {
  const definition = demonstrationElection() as unknown as ElectionDefinitionInput;
  const contests = definition.contests as unknown as readonly SeedContest[];
  const expected = new Map<string, Map<string, Map<string, number>>>();
  const choiceName = (contest: number, candidate: number): string =>
    (contests[contest] as SeedContest).candidates[candidate]?.name.en as string;
  const stations = DEMONSTRATION_STATIONS.map((station, i): PlannedStation => {
    const deal = function* (): Generator<PlannedVoter> {
      const random = seededRandom(seed * 7919 + i);
      let voter = 0;
      for (const person of people(
        seed * 104_729 + i,
        votersPerStation,
        CONSTITUENCIES,
        DEMONSTRATION_TODAY,
      )) {
        const local =
          person.constituency === RESIDENT_CONSTITUENCY &&
          station.place.constituency === RESIDENT_CONSTITUENCY;
        const style = local ? 0 : 1;
        const open = style === 1 ? [0] : contests.map((_, index) => index);
        const choices = open.map((contest) => {
          const { choicesMax, candidates } = contests[contest] as SeedContest;
          if (random.below(BLANKS) === 0) return { contest, choice: 'blank' as const };
          const wanted = choicesMax === 1 ? 1 : 1 + random.below(choicesMax);
          const picked = new Set<number>();
          while (picked.size < wanted)
            picked.add(Math.min(random.below(candidates.length), random.below(candidates.length)));
          return { contest, choice: [...picked].sort((a, b) => a - b) };
        });
        yield {
          national_code: plannedCode(seed, i, voter++),
          name: person.name,
          birth_date: person.birth_date,
          constituency: person.constituency,
          // The dead stand on the roll; nobody comes in their name here.
          alive: true,
          style,
          choices,
        };
      }
    };
    const counts = new Map<string, Map<string, number>>();
    for (const voter of deal())
      for (const { contest, choice } of voter.choices) {
        const id = (contests[contest] as SeedContest).id;
        if (choice === 'blank') tally(counts, id, BLANK_CHOICE);
        else for (const candidate of choice) tally(counts, id, choiceName(contest, candidate));
      }
    expected.set(station.id, counts);
    return {
      ...station,
      votesMax: Math.max(station.votesMax, votersPerStation + CAPACITY_SPARE),
      voters: votersPerStation,
      deal,
    };
  });
  return { definition, stations, expected, choiceName };
}
