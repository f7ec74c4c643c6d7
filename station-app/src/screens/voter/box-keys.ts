/**
 * The keypad of the ballot box. The voting process itself follows it, so that a voter can vote without the screen; the
 * screen turns to where the digits go.
 */
import { useEffect, useRef } from 'react';
import type { VoterView } from '../../contract/voting.ts';

export interface KeypadAt {
  /** place among the voter's contests; their number where the review stands */
  readonly place: number;
  readonly digits: string;
}

/** Calls `onKey` after each new press; a press from before this part of the screen appeared is not new. */
export function useBoxKey(view: VoterView, onKey: (at: KeypadAt) => void): void {
  const seen = useRef(view.key?.number);
  const handler = useRef(onKey);
  handler.current = onKey;
  const { key, keypad } = view;
  useEffect(() => {
    if (key === null || key.number === seen.current) return;
    seen.current = key.number;
    if (keypad !== null && keypad !== undefined) handler.current(keypad);
  }, [key, keypad]);
}
