/**
 * The rules of choosing, pure: what may be chosen in which contest, and how the box's keypad builds a choice from
 * digits. The choices themselves live in one object that is wiped; nothing here keeps any.
 */
import type { records } from '@sandoq/protocol';

export type Choice = readonly number[] | 'blank' | null;

export interface ChoiceRules {
  readonly contests: readonly records.Contest[];
  readonly candidateLists: readonly records.CandidateList[];
  /** by contest index */
  readonly withdrawn: readonly ReadonlySet<number>[];
  /** contest indexes of the voter's style */
  readonly style: readonly number[];
}

export type ChoiceFault =
  | 'contest_not_of_style'
  | 'choice_unknown'
  | 'choice_repeated'
  | 'choice_withdrawn'
  | 'too_many_choices'
  | 'blank_not_allowed';

export function choiceFault(rules: ChoiceRules, contest: number, choice: Choice): ChoiceFault | undefined {
  const rule = rules.contests[contest];
  if (rule === undefined || !rules.style.includes(contest)) return 'contest_not_of_style';
  if (choice === null) return undefined;
  if (choice === 'blank') return rule.blankAllowed ? undefined : 'blank_not_allowed';
  if (choice.length > rule.choicesMax) return 'too_many_choices';
  if (new Set(choice).size !== choice.length) return 'choice_repeated';
  if (choice.some((candidate) => candidate >= rule.candidatesCount)) return 'choice_unknown';
  if (choice.some((candidate) => rules.withdrawn[contest]?.has(candidate))) return 'choice_withdrawn';
  return undefined;
}

/** A contest without a name and without a deliberate blank may not be printed: blank must be meant. */
export const isUntouched = (choice: Choice): boolean => choice === null || choice.length === 0;

export interface KeypadState {
  /** place in the style's contests, or their number where the review stands */
  readonly place: number;
  readonly digits: string;
}
export const KEYPAD_START: KeypadState = { place: 0, digits: '' };

export type KeypadCode =
  | 'code_unknown'
  | 'choice_withdrawn'
  | 'contest_full'
  | 'contest_untouched'
  | 'blank_not_allowed';

export interface KeypadStep {
  readonly state: KeypadState;
  readonly choose?: { readonly contest: number; readonly choice: Choice };
  readonly code?: KeypadCode;
  readonly act?: 'open_review' | 'leave_review' | 'print';
}

function digit(
  rules: ChoiceRules,
  state: KeypadState,
  contest: number,
  choice: Choice,
  key: string,
): KeypadStep {
  const rule = rules.contests[contest] as records.Contest;
  const digits = state.digits + key;
  if (digits.length < rule.codeDigits) return { state: { ...state, digits } };
  const cleared = { ...state, digits: '' };
  const candidates = rules.candidateLists[contest]?.candidates ?? [];
  const candidate = candidates.findIndex((one) => one.code === digits);
  if (candidate === -1) return { state: cleared, code: 'code_unknown' };
  if (rules.withdrawn[contest]?.has(candidate)) return { state: cleared, code: 'choice_withdrawn' };
  const chosen = choice === null || choice === 'blank' ? [] : choice;
  if (chosen.includes(candidate)) return { state: cleared };
  if (rule.choicesMax > 1 && chosen.length >= rule.choicesMax)
    return { state: cleared, code: 'contest_full' };
  // With one choice a new code replaces the old one, as a voter who changes her mind expects.
  const next = rule.choicesMax === 1 ? [candidate] : [...chosen, candidate];
  return { state: cleared, choose: { contest, choice: next } };
}

/**
 * One key of the box's keypad. Digits build a code and the last one chooses; white is a deliberate blank; correction
 * takes back the last digit, then the last name, then goes one contest back; green goes on, and prints on the review.
 */
export function pressKey(
  rules: ChoiceRules,
  state: KeypadState,
  choiceOf: (contest: number) => Choice,
  key: string,
): KeypadStep {
  const contest = rules.style[state.place];
  if (contest === undefined) {
    if (key === 'green') return { state, act: 'print' };
    if (key === 'correction')
      return { state: { place: rules.style.length - 1, digits: '' }, act: 'leave_review' };
    return { state };
  }
  const choice = choiceOf(contest);
  if (key.startsWith('digit_')) return digit(rules, state, contest, choice, key.slice('digit_'.length));
  if (key === 'white') {
    if (!(rules.contests[contest] as records.Contest).blankAllowed)
      return { state, code: 'blank_not_allowed' };
    return { state: { ...state, digits: '' }, choose: { contest, choice: 'blank' } };
  }
  if (key === 'correction') {
    if (state.digits !== '') return { state: { ...state, digits: state.digits.slice(0, -1) } };
    if (!isUntouched(choice))
      return {
        state,
        choose: { contest, choice: choice === 'blank' ? null : (choice as readonly number[]).slice(0, -1) },
      };
    return { state: { place: Math.max(0, state.place - 1), digits: '' } };
  }
  if (key !== 'green') return { state };
  if (isUntouched(choice)) return { state: { ...state, digits: '' }, code: 'contest_untouched' };
  const place = state.place + 1;
  const next = { place, digits: '' };
  return place === rules.style.length ? { state: next, act: 'open_review' } : { state: next };
}
