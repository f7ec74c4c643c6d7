/** What a voter can do in one contest by touch or keyboard. */
import { useStable } from '@sandoq/kit';
import { toAsciiDigits } from '@sandoq/protocol/persian';
import { useEffect, useRef, useState } from 'react';
import type { Page } from './ballot.tsx';
import { type Choice, candidateOfCode, chosen, leftOf, toggled } from './selection.ts';

export type Question = 'undervote' | 'nothing' | 'blank' | 'leave' | null;
export type Message = 'full' | 'withdrawn' | 'code_unknown' | 'code_short' | 'already' | 'no_blank' | null;

export interface ContestOptions {
  readonly page: Page;
  /** whether this contest's under-vote was asked about already */
  readonly wasAsked: boolean;
  readonly onAsked: () => void;
  readonly onChoose: (choice: Choice) => Promise<boolean>;
  readonly onBack: (() => void) | null;
  readonly onNext: () => void;
  readonly onLeave: () => void;
  /** A digit came from the box or a keyboard: the code is what is being typed now. */
  readonly onCodeTyped: () => void;
}

/** Every function stays the same one while the contest stands on the screen; see `useStable`. */
export function useContestDeeds(options: ContestOptions) {
  const { contest, choice } = options.page;
  const [code, setCode] = useState('');
  const [question, setQuestion] = useState<Question>(null);
  const [message, setMessage] = useState<Message>(null);

  const choose = useStable((next: Choice): void => {
    setMessage(null);
    void options.onChoose(next);
  });
  const toggle = useStable((candidate: number): void => {
    const result = toggled(contest, choice, candidate);
    if (result.kind === 'changed') choose(result.choice);
    else setMessage(result.kind);
  });
  const typeCode = useStable((next: string): void => {
    setCode(next);
    const isUnknown = next.length === contest.code_digits && candidateOfCode(contest, next) === undefined;
    setMessage(isUnknown ? 'code_unknown' : null);
  });
  const enterCode = useStable((): void => {
    const candidate = candidateOfCode(contest, code);
    if (candidate === undefined) {
      setMessage(code.length < contest.code_digits ? 'code_short' : 'code_unknown');
      return;
    }
    setCode('');
    if (chosen(choice).includes(candidate)) setMessage('already');
    else toggle(candidate);
  });
  const goOn = useStable((): void => {
    const left = leftOf(contest, choice);
    if (left.kind === 'nothing') setQuestion('nothing');
    else if (left.kind === 'undervote' && !options.wasAsked) setQuestion('undervote');
    else options.onNext();
  });
  const blank = useStable((): void => {
    setCode('');
    if (contest.blank_allowed) setQuestion('blank');
    else setMessage('no_blank');
  });
  const answer = useStable((isYes: boolean): void => {
    const asked = question;
    setQuestion(null);
    if (asked === 'undervote') options.onAsked();
    if (!isYes) return;
    if (asked === 'leave') options.onLeave();
    else if (asked === 'undervote') options.onNext();
    else if (contest.blank_allowed) {
      void options.onChoose('blank').then((isDone) => {
        if (isDone && asked === 'nothing') options.onNext();
      });
    }
  });
  const typeDigit = useStable((digit: string): void => {
    options.onCodeTyped();
    if (code.length < contest.code_digits) typeCode(code + digit);
  });
  /** The box's keypad has done its deed in the voting process; what was half done on the screen is over. */
  const followBox = (digits: string): void => {
    setQuestion(null);
    setMessage(null);
    setCode(digits);
    options.onCodeTyped();
  };
  const askToLeave = useStable((): void => setQuestion('leave'));
  // One object for all of them: parts of the screen that are given it are drawn when something else has changed.
  const [does] = useState(() => ({ choose, toggle, typeCode, enterCode, blank, answer }));
  return { code, question, message, does, goOn, typeDigit, followBox, askToLeave };
}
export type ContestDeeds = ReturnType<typeof useContestDeeds>;

/** A digit typed on a keyboard while no field has the focus is a digit of the code. */
export function useDigitsAnywhere(onDigit: (digit: string) => void, isActive: boolean): void {
  const handler = useRef(onDigit);
  handler.current = onDigit;
  useEffect(() => {
    if (!isActive) return;
    const listen = (event: KeyboardEvent): void => {
      const { target } = event;
      const isTyping =
        target instanceof HTMLInputElement ||
        (target instanceof Element && target.closest('.kit-keypad') !== null);
      const digit = toAsciiDigits(event.key);
      if (!isTyping && /^[0-9]$/.test(digit)) handler.current(digit);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [isActive]);
}
