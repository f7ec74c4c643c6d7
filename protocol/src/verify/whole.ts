/**
 * Several publications, one verdict: a nation is some two hundred packages, each with its own bulletin and its own
 * publication. Each is verified by itself; here they are put beside each other and added up. Pure.
 */

import { type Bytes, fromUtf8 } from '../codec/bytes.ts';
import { formatInteger } from '../persian/digits.ts';
import type { Locale } from '../persian/locale.ts';
import { textOf } from './texts.ts';
import type { Verdict } from './verdict.ts';
import { plain } from './words.ts';

export const WHOLE_FORM = 'sandoq.verify.whole/1';
/** More publications than this in one folder are refused. */
export const PUBLICATIONS_MAX = 2048;

const PEOPLE = ['cast', 'admitted', 'local', 'visiting'] as const;
export type People = Readonly<Record<(typeof PEOPLE)[number], number>>;

export interface OnePublication {
  readonly folder: string;
  readonly verdict: Verdict;
  /** of its totals.json; undefined where the verdict is not green */
  readonly people: People | undefined;
}

export interface WholeVerdict {
  readonly form: string;
  readonly ok: boolean;
  readonly publications: readonly {
    readonly folder: string;
    readonly ok: boolean;
    readonly election: string | null;
    readonly slips: Verdict['slips'];
    readonly faults: number;
  }[];
  /** what no publication shows by itself */
  readonly faults: readonly {
    readonly code: 'election_repeated' | 'authority_differs';
    readonly folder: string;
    readonly beside: string;
  }[];
  /** over all publications; null where one of them has no sums that hold */
  readonly slips: NonNullable<Verdict['slips']> | null;
  readonly people: People | null;
  readonly checked: Verdict['checked'];
}

/** The people of a totals.json that was verified. @returns undefined for anything else */
export function peopleIn(bytes: Bytes | undefined): People | undefined {
  try {
    const value = JSON.parse(fromUtf8(bytes ?? new Uint8Array(0)) ?? '') as Readonly<Record<string, unknown>>;
    const found = PEOPLE.map((name) => value[name]);
    if (!found.every((count) => Number.isSafeInteger(count))) return undefined;
    return Object.fromEntries(PEOPLE.map((name, i) => [name, found[i]])) as People;
  } catch {
    return undefined;
  }
}

/** An election is published once, and one authority signs for the whole. */
function faultsBetween(all: readonly OnePublication[]): WholeVerdict['faults'] {
  const faults: WholeVerdict['faults'][number][] = [];
  const folders = new Map<string, string>();
  const first = all.find(({ verdict }) => verdict.authority_key !== null);
  for (const { folder, verdict } of all) {
    const { election, authority_key } = verdict;
    if (election === null) continue;
    const before = folders.get(election);
    if (before !== undefined) faults.push({ code: 'election_repeated', folder, beside: before });
    else folders.set(election, folder);
    if (first !== undefined && authority_key !== first.verdict.authority_key)
      faults.push({ code: 'authority_differs', folder, beside: first.folder });
  }
  return faults;
}

function added<Name extends string>(
  names: readonly Name[],
  rows: readonly (Readonly<Record<Name, number>> | null | undefined)[],
): Readonly<Record<Name, number>> | null {
  const whole = rows.filter((row) => row !== null && row !== undefined);
  if (whole.length < rows.length) return null;
  return Object.fromEntries(
    names.map((name) => [name, whole.reduce((sum, row) => sum + row[name], 0)]),
  ) as Readonly<Record<Name, number>>;
}

export function wholeVerdict(all: readonly OnePublication[]): WholeVerdict {
  const faults = faultsBetween(all);
  return {
    form: WHOLE_FORM,
    ok: faults.length === 0 && all.length > 0 && all.every(({ verdict }) => verdict.ok),
    publications: all.map(({ folder, verdict: { ok, election, slips, faults: own, faults_unnamed } }) => ({
      folder,
      ok,
      election,
      slips,
      faults: own.length + faults_unnamed,
    })),
    faults,
    slips: added(
      ['expected', 'received', 'missing', 'not_holding', 'disputed'],
      all.map(({ verdict }) => verdict.slips),
    ),
    people: added(
      PEOPLE,
      all.map(({ people }) => people),
    ),
    checked: {
      files: all.reduce((sum, { verdict }) => sum + verdict.checked.files, 0),
      signatures: all.reduce((sum, { verdict }) => sum + verdict.checked.signatures, 0),
    },
  };
}

export function wholeLines(whole: WholeVerdict, locale: Locale): readonly string[] {
  const number = (value: number): string => formatInteger(value, locale);
  const name = (text: string): string => `\u2068${plain(text)}\u2069`;
  const lines = [textOf(locale, 'whole.title', { count: number(whole.publications.length) })];
  const { slips, people } = whole;
  if (slips !== null)
    lines.push(
      textOf(locale, 'verify.slips', {
        expected: number(slips.expected),
        received: number(slips.received),
        missing: number(slips.missing),
        disputed: number(slips.disputed),
      }),
    );
  if (people !== null)
    lines.push(
      textOf(locale, 'whole.people', {
        cast: number(people.cast),
        local: number(people.local),
        visiting: number(people.visiting),
      }),
    );
  for (const { folder, ok, faults } of whole.publications)
    if (!ok) lines.push(textOf(locale, 'whole.not_ok', { folder: name(folder), count: number(faults) }));
  for (const { code, folder, beside } of whole.faults)
    lines.push(textOf(locale, `whole.${code}`, { folder: name(folder), beside: name(beside) }));
  lines.push(textOf(locale, whole.ok ? 'whole.verdict_ok' : 'whole.verdict_not_ok'));
  return lines;
}
