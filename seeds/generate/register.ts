/**
 * A synthetic register of any size up to the nation's: every person is a function of the seed and her number, so that
 * nothing is stored and any part can be made again. Codes are distinct and correct, with real prefixes; names are drawn
 * from lists. Nobody in it exists; that a code is also somebody's cannot be excluded, and nothing says so.
 */
import { CODE_PREFIXES } from './code-prefixes.ts';
import { GIVEN_NAMES_MEN, GIVEN_NAMES_WOMEN, type Name, SURNAMES } from './names.ts';
import { nationalCodeFrom } from './people.ts';

/** Iran has some 90 million people on its register. */
export const REGISTER_PEOPLE_MAX = 90_000_000;
const SERIALS = 999_999;
/** Coprime to 999,999 = 3³ × 7 × 11 × 13 × 37: one step round the serials meets each once. */
const SERIAL_STEP = 618_034;
const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.2425;

/** People in each five years of age from 0 to 94, in thousandths: the shape of the census of 1395, rounded. */
const AGES_PERMILLE = [82, 77, 70, 67, 75, 93, 107, 97, 76, 64, 54, 44, 34, 22, 15, 11, 8, 3, 1];

/** How the seats of the Majles are spread: the constituencies that DOMAIN names, then those of two seats and of one. */
const SEATS = [
  30,
  6,
  5,
  5,
  4,
  ...new Array<number>(7).fill(3),
  ...new Array<number>(23).fill(2),
  ...new Array<number>(173).fill(1),
];

export const REGISTER_CONSTITUENCIES: readonly string[] = SEATS.map(
  (seats, index) => `m-${String(index + 1).padStart(3, '0')}-${seats}`,
);

export type RegisterStatus = 'eligible' | 'dead' | 'not_eligible' | 'under_age';

/** What a roll is made of: numbers only, quickly made. */
export interface RegisterLine {
  /** the first nine digits of the national code */
  readonly nine: number;
  /** index into REGISTER_CONSTITUENCIES */
  readonly constituency: number;
  readonly status: RegisterStatus;
}

export interface RegisterPerson {
  readonly national_code: string;
  readonly name: Name;
  /** Gregorian, YYYY-MM-DD */
  readonly birth_date: string;
  readonly constituency: string;
  readonly status: RegisterStatus;
}

export interface Register {
  readonly people: number;
  line(number: number): RegisterLine;
  person(number: number): RegisterPerson;
}

export interface RegisterOrder {
  readonly seed: number;
  readonly people: number;
  /** epoch milliseconds: ages are counted on this day */
  readonly today: number;
  readonly votingAgeYears: number;
}

/** The last step of MurmurHash3 over number, purpose and seed: the same everywhere. Never for secrets. */
function draw(seed: number, number: number, purpose: number): number {
  let hash =
    Math.imul(number ^ Math.imul(purpose, 0x9e37_79b1), 0x85eb_ca6b) ^ Math.imul(seed | 0, 0xc2b2_ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Value of each thousandth of a cumulative table. */
const spread = (weights: readonly number[], slots: number): Uint16Array => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(slots);
  let reached = 0;
  let filled = 0;
  for (const [value, weight] of weights.entries()) {
    reached += weight;
    const end = Math.round((reached / total) * slots);
    table.fill(value, filled, end);
    filled = end;
  }
  return table;
};

const AGE_OF = spread(AGES_PERMILLE, 1024);
const CONSTITUENCY_OF = spread(SEATS, 16_384);
const PURPOSE = { age: 1, place: 2, fate: 3, woman: 4, given: 5, surname: 6, serial: 7 } as const;
const MORTALITY_PER_2_16 = 330;
const DEPRIVED_PER_2_16 = 30;

/** @throws RangeError for anything but a whole number of people from none to REGISTER_PEOPLE_MAX */
export function createRegister(order: RegisterOrder): Register {
  const { seed, people, today, votingAgeYears } = order;
  if (!Number.isInteger(people) || people < 0 || people > REGISTER_PEOPLE_MAX)
    throw new RangeError(`a whole number of people, at most ${REGISTER_PEOPLE_MAX}`);
  const prefixes = CODE_PREFIXES.map(({ prefix }) => prefix);
  const firstSerials = prefixes.map((prefix) => draw(seed, prefix, PURPOSE.serial) % SERIALS);
  const nineOf = (number: number): number => {
    const office = number % prefixes.length;
    const place = Math.floor(number / prefixes.length);
    const serial = (((firstSerials[office] as number) + place * SERIAL_STEP) % SERIALS) + 1;
    return (prefixes[office] as number) * 1_000_000 + serial;
  };
  const ageDaysOf = (number: number): number => {
    const bits = draw(seed, number, PURPOSE.age);
    const years = 5 * (AGE_OF[bits & 1023] as number) + ((bits >>> 10) / 2 ** 22) * 5;
    return Math.floor(years * YEAR_DAYS);
  };
  const day = new Date(today);
  // Whoever was born on this day of the calendar reaches the age today.
  const bornLast = Date.UTC(day.getUTCFullYear() - votingAgeYears, day.getUTCMonth(), day.getUTCDate());
  const adultDays = (Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()) - bornLast) / DAY_MS;
  const statusOf = (number: number): RegisterStatus => {
    if (ageDaysOf(number) < adultDays) return 'under_age';
    const fate = draw(seed, number, PURPOSE.fate) & 0xffff;
    if (fate < MORTALITY_PER_2_16) return 'dead';
    return fate < MORTALITY_PER_2_16 + DEPRIVED_PER_2_16 ? 'not_eligible' : 'eligible';
  };
  const constituencyOf = (number: number): number =>
    CONSTITUENCY_OF[draw(seed, number, PURPOSE.place) & 16_383] as number;
  const pick = (names: readonly Name[], number: number, purpose: number): Name =>
    names[draw(seed, number, purpose) % names.length] as Name;
  return {
    people,
    line: (number) => ({
      nine: nineOf(number),
      constituency: constituencyOf(number),
      status: statusOf(number),
    }),
    person(number) {
      const isWoman = (draw(seed, number, PURPOSE.woman) & 1) === 0;
      const given = pick(isWoman ? GIVEN_NAMES_WOMEN : GIVEN_NAMES_MEN, number, PURPOSE.given);
      const surname = pick(SURNAMES, number, PURPOSE.surname);
      return {
        national_code: nationalCodeFrom(String(nineOf(number)).padStart(9, '0')),
        name: { fa: `${given.fa} ${surname.fa}`, en: `${given.en} ${surname.en}` },
        birth_date: new Date(today - ageDaysOf(number) * DAY_MS).toISOString().slice(0, 10),
        constituency: REGISTER_CONSTITUENCIES[constituencyOf(number)] as string,
        status: statusOf(number),
      };
    },
  };
}
