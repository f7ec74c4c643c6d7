/** Voting by the box's keypad alone: whatever keys are pressed, the choices stay within the rules of their contests. */
import type { records } from '@sandoq/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Choice,
  type ChoiceRules,
  choiceFault,
  DISPLAY_PLACE,
  isUntouched,
  KEYPAD_START,
  type KeypadState,
  pressKey,
} from '../src/voting/selection.ts';

const bilingual = { fa: 'x', en: 'x' };
const contest = (id: string, choicesMax: number, count: number, blankAllowed: boolean): records.Contest => ({
  id,
  title: bilingual,
  law: 'plurality',
  seats: choicesMax,
  choicesMax,
  blankAllowed,
  candidatesCount: count,
  candidatesDigest: new Uint8Array(32),
  codeDigits: 2,
});
const list = (id: string, count: number): records.CandidateList => ({
  contest: id,
  candidates: Array.from({ length: count }, (_, i) => ({ code: String(10 + i), name: bilingual })),
});
const rules: ChoiceRules = {
  contests: [contest('a', 1, 4, true), contest('b', 3, 20, false), contest('c', 1, 4, true)],
  candidateLists: [list('a', 4), list('b', 20), list('c', 4)],
  withdrawn: [new Set([3]), new Set(), new Set()],
  style: [0, 1],
};

function play(keys: readonly string[]) {
  const choices = new Map<number, Choice>();
  let state: KeypadState = KEYPAD_START;
  let act: string | undefined;
  let code: string | undefined;
  for (const key of keys) {
    const pressed = pressKey(rules, state, (one) => choices.get(one) ?? null, key);
    state = pressed.state;
    act = pressed.act;
    code = pressed.code;
    if (pressed.choose !== undefined) choices.set(pressed.choose.contest, pressed.choose.choice);
  }
  return { choices, state, act, code };
}
const digits = (text: string): string[] => [...text].map((one) => `digit_${one}`);

describe('the keypad', () => {
  it('builds codes from digits, and the last digit chooses', () => {
    const { choices } = play([...digits('12'), 'green', ...digits('10'), ...digits('15')]);
    expect([...choices]).toEqual([
      [0, [2]],
      [1, [0, 5]],
    ]);
  });

  it('takes back the last digit, then the last name, then goes one contest back', () => {
    expect(play([...digits('12'), 'green', ...digits('10'), 'digit_1', 'correction']).state.digits).toBe('');
    const back = play([...digits('12'), 'green', ...digits('10'), 'correction']);
    expect(back.choices.get(1)).toEqual([]);
    expect(play([...digits('12'), 'green', 'correction']).state.place).toBe(0);
    expect(play(['correction']).state).toEqual({ ...KEYPAD_START, place: DISPLAY_PLACE });
  });

  it.each([
    [digits('99'), 'code_unknown'],
    [digits('13'), 'choice_withdrawn'],
    [['green'], 'contest_untouched'],
    [[...digits('10'), 'green', 'white'], 'blank_not_allowed'],
    [[...digits('10'), 'green', ...digits('10111213')], 'contest_full'],
    [[...digits('1010')], 'choice_chosen'],
    [[...digits('10'), 'white'], 'blank_asked'],
    [[...digits('10'), 'green', ...digits('10'), 'green'], 'undervote_asked'],
  ])('says what is wrong: %j gives %s', (keys, code) => {
    expect(play(keys as string[]).code).toBe(code);
  });

  it('replaces the one name of a contest of one, and lets white and a name replace each other', () => {
    expect(play([...digits('10'), ...digits('11')]).choices.get(0)).toEqual([1]);
    expect(play([...digits('10'), 'white', 'white']).choices.get(0)).toBe('blank');
    expect(play(['white']).choices.get(0)).toBe('blank');
    expect(play(['white', ...digits('11')]).choices.get(0)).toEqual([1]);
  });

  it('wipes names for a blank vote only when it is pressed twice in a row', () => {
    const asked = [...digits('10'), 'white'];
    expect(play([...asked, 'green']).choices.get(0)).toEqual([0]);
    expect(play([...asked, 'digit_1', 'correction', 'white']).choices.get(0)).toEqual([0]);
    expect(play([...asked, 'digit_1', 'correction', 'white']).code).toBe('blank_asked');
  });

  it('takes back any name of many: its code again, then correction', () => {
    const three = [...digits('10'), 'green', ...digits('101112')];
    const named = play([...three, ...digits('11')]);
    expect([named.code, named.choices.get(1)]).toEqual(['choice_chosen', [0, 1, 2]]);
    expect(play([...three, ...digits('11'), 'correction']).choices.get(1)).toEqual([0, 2]);
    // A digit begins another code, green goes on: the name stays.
    expect(play([...three, ...digits('11'), 'digit_1']).state.digits).toBe('1');
    expect(play([...three, ...digits('11'), 'green']).choices.get(1)).toEqual([0, 1, 2]);
  });

  const chosen = [...digits('10'), 'green', ...digits('10')];

  it('asks once about places left empty, and goes on when green is pressed again', () => {
    const asked = play([...chosen, 'green']);
    expect([asked.code, asked.act, asked.state.place]).toEqual(['undervote_asked', undefined, 1]);
    expect(play([...chosen, 'green', 'green']).act).toBe('open_review');
    // Asked once: another name, and green goes on.
    expect(play([...chosen, 'green', ...digits('11'), 'green']).act).toBe('open_review');
    expect(play([...chosen, ...digits('1112'), 'green']).act).toBe('open_review');
  });

  it('opens the review after the last contest, and prints only there', () => {
    const review = [...chosen, 'green', 'green'];
    expect(play([...review, 'green']).act).toBe('print');
    expect(play([...review, 'correction']).act).toBe('leave_review');
    expect(play([...review, 'white']).act).toBeUndefined();
    expect(play([...review, 'digit_9']).act).toBeUndefined();
  });

  it('goes from the review to any contest by its number, and loses nothing by it', () => {
    const review = [...chosen, 'green', 'green'];
    const first = play([...review, 'digit_1']);
    expect([first.act, first.state.place]).toEqual(['leave_review', 0]);
    expect([...first.choices]).toEqual([
      [0, [0]],
      [1, [0]],
    ]);
    // Asked about before: green, green, and the review stands again.
    expect(play([...review, 'digit_1', 'green', 'green']).act).toBe('open_review');
  });

  it('shows size, colours and language before the first contest and on the review, and comes back', () => {
    expect(play(['correction', 'digit_5', 'digit_7', 'white']).state.place).toBe(DISPLAY_PLACE);
    expect([...play(['correction', 'digit_5', 'green']).choices]).toEqual([]);
    expect(play(['correction', 'green']).state.place).toBe(0);
    expect(play(['correction', 'correction']).state.place).toBe(0);
    expect(play([...chosen, 'green', 'green', 'digit_0']).state.place).toBe(DISPLAY_PLACE);
  });

  it('never makes a choice that the rules refuse, and never prints an untouched contest', () => {
    const key = fc.constantFrom(...digits('0123456789'), 'white', 'correction', 'green');
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
        const { choices, act } = play(keys);
        for (const [one, choice] of choices) expect(choiceFault(rules, one, choice)).toBeUndefined();
        if (act === 'print')
          for (const one of rules.style) expect(isUntouched(choices.get(one) ?? null)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
