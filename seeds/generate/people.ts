/** Synthetic people with correct national codes. The codes are arithmetic, not anybody's: drawn from a seed. */
import { GIVEN_NAMES_MEN, GIVEN_NAMES_WOMEN, type Name, SURNAME_PLACES, SURNAMES } from './names.ts';
import { type SeededRandom, seededRandom } from './random.ts';

export interface Person {
  /** ten ASCII digits */
  readonly national_code: string;
  readonly name: Name;
  /** Gregorian, ISO 8601 */
  readonly birth_date: string;
  /** the constituency she belongs to */
  readonly constituency: string;
  readonly alive: boolean;
}

/** The check digit of DOMAIN section 4: weights 10…2, sum mod 11, r below 2 stays, else 11 - r. */
export function nationalCodeFrom(nineDigits: string): string {
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += Number(nineDigits[i]) * (10 - i);
  const remainder = sum % 11;
  return nineDigits + String(remainder < 2 ? remainder : 11 - remainder);
}

export function personName(random: SeededRandom): Name {
  const given = random.pick(random.below(2) === 0 ? GIVEN_NAMES_WOMEN : GIVEN_NAMES_MEN);
  const surname = random.pick(SURNAMES);
  return { fa: `${given.fa} ${surname.fa}`, en: `${given.en} ${surname.en}` };
}

/** Distinct full names; a place is added to a surname where the plain ones run out. */
export function distinctNames(random: SeededRandom, count: number): readonly Name[] {
  const seen = new Set<string>();
  const out: Name[] = [];
  while (out.length < count) {
    const plain = personName(random);
    const place = random.pick(SURNAME_PLACES);
    const name = seen.has(plain.fa)
      ? { fa: `${plain.fa} ${place.fa}`, en: `${plain.en} ${place.en}` }
      : plain;
    if (seen.has(name.fa)) continue;
    seen.add(name.fa);
    out.push(name);
  }
  return out;
}

const YEAR_MS = 365.25 * 24 * 3600 * 1000;

/**
 * @param count how many people
 * @param share constituencies to draw from, repeated by weight
 * @param today epoch milliseconds: ages run from 18 to 90 at that time
 */
export function* people(
  seed: number,
  count: number,
  share: readonly string[],
  today: number,
): Generator<Person> {
  const random = seededRandom(seed);
  const seen = new Set<string>();
  for (let made = 0; made < count; ) {
    const nine = String(1 + random.below(999_999_998)).padStart(9, '0');
    const code = nationalCodeFrom(nine);
    // Neither ten equal digits nor serial zero is a code that anybody has: no reader takes it.
    if (seen.has(code) || /^(\d)\1{9}$/.test(code) || nine.endsWith('000000')) continue;
    seen.add(code);
    made++;
    const born = new Date(today - (18.05 + random.below(7200) / 100) * YEAR_MS);
    yield {
      national_code: code,
      name: personName(random),
      birth_date: born.toISOString().slice(0, 10),
      constituency: random.pick(share),
      alive: random.below(200) !== 0,
    };
  }
}
