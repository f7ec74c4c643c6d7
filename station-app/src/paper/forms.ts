/**
 * The forms as data (forms/forms.json): what each is called, how many copies are prescribed and which sections it has, in
 * order. A form's number differs by election and is printed only where it is known.
 */
import type { records } from '@sandoq/protocol';
import { z } from 'zod';
import raw from '../../forms/forms.json' with { type: 'json' };
import { PAPER_FORMS, type PaperForm } from '../contract/codes.ts';

export const FORM_IDS = PAPER_FORMS;
export type FormId = PaperForm;

export const SECTION_IDS = [
  'opening',
  'zero_counts',
  'zero_contests',
  'seals',
  'hand_signatures',
  'times',
  'disputed',
  'results',
  'results_in_words',
  'ledgers',
  'admissions',
  'slip_digest',
  'signatures',
  'codes',
  'place',
  'recount',
  'incidents',
  'reports',
] as const;
export type SectionId = (typeof SECTION_IDS)[number];

/** Copies that a form may prescribe, and that may be printed of one. */
export const COPIES_MAX = 99;

const LAW_RULES = [
  'plurality',
  'majles',
  'president',
  'experts',
  'city_council',
  'rural_council',
  'council_lists',
  'runoff',
] as const satisfies readonly records.LawRule[];

const formSchema = z.strictObject({
  number: z.string().min(1).max(12).nullable(),
  number_by_law: z.partialRecord(z.enum(LAW_RULES), z.string().min(1).max(12)),
  copies: z.int().min(1).max(COPIES_MAX),
  sections: z.array(z.enum(SECTION_IDS)).min(1),
});
export type FormDescription = z.output<typeof formSchema>;

export const FORMS: Readonly<Record<FormId, FormDescription>> = z
  .record(z.enum(FORM_IDS), formSchema)
  .parse(raw);

/** The form's numbers for these contests, each once, in their order. */
export function formNumbers(
  form: FormDescription,
  contests: readonly Pick<records.Contest, 'law'>[],
): readonly string[] {
  const numbers = contests.flatMap(({ law }) => form.number_by_law[law] ?? form.number ?? []);
  return [...new Set(numbers)];
}
