/** A moment as people here write it: a Solar Hijri date and a clock, by Iran's time; the definition holds ISO 8601. */
import {
  formatClock,
  formatInstant,
  formatSolarHijriNumeric,
  fromSolarHijri,
  IRAN_UTC_OFFSET_MINUTES,
  parseSolarHijri,
  toAsciiDigits,
  toSolarHijri,
} from '@sandoq/protocol/persian';

export interface MomentWords {
  /** ۱۴۰۵/۰۹/۰۶ */
  readonly date: string;
  /** ۲۰:۰۰ */
  readonly clock: string;
}
export const NO_MOMENT: MomentWords = { date: '', clock: '' };

const OFFSET = '+03:30';
const isMoment = (ms: number): boolean => Number.isFinite(ms);

function parseClock(text: string): { readonly hour: number; readonly minute: number } | undefined {
  const match = /^\s*(\d{1,2})(?:[:.](\d{2}))?\s*$/.exec(toAsciiDigits(text));
  const [hour, minute] = [Number(match?.[1]), Number(match?.[2] ?? 0)];
  return match === null || hour > 23 || minute > 59 ? undefined : { hour, minute };
}

/** In any of the three digit sets; an hour alone is the full hour. undefined: no moment is written there yet. */
export function isoOf({ date, clock }: MomentWords): string | undefined {
  const day = parseSolarHijri(date);
  const time = parseClock(clock);
  if (!day.ok || time === undefined) return undefined;
  const local = fromSolarHijri({ ...day.value, ...time }, 0);
  return `${new Date(local).toISOString().slice(0, 19)}${OFFSET}`;
}

/** What a field shows of a definition's moment; what is none stays to be seen and mended. */
export function wordsOf(iso: string): MomentWords {
  const ms = Date.parse(iso);
  if (!isMoment(ms)) return { date: iso, clock: '' };
  const local = toSolarHijri(ms, IRAN_UTC_OFFSET_MINUTES);
  return { date: formatSolarHijriNumeric(local, 'fa'), clock: formatClock(local, 'fa') };
}

/** «جمعه ۶ آذر ۱۴۰۵، ساعت ۲۰:۰۰»: read back, a wrong day is seen by its name. */
export const readBack = (iso: string): string | undefined => {
  const ms = Date.parse(iso);
  return isMoment(ms) ? formatInstant(ms, IRAN_UTC_OFFSET_MINUTES, 'fa') : undefined;
};
