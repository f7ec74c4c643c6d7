/**
 * Synthetic people, as data from the seeds: a list is read for the panel, and each person brings a document.
 */
import { parseNationalCode } from '@sandoq/protocol/persian';
import { z } from 'zod';
import { seededRandom } from './random.ts';

export const PEOPLE_MAX = 1_000_000;

export const PERSON_DOCUMENTS = [
  'national_card',
  'national_card_chipless',
  'shenasnameh',
  'passport',
  'driving_licence',
  'military_card',
] as const;
export type PersonDocument = (typeof PERSON_DOCUMENTS)[number];

export interface Person {
  /** ten ASCII digits */
  readonly national_code: string;
  readonly name: { readonly fa: string; readonly en: string };
  /** Gregorian, YYYY-MM-DD */
  readonly birth_date: string;
}

const personSchema = z.object({
  national_code: z
    .string()
    .refine((code) => parseNationalCode(code, { length: 'exact' }).ok, 'a national code'),
  name: z.object({ fa: z.string().min(1).max(80), en: z.string().min(1).max(160) }),
  birth_date: z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/),
}) satisfies z.ZodType<Person>;

/** A JSON list of people, or one person a line as in a roll; more fields beside ours allowed. @throws with the place of what is wrong. */
export function parsePeople(text: string): readonly Person[] {
  const raw: unknown = text.trimStart().startsWith('[')
    ? JSON.parse(text)
    : text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line): unknown => JSON.parse(line));
  return z.array(personSchema).max(PEOPLE_MAX).parse(raw);
}

/** What most bring: chip cards first. The shares are a guess, for exercise and not for statistics. */
const DOCUMENT_SHARES: readonly (readonly [PersonDocument, number])[] = [
  ['national_card', 70],
  ['national_card_chipless', 6],
  ['shenasnameh', 16],
  ['passport', 2],
  ['driving_licence', 4],
  ['military_card', 2],
];

/** The same person brings the same document at every start. */
export function documentOf(nationalCode: string): PersonDocument {
  let left = seededRandom(`document/${nationalCode}`).below(100);
  for (const [document, share] of DOCUMENT_SHARES) {
    left -= share;
    if (left < 0) return document;
  }
  return 'national_card';
}
