/** A scripted voting process that keeps a voter's choices as the real one does. */
import type { BallotView, VoterView } from '../../src/contract/voting.ts';
import { type ChoiceRules, KEYPAD_START, type KeypadState, pressKey } from '../../src/voting/selection.ts';
import type { ScriptedStation } from './scripted-station.ts';

export interface ScriptedVoter {
  /** Shows this view from now on. */
  show(view: VoterView): void;
  /** One key of the box: what it does is the voting process's own rule. */
  press(...keys: readonly string[]): void;
}

/** The sample's ballot as the rules of choosing see it. */
const rulesOf = (ballot: BallotView, view: VoterView): ChoiceRules => ({
  contests: ballot.contests.map((contest) => ({
    id: contest.id,
    title: contest.title,
    law: 'plurality',
    seats: contest.seats,
    choicesMax: contest.choices_max,
    blankAllowed: contest.blank_allowed,
    candidatesCount: contest.candidates.length,
    candidatesDigest: new Uint8Array(32),
    codeDigits: contest.code_digits,
  })),
  candidateLists: ballot.contests.map(({ id, candidates }) => ({
    contest: id,
    candidates: candidates.map(({ code, name }) => ({ code, name })),
  })),
  withdrawn: ballot.contests.map(
    ({ candidates }) => new Set(candidates.flatMap(({ withdrawn }, i) => (withdrawn ? [i] : []))),
  ),
  style: view.contests,
});

export function scriptVoter(station: ScriptedStation, ballot: () => BallotView): ScriptedVoter {
  const show = (view: VoterView): void => {
    station.voter = view;
    station.changed();
  };
  station.on('ballot.read', ballot);
  station.on('voter.choose', (input: VoterView['choices'][number]) =>
    show({
      ...station.voter,
      choices: station.voter.choices.map((each) => (each.contest === input.contest ? input : each)),
    }),
  );
  let keypad: KeypadState = KEYPAD_START;
  station.on('voter.touch', ({ place }: { readonly place?: number }) => {
    if (place !== undefined) keypad = { ...keypad, place, digits: '', asking: null };
  });
  station.on('voter.review', ({ open }: { readonly open: boolean }) =>
    show({ ...station.voter, phase: open ? 'review' : 'choosing' }),
  );
  const press = (key: string): void => {
    const view = station.voter;
    const rules = rulesOf(ballot(), view);
    const place =
      view.phase === 'review' ? rules.style.length : Math.min(keypad.place, rules.style.length - 1);
    const choiceOf = (contest: number) =>
      view.choices.find((each) => each.contest === contest)?.choice ?? null;
    const pressed = pressKey(rules, { ...keypad, place }, choiceOf, key);
    keypad = pressed.state;
    const { choose, act } = pressed;
    show({
      ...view,
      phase: act === 'open_review' ? 'review' : act === 'leave_review' ? 'choosing' : view.phase,
      ...(act === 'print' ? { phase: 'in_window', contests: [], choices: [] } : {}),
      ...(choose === undefined
        ? {}
        : {
            choices: view.choices.map((each) =>
              each.contest === choose.contest
                ? {
                    contest: each.contest,
                    choice: Array.isArray(choose.choice)
                      ? [...choose.choice]
                      : (choose.choice as 'blank' | null),
                  }
                : each,
            ),
          }),
      code: pressed.code ?? null,
      key: { number: (view.key?.number ?? 0) + 1, key },
      keypad: { place: keypad.place, digits: keypad.digits },
    });
  };
  return {
    show(view) {
      if (view.phase === 'welcome') keypad = KEYPAD_START;
      show(view);
    },
    press(...keys) {
      for (const key of keys) press(key);
    },
  };
}
