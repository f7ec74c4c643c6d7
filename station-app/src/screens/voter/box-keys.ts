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
export function useBoxKey(view: VoterView | null, onKey: (at: KeypadAt, key: string) => void): void {
  const seen = useRef(view?.key?.number);
  const handler = useRef(onKey);
  handler.current = onKey;
  const key = view?.key ?? null;
  const keypad = view?.keypad ?? null;
  useEffect(() => {
    if (key === null || key.number === seen.current) return;
    seen.current = key.number;
    if (keypad !== null) handler.current(keypad, key.key);
  }, [key, keypad]);
}

/** The place before the first contest. */
export const DISPLAY_PLACE = -1;

/** What a digit means there: 1 to 5 the sizes, 6 to 9 the colours, 0 the other language. */
export function displayAfter(settings: DisplaySettings, key: string): DisplaySettings {
  const digit = Number(/^digit_([0-9])$/.exec(key)?.[1] ?? Number.NaN);
  if (digit === 0) return { ...settings, locale: settings.locale === 'fa' ? 'en' : 'fa' };
  const size = TEXT_SIZES.find((each) => each === digit);
  const theme = THEMES[digit - 1 - TEXT_SIZES.length];
  return { ...settings, ...(size === undefined ? {} : { size }), ...(theme === undefined ? {} : { theme }) };
}
