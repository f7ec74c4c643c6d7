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
  /** place in the style's contests, their number where the review stands, or `DISPLAY_PLACE` */
  readonly place: number;
  readonly digits: string;
  /** contests whose places left empty were asked about: once is enough */
  readonly asked: readonly number[];
  /** a question that the next press of the same key answers with yes, and any other key with no */
  readonly asking: 'undervote' | 'blank' | null;
}
export const KEYPAD_START: KeypadState = { place: 0, digits: '', asked: [], asking: null };

/**
 * Before the first contest: size, colours and language by digits. What they mean is the screen's business; the voting
 * process only leads there and back.
 */
export const DISPLAY_PLACE = -1;
/** then they begin anew */
export const DISPLAY_DIGITS_MAX = 32;

export type KeypadCode =
  | 'code_unknown'
  | 'choice_withdrawn'
  | 'choice_chosen'
  | 'contest_full'
  | 'contest_untouched'
  | 'blank_not_allowed'
  | 'blank_asked'
  | 'undervote_asked';

export interface KeypadStep {
  readonly state: KeypadState;
  readonly choose?: { readonly contest: number; readonly choice: Choice };
  readonly code?: KeypadCode;
  readonly act?: 'open_review' | 'leave_review' | 'print';
}

interface Press {
  readonly rules: ChoiceRules;
  readonly state: KeypadState;
  readonly contest: number;
  readonly rule: records.Contest;
  readonly choice: Choice;
}

const namesIn = (choice: Choice): readonly number[] => (choice === null || choice === 'blank' ? [] : choice);

const candidateOf = ({ rules, contest }: Press, code: string): number =>
  (rules.candidateLists[contest]?.candidates ?? []).findIndex((one) => one.code === code);

/** A whole code stays standing only where it names somebody who is chosen already. */
const namesChosen = ({ state, rule }: Press): boolean => state.digits.length === rule.codeDigits;

function digit(press: Press, key: string): KeypadStep {
  const { rules, state, contest, rule, choice } = press;
  const digits = namesChosen(press) ? key : state.digits + key;
  if (digits.length < rule.codeDigits) return { state: { ...state, digits } };
  const cleared = { ...state, digits: '' };
  const candidate = candidateOf(press, digits);
  if (candidate === -1) return { state: cleared, code: 'code_unknown' };
  if (rules.withdrawn[contest]?.has(candidate)) return { state: cleared, code: 'choice_withdrawn' };
  const chosen = namesIn(choice);
  if (chosen.includes(candidate)) return { state: { ...state, digits }, code: 'choice_chosen' };
  if (rule.choicesMax > 1 && chosen.length >= rule.choicesMax)
    return { state: cleared, code: 'contest_full' };
  // With one choice a new code replaces the old one, as a voter who changes her mind expects.
  const next = rule.choicesMax === 1 ? [candidate] : [...chosen, candidate];
  return { state: cleared, choose: { contest, choice: next } };
}

function white({ state, contest, rule, choice }: Press, wasAsked: boolean): KeypadStep {
  if (!rule.blankAllowed) return { state, code: 'blank_not_allowed' };
  // Names would be lost by it: asked first.
  if (namesIn(choice).length > 0 && !wasAsked)
    return { state: { ...state, digits: '', asking: 'blank' }, code: 'blank_asked' };
  return { state: { ...state, digits: '' }, choose: { contest, choice: 'blank' } };
}

function correction(press: Press): KeypadStep {
  const { state, contest, choice } = press;
  const chosen = namesIn(choice);
  if (namesChosen(press)) {
    const named = candidateOf(press, state.digits);
    const without = chosen.filter((one) => one !== named);
    return { state: { ...state, digits: '' }, choose: { contest, choice: without } };
  }
  if (state.digits !== '') return { state: { ...state, digits: state.digits.slice(0, -1) } };
  if (choice === 'blank') return { state, choose: { contest, choice: null } };
  if (chosen.length > 0) return { state, choose: { contest, choice: chosen.slice(0, -1) } };
  return { state: { ...state, place: state.place - 1 } };
}

function green({ rules, state, contest, rule, choice }: Press): KeypadStep {
  const cleared = { ...state, digits: '' };
  if (isUntouched(choice)) return { state: cleared, code: 'contest_untouched' };
  const isUndervote = choice !== 'blank' && namesIn(choice).length < rule.choicesMax;
  if (isUndervote && !state.asked.includes(contest))
    return {
      state: { ...cleared, asked: [...state.asked, contest], asking: 'undervote' },
      code: 'undervote_asked',
    };
  const next = { ...cleared, place: state.place + 1 };
  return next.place === rules.style.length ? { state: next, act: 'open_review' } : { state: next };
}

/** Digits add up, so that a screen that sees two presses at once misses neither; green or correction goes back. */
function onDisplay(state: KeypadState, key: string): KeypadState {
  if (key === 'green' || key === 'correction') return { ...state, place: 0, digits: '' };
  if (!key.startsWith('digit_')) return state;
  const digits = state.digits.length < DISPLAY_DIGITS_MAX ? state.digits : '';
  return { ...state, digits: digits + key.slice('digit_'.length) };
}

/** The review: green prints, correction goes to the last contest, a contest's number to that one, nought to size and colours. */
function onReview(rules: ChoiceRules, state: KeypadState, key: string): KeypadStep {
  const count = rules.style.length;
  if (key === 'green') return { state: { ...state, digits: '' }, act: 'print' };
  if (key === 'correction') {
    if (state.digits !== '') return { state: { ...state, digits: '' } };
    return { state: { ...state, place: count - 1 }, act: 'leave_review' };
  }
  if (!key.startsWith('digit_')) return { state };
  const digits = state.digits + key.slice('digit_'.length);
  if (digits.length < String(count).length) return { state: { ...state, digits } };
  const place = Number(digits) - 1;
  if (place >= count) return { state: { ...state, digits: '' } };
  return { state: { ...state, place, digits: '' }, act: 'leave_review' };
}

/**
 * One key of the box's keypad. Digits build a code and the last one chooses; white is a deliberate blank; correction
 * takes back the last digit, then the name whose code was keyed again, or else the last name, then goes one contest
 * back, and from the first to size, colours and language; green goes on, and prints on the review. Places left empty
 * are asked about once: green again goes on. With these twelve keys alone every task of the voter is done.
 */
export function pressKey(
  rules: ChoiceRules,
  before: KeypadState,
  choiceOf: (contest: number) => Choice,
  key: string,
): KeypadStep {
  const state: KeypadState = { ...before, asking: null };
  if (state.place === DISPLAY_PLACE) return { state: onDisplay(state, key) };
  const contest = rules.style[state.place];
  if (contest === undefined) return onReview(rules, state, key);
  const rule = rules.contests[contest] as records.Contest;
  const press: Press = { rules, state, contest, rule, choice: choiceOf(contest) };
  if (key.startsWith('digit_')) return digit(press, key.slice('digit_'.length));
  if (key === 'white') return white(press, before.asking === 'blank');
  if (key === 'correction') return correction(press);
  return key === 'green' ? green(press) : { state };
}
