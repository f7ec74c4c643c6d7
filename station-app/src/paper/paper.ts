/** A form from the records to its pages, on a roll or on a sheet. */
import type { Locale } from '@sandoq/protocol/persian';
import { type CopyOf, contentOf } from './content.ts';
import type { FormId } from './forms.ts';
import { layOut } from './layout.ts';
import type { Medium, Paper } from './page.ts';
import type { PaperSource } from './source.ts';

export function paperOf(
  form: FormId,
  locale: Locale,
  medium: Medium,
  source: PaperSource,
  copy: CopyOf,
): Paper {
  const { head, blocks } = contentOf(form, locale, source, copy);
  return layOut(locale, medium, head, blocks);
}
