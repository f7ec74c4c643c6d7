/**
 * The keypad of the ballot box. The voting process itself follows it, so that a voter can vote without the screen; the
 * screen turns to where the digits go.
 */
import { type DisplaySettings, TEXT_SIZES, THEMES } from '@sandoq/kit';
import { useEffect, useRef } from 'react';
import type { VoterView } from '../../contract/voting.ts';

export interface KeypadAt {
  /** place among the voter's contests; their number where the review stands, -1 for size, colours and language */
  readonly place: number;
  readonly digits: string;
}

/** Calls `onKey` after each new press; a press from before this part of the screen appeared is not new. */
export function useBoxKey(view: VoterView | null, onKey: (at: KeypadAt) => void): void {
  const seen = useRef(view?.key?.number);
  const handler = useRef(onKey);
  handler.current = onKey;
  const key = view?.key ?? null;
  const keypad = view?.keypad ?? null;
  useEffect(() => {
    if (key === null || key.number === seen.current) return;
    seen.current = key.number;
    if (keypad !== null) handler.current(keypad);
  }, [key, keypad]);
}

/** The place before the first contest. */
export const DISPLAY_PLACE = -1;

const displayOf = (now: DisplaySettings, digit: number): DisplaySettings => {
  if (digit === 0) return { ...now, locale: now.locale === 'fa' ? 'en' : 'fa' };
  const size = TEXT_SIZES.find((each) => each === digit);
  if (size !== undefined) return { ...now, size };
  const theme = THEMES[digit - 1 - TEXT_SIZES.length];
  return theme === undefined ? now : { ...now, theme };
};

/** What the digits keyed there mean, in turn: 1 to 5 the sizes, 6 to 9 the colours, 0 the other language. */
export const displayAfter = (settings: DisplaySettings, digits: string): DisplaySettings =>
  [...digits].map(Number).reduce(displayOf, settings);
