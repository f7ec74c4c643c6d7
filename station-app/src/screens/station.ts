/** The screens' hooks: the station's state, its calls, its texts, its clock. */
import { useTexts } from '@sandoq/kit';
import { formatInstant, IRAN_UTC_OFFSET_MINUTES, type Locale } from '@sandoq/protocol/persian';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import en from '../../locales/en.json' with { type: 'json' };
import fa from '../../locales/fa.json' with { type: 'json' };
import type { CallRefusal } from '../contract/contract.ts';
import {
  type CallInput,
  type CallName,
  type CallOutput,
  CallRefused,
  type StationLink,
} from './station-link.ts';

const TEXTS = { fa, en };
export type TextKey = keyof typeof fa;
export const useStationTexts = () => useTexts(TEXTS);
export type StationText = ReturnType<typeof useStationTexts>;

const isKey = (key: string): key is TextKey => Object.hasOwn(fa, key);

export type CodeContext = 'voter' | 'person';

/** Sentences of codes that cores send: what happened, and what to do about it. */
export function useCodes() {
  const t = useStationTexts();
  return useMemo(() => {
    const find = (key: string): string | undefined => (isKey(key) ? t(key) : undefined);
    return {
      /** The text of a key that may not be there. */
      find,
      /** To the voter, or about a person at the desk, the same code is said in other words. */
      happened: (code: string, about?: CodeContext): string =>
        find(`code.${about}.${code}`) ??
        find(`code.${code}`) ??
        t('code.unknown', { code: { verbatim: code } }),
      todo: (code: string, about?: CodeContext): string =>
        find(`code.${about}.${code}.do`) ?? find(`code.${code}.do`) ?? t('code.unknown.do'),
      role: (role: string): string => find(`role.${role}`) ?? role,
    };
  }, [t]);
}

export const LinkContext = createContext<StationLink | null>(null);

export function useLink(): StationLink {
  const link = useContext(LinkContext);
  if (link === null) throw new Error('screens are rendered inside a link');
  return link;
}

export interface Caller {
  readonly isBusy: boolean;
  readonly refusal: CallRefusal | null;
  readonly clear: () => void;
  /** Answers undefined where the call was refused; the refusal is kept for the screen to show. */
  readonly run: <Name extends CallName>(
    name: Name,
    input: CallInput<Name>,
  ) => Promise<CallOutput<Name> | undefined>;
}

/**
 * Calls of one part of a screen: whether one is under way, and why the last was refused.
 * @param isBusySeen whether the screen shows that one is under way; where nobody sees it, it is not drawn twice for it
 */
export function useCaller(isBusySeen = true): Caller {
  const link = useLink();
  const [running, setRunning] = useState(0);
  const [refusal, setRefusal] = useState<CallRefusal | null>(null);
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  const run = useCallback(
    async <Name extends CallName>(name: Name, input: CallInput<Name>) => {
      if (isBusySeen) setRunning((count) => count + 1);
      setRefusal(null);
      try {
        return await link.call(name, input);
      } catch (cause) {
        if (!(cause instanceof CallRefused)) throw cause;
        if (mounted.current) setRefusal(cause.refusal);
        return undefined;
      } finally {
        if (isBusySeen && mounted.current) setRunning((count) => count - 1);
      }
    },
    [link, isBusySeen],
  );
  const clear = useCallback(() => setRefusal(null), []);
  return useMemo(() => ({ isBusy: running > 0, refusal, clear, run }), [running, refusal, clear, run]);
}

/** A new screen is read from its top. */
export function useTopOf(screen: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the name of the screen is what has changed
  useEffect(() => {
    document.querySelector('.kit-main')?.scrollTo({ top: 0 });
  }, [screen]);
}

const CLOCK_MS = 5_000;

/** Date and clock of Iran, written for the reader. */
export function useClock(locale: Locale): string {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), CLOCK_MS);
    return () => clearInterval(timer);
  }, []);
  return formatInstant(now, IRAN_UTC_OFFSET_MINUTES, locale);
}
