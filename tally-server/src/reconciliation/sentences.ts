/** A finding in words that say what differs from what, and by how much; never whose fault it is. */
import { formatInteger, type Locale } from '@sandoq/protocol/persian';
import { textOf } from '../texts.ts';
import type { Finding } from './reconcile.ts';

export function findingSentence(locale: Locale, columns: readonly string[], finding: Finding): string {
  const number = (value: number): string => formatInteger(value, locale);
  switch (finding.kind) {
    case 'equation':
      return textOf(locale, 'reconcile.equation', {
        equation: finding.equation,
        left: number(finding.left),
        right: number(finding.right),
        difference: number(Math.abs(finding.difference)),
      });
    case 'parts':
      return textOf(locale, 'reconcile.parts', {
        column: columns[finding.column] ?? '',
        reported: number(finding.reported),
        summed: number(finding.summed),
        difference: number(Math.abs(finding.difference)),
      });
    default:
      return textOf(locale, `reconcile.${finding.kind}`);
  }
}
