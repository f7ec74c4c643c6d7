/**
 * Who may vote, and with which ballot style. `Roll` is what admission asks; here it is a small file of JSON lines for
 * rehearsals, or nothing at all. The signed roll of the nation stands behind the same interface later.
 */
import { readFileSync } from 'node:fs';
import { failure, type Result, type records, success } from '@sandoq/protocol';
import { type NationalCode, parseNationalCode } from '@sandoq/protocol/persian';
import { z } from 'zod';

export type RollStatus = 'eligible' | 'not_eligible' | 'under_age' | 'dead';

export interface RollEntry {
  readonly status: RollStatus;
  /** index into the package's styles; undefined where no style has exactly this person's contests */
  readonly style: number | undefined;
  readonly visiting: boolean;
  readonly name: string | null;
  /** Gregorian, YYYY-MM-DD */
  readonly birthDate: string | null;
}

export interface Roll {
  /** @returns undefined where the code is not on the roll */
  lookup(nationalCode: NationalCode): RollEntry | undefined;
}

/** Without a roll every holder of a valid document is taken for a resident: the first ballot style. */
export const openToEveryone: Roll = {
  lookup: () => ({ status: 'eligible', style: 0, visiting: false, name: null, birthDate: null }),
};

/** One station's roll in a rehearsal, not the nation's. */
export const ROLL_LINES_MAX = 500_000;
const YEARS_MAX = 150;

const headSchema = z.strictObject({
  roll: z.literal(1),
  /** a fact of the election's law: data, with the roll */
  voting_age_years: z.int().min(0).max(YEARS_MAX),
});
const personSchema = z.strictObject({
  national_code: z.string().max(40),
  name: z.strictObject({ fa: z.string().max(160), en: z.string().max(160) }),
  birth_date: z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/),
  constituency: z.string().max(40),
  alive: z.boolean(),
  eligible: z.boolean().optional(),
});
type RollPerson = z.output<typeof personSchema>;

export interface RollContext {
  readonly package: Pick<records.Package, 'contests' | 'styles' | 'settings'>;
  readonly station: Pick<records.Station, 'place'>;
}

/**
 * A contest with a district is for the people of that district, at a station of that district; one without is for
 * everyone. The style is the one that has exactly these contests.
 */
export function styleOf(context: RollContext, constituency: string): number | undefined {
  const here = context.station.place.constituency;
  const contests = context.package.contests.flatMap((contest, index) =>
    contest.district === undefined || (contest.district === constituency && contest.district === here)
      ? [index]
      : [],
  );
  const index = context.package.styles.findIndex(
    (style) =>
      style.contests.length === contests.length && style.contests.every((one, i) => one === contests[i]),
  );
  return index === -1 ? undefined : index;
}

/** Whole years on a day, both as YYYY-MM-DD. */
export function ageYears(birthDate: string, onDate: string): number {
  const years = Number(onDate.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return onDate.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

function statusOf(person: RollPerson, votingAgeYears: number, onDate: string): RollStatus {
  if (!person.alive) return 'dead';
  if (ageYears(person.birth_date, onDate) < votingAgeYears) return 'under_age';
  return person.eligible === false ? 'not_eligible' : 'eligible';
}

export interface RollFault {
  readonly code: 'line_malformed' | 'code_malformed' | 'code_repeated' | 'roll_too_long';
  /** from 1; the line itself is never repeated: it is a person */
  readonly line: number;
}

/** Local date of the election: an age is reached at midnight there, not in UTC. */
const dateOf = (settings: records.Settings): string =>
  new Date((settings.opensAt + settings.utcOffsetMinutes * 60) * 1000).toISOString().slice(0, 10);

/** Lines of `RollPerson`; the first may be `{"roll":1,"voting_age_years":N}`. Total. */
export function parseRoll(text: string, context: RollContext): Result<Roll, RollFault> {
  const lines = text.split('\n');
  if (lines.length > ROLL_LINES_MAX) return failure({ code: 'roll_too_long', line: ROLL_LINES_MAX });
  const onDate = dateOf(context.package.settings);
  const entries = new Map<NationalCode, RollEntry>();
  let votingAgeYears = 0;
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    let raw: unknown;
    try {
      raw = JSON.parse(line);
    } catch {
      return failure({ code: 'line_malformed', line: i + 1 });
    }
    const head = i === 0 ? headSchema.safeParse(raw) : undefined;
    if (head?.success) {
      votingAgeYears = head.data.voting_age_years;
      continue;
    }
    const person = personSchema.safeParse(raw);
    if (!person.success) return failure({ code: 'line_malformed', line: i + 1 });
    const code = parseNationalCode(person.data.national_code, { length: 'exact' });
    if (!code.ok) return failure({ code: 'code_malformed', line: i + 1 });
    if (entries.has(code.value)) return failure({ code: 'code_repeated', line: i + 1 });
    entries.set(code.value, {
      status: statusOf(person.data, votingAgeYears, onDate),
      style: styleOf(context, person.data.constituency),
      visiting: person.data.constituency !== context.station.place.constituency,
      name: person.data.name.fa,
      birthDate: person.data.birth_date,
    });
  }
  return success({ lookup: (nationalCode) => entries.get(nationalCode) });
}

export const readRoll = (path: string, context: RollContext): Result<Roll, RollFault> =>
  parseRoll(readFileSync(path, 'utf8'), context);
