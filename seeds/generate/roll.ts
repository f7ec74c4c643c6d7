/** A roll of a few people, in the one form that rolls have: for demonstrations and tests. */
import { type Bytes, type Crypto, concatBytes, type ElectionId } from '@sandoq/protocol';
import { createRollBuilder } from '@sandoq/protocol/roll';

export interface RollPerson {
  /** ten ASCII digits */
  readonly national_code: string;
  /** Gregorian, YYYY-MM-DD */
  readonly birth_date: string;
  readonly constituency: string;
  readonly alive: boolean;
  /** false: deprived of the vote by a court */
  readonly eligible?: boolean;
  /** where she voted in the first round */
  readonly first_round?: string;
}

export interface SeedRollOrder {
  /** ROLL_KEY_BYTES; never the file's own business */
  readonly key: Bytes;
  readonly election: string;
  /** the day on which ages are counted, YYYY-MM-DD */
  readonly electionDate: string;
  readonly votingAgeYears: number;
  readonly people: Iterable<RollPerson>;
}

const ageOn = (birthDate: string, date: string): number =>
  Number(date.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (date.slice(5) < birthDate.slice(5) ? 1 : 0);

/** Whoever has not reached the age is not on a roll. @throws where two people have one code. */
export function seedRoll(
  order: SeedRollOrder,
  crypto: Pick<Crypto, 'sign' | 'sha256'>,
  authoritySecretKey: Bytes,
): Bytes {
  const people = [...order.people].filter(
    (person) => ageOn(person.birth_date, order.electionDate) >= order.votingAgeYears,
  );
  const names = new Set(
    people.flatMap(({ constituency, first_round }) =>
      first_round === undefined ? [constituency] : [constituency, first_round],
    ),
  );
  const constituencies = names.size === 0 ? ['none'] : [...names].sort();
  const builder = createRollBuilder({
    key: order.key,
    election: order.election as ElectionId,
    asOf: Math.floor(Date.parse(`${order.electionDate}T00:00:00Z`) / 1000),
    votingAgeYears: order.votingAgeYears,
    constituencies,
  });
  for (const person of people) {
    const nine = Number(person.national_code.slice(0, 9));
    const home = constituencies.indexOf(person.constituency);
    if (!person.alive) builder.add(nine, { status: 'dead', home });
    else if (person.eligible === false) builder.add(nine, { status: 'not_eligible', home });
    else if (person.first_round !== undefined)
      builder.add(nine, { status: 'voted', home, firstRound: constituencies.indexOf(person.first_round) });
    else builder.add(nine, { status: 'eligible', home });
  }
  const built = builder.finish(crypto, authoritySecretKey);
  if (!built.ok) throw new Error(`the roll cannot be made: ${built.fault.code}`);
  return concatBytes(...built.value.pieces);
}
