/** The keypad of the ballot box as it reaches the screen: each press once, none from before. */
import { useEffect, useRef } from 'react';
import type { VoterView } from '../../contract/voting.ts';

export type BoxKey =
  | { readonly kind: 'digit'; readonly digit: string }
  | { readonly kind: 'white' | 'correction' | 'green' };

/** The wire's names of keys; anything else is no key of ours. */
export function readBoxKey(name: string): BoxKey | undefined {
  const digit = /^(?:digit_)?([0-9])$/.exec(name)?.[1];
  if (digit !== undefined) return { kind: 'digit', digit };
  return name === 'white' || name === 'correction' || name === 'green' ? { kind: name } : undefined;
}

/** Calls `onKey` for each new press; a press that was there when this part of the screen appeared is not new. */
export function useBoxKey(key: VoterView['key'], onKey: (key: BoxKey) => void, isActive = true): void {
  const seen = useRef(key?.number);
  const handler = useRef(onKey);
  handler.current = onKey;
  useEffect(() => {
    if (key === null || key.number === seen.current) return;
    seen.current = key.number;
    if (!isActive) return;
    const read = readBoxKey(key.key);
    if (read !== undefined) handler.current(read);
  }, [key, isActive]);
}
