/** The synthetic register: any part of it again, codes that are right and nobody's twice, a nation's shape. */
import { parseNationalCode } from '@sandoq/protocol/persian';
import { describe, expect, it } from 'vitest';
import {
  CODE_PREFIXES,
  createRegister,
  REGISTER_CONSTITUENCIES,
  REGISTER_PEOPLE_MAX,
  type RegisterOrder,
} from '../generate/index.ts';

const order: RegisterOrder = { seed: 3, people: 100_000, today: Date.UTC(2026, 10, 22), votingAgeYears: 18 };

describe('the synthetic register', () => {
  it('gives the same person to the same seed and number, and others to another seed', () => {
    const [one, same, other] = [
      createRegister(order),
      createRegister(order),
      createRegister({ ...order, seed: 4 }),
    ];
    for (const number of [0, 1, 77_777, 99_999]) {
      expect(same.person(number)).toEqual(one.person(number));
      expect(other.person(number)).not.toEqual(one.person(number));
    }
  });

  it('has correct codes with prefixes of real offices, none of them twice', () => {
    const register = createRegister(order);
    const seen = new Set<number>();
    const prefixes = new Set(CODE_PREFIXES.map(({ prefix }) => prefix));
    expect(prefixes.size).toBe(CODE_PREFIXES.length);
    for (let number = 0; number < order.people; number++) seen.add(register.line(number).nine);
    expect(seen.size).toBe(order.people);
    for (let number = 0; number < 2000; number++) {
      const { national_code: code } = register.person(number);
      expect(parseNationalCode(code, { length: 'exact' })).toEqual({ ok: true, value: code });
      expect(prefixes.has(Number(code.slice(0, 3)))).toBe(true);
    }
  });

  it('has no code twice at the ends of the nation’s size either', () => {
    const register = createRegister({ ...order, people: REGISTER_PEOPLE_MAX });
    // People of one office are numbered by their place in it: the last of an office must not meet the first.
    const offices = CODE_PREFIXES.length;
    const places = Math.floor(REGISTER_PEOPLE_MAX / offices);
    const seen = new Set<number>();
    for (let place = 0; place < places; place++) seen.add(register.line(place * offices).nine);
    expect(seen.size).toBe(places);
    for (const people of [REGISTER_PEOPLE_MAX + 1, -1, 1.5, Number.NaN])
      expect(() => createRegister({ ...order, people })).toThrow(RangeError);
  });

  it('says the same in a line and in a person, with ages that fit the status', () => {
    const register = createRegister(order);
    const counts = new Map<string, number>();
    for (let number = 0; number < 20_000; number++) {
      const line = register.line(number);
      const person = register.person(number);
      expect(person.national_code.slice(0, 9)).toBe(String(line.nine).padStart(9, '0'));
      expect([person.status, person.constituency]).toEqual([
        line.status,
        REGISTER_CONSTITUENCIES[line.constituency],
      ]);
      const isChild = person.birth_date > '2008-11-22';
      expect([number, person.status === 'under_age']).toEqual([number, isChild]);
      counts.set(line.status, (counts.get(line.status) ?? 0) + 1);
    }
    const share = (status: string): number => (counts.get(status) ?? 0) / 20_000;
    expect(share('eligible')).toBeGreaterThan(0.6);
    expect(share('under_age')).toBeGreaterThan(0.2);
    expect(share('dead')).toBeGreaterThan(0.001);
    expect(share('not_eligible')).toBeGreaterThan(0);
  });

  it('spreads the 290 seats of the Majles over 208 constituencies', () => {
    const seats = REGISTER_CONSTITUENCIES.reduce((sum, id) => sum + Number(id.split('-')[2]), 0);
    expect([REGISTER_CONSTITUENCIES.length, seats]).toEqual([208, 290]);
  });
});
