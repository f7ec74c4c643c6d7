/** A PIN whose tries are kept on the card: the try is taken before the comparison, as chips do against pulled power. */
import { type Bytes, STATUS_WORDS, utf8 } from '@sandoq/protocol';

export interface PinState {
  readonly pin: string;
  readonly triesLeft: number;
  readonly triesMax: number;
}

export const PIN_DIGITS_MIN = 4;
export const PIN_DIGITS_MAX = 8;
export const PIN_PATTERN = /^[0-9]{4,8}$/;

export interface PinVerdict {
  readonly state: PinState;
  readonly verified: boolean;
  readonly statusWord: number;
}

const triesLeftWord = (tries: number): number => 0x63c0 | tries;

/** Digits in ASCII, alone or padded with FF to eight bytes (SP 800-73). */
function samePin(pin: string, offered: Bytes): boolean {
  let end = offered.length;
  while (end > 0 && offered[end - 1] === 0xff) end--;
  const wanted = utf8(pin);
  let difference = wanted.length ^ end;
  for (let i = 0; i < wanted.length; i++) difference |= (wanted[i] as number) ^ (offered[i] ?? 0);
  return difference === 0;
}

/**
 * VERIFY. Without data it asks (ISO 7816-4): 9000 where verified, 63Cx tries left, 6983 blocked.
 *
 * | tries left | offered | answer | tries left after |
 * | --- | --- | --- | --- |
 * | 0 | anything | 6983 | 0 |
 * | n | right | 9000 | triesMax |
 * | n > 1 | wrong | 63C(n−1) | n−1 |
 * | 1 | wrong | 6983 | 0 |
 */
export function verifyPin(state: PinState, verified: boolean, offered: Bytes): PinVerdict {
  if (state.triesLeft === 0) return { state, verified: false, statusWord: STATUS_WORDS.pin_blocked };
  if (offered.length === 0)
    return { state, verified, statusWord: verified ? STATUS_WORDS.ok : triesLeftWord(state.triesLeft) };
  if (offered.length > PIN_DIGITS_MAX)
    return { state, verified: false, statusWord: STATUS_WORDS.wrong_length };
  if (samePin(state.pin, offered)) {
    const whole = state.triesLeft === state.triesMax ? state : { ...state, triesLeft: state.triesMax };
    return { state: whole, verified: true, statusWord: STATUS_WORDS.ok };
  }
  const triesLeft = state.triesLeft - 1;
  return {
    state: { ...state, triesLeft },
    verified: false,
    statusWord: triesLeft === 0 ? STATUS_WORDS.pin_blocked : triesLeftWord(triesLeft),
  };
}
