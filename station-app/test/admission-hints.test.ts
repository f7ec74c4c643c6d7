/** Hints to the board: raised by what a list looks like, silent for what people look like. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ADJACENT_RUN,
  BY_HAND_RUN,
  createHints,
  FAST_COUNT,
  FAST_MS,
  HINT_STAYS_MS,
  ORDERED_RUN,
} from '../src/admission/hints.ts';
import type { AdmissionHint } from '../src/contract/codes-admission.ts';
import { codeOf } from './admission-world.ts';

const SLOW_MS = FAST_MS;
function after(numbers: readonly number[], paceMs = SLOW_MS, byHand = false): readonly AdmissionHint[] {
  const hints = createHints();
  for (const [i, number] of numbers.entries())
    hints.admitted({ nationalCode: codeOf(number), byHand, elapsedMs: i * paceMs });
  return hints.standing((numbers.length - 1) * paceMs);
}
const far = (i: number): number => (i * 370_003) % 900_000;
const people = (count: number): number[] => Array.from({ length: count }, (_, i) => far(i * i + 3));

describe('hints', () => {
  test('are silent for people who come as people come', () => {
    expect(after(people(40))).toEqual([]);
  });
  test('at the bound, and not one before it: pace', () => {
    const pace = FAST_MS / FAST_COUNT;
    expect(after(people(FAST_COUNT), pace)).toEqual(['admissions_too_fast']);
    expect(after(people(FAST_COUNT - 1), pace)).toEqual([]);
    expect(after(people(FAST_COUNT), FAST_MS / (FAST_COUNT - 1))).toEqual([]);
  });
  test('at the bound, and not one before it: codes in order, up and down', () => {
    const up = Array.from({ length: ORDERED_RUN }, (_, i) => i * 10_000);
    expect(after(up)).toEqual(['codes_in_order']);
    expect(after(up.toReversed())).toEqual(['codes_in_order']);
    expect(after(up.slice(1))).toEqual([]);
  });
  test('at the bound, and not one before it: neighbours', () => {
    const near = Array.from({ length: ADJACENT_RUN }, (_, i) => 500 + (i % 2 === 0 ? i : -i));
    expect(after(near)).toEqual(['codes_adjacent']);
    expect(after(near.slice(1))).toEqual([]);
  });
  test('at the bound, and not one before it: no chip on end', () => {
    expect(after(people(BY_HAND_RUN), SLOW_MS, true)).toEqual(['by_hand_run']);
    expect(after(people(BY_HAND_RUN - 1), SLOW_MS, true)).toEqual([]);
  });
  test('stand for a while after their cause, and then no more', () => {
    const hints = createHints();
    for (let i = 0; i < ADJACENT_RUN; i++)
      hints.admitted({ nationalCode: codeOf(500 + (i % 2) * 3), byHand: false, elapsedMs: i * SLOW_MS });
    const at = (ADJACENT_RUN - 1) * SLOW_MS;
    expect(hints.standing(at + HINT_STAYS_MS - 1)).toEqual(['codes_adjacent']);
    expect(hints.standing(at + HINT_STAYS_MS)).toEqual([]);
  });
  test('are counted once for each time they begin to stand', () => {
    const hints = createHints();
    const raise = (from: number): void => {
      for (let i = 0; i <= ADJACENT_RUN; i++)
        hints.admitted({
          nationalCode: codeOf(500 + (i % 2) * 3),
          byHand: false,
          elapsedMs: from + i * SLOW_MS,
        });
    };
    raise(0);
    expect([...hints.times()]).toEqual([['codes_adjacent', 1]]);
    raise(2 * HINT_STAYS_MS);
    expect([...hints.times()]).toEqual([['codes_adjacent', 2]]);
  });
  test('never throw, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ number: fc.nat(899_999), byHand: fc.boolean(), elapsedMs: fc.nat() })),
        (all) => {
          const hints = createHints();
          for (const { number, ...rest } of all) hints.admitted({ nationalCode: codeOf(number), ...rest });
          expect(hints.standing(0).length).toBeLessThanOrEqual(4);
        },
      ),
    );
  });
});
