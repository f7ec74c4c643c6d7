/** Printing: the next copy of a form, as a file for the office and on the officers' printer where there is one. */
import { join } from 'node:path';
import { decodeCbor, encodeCbor, slipPages } from '@sandoq/protocol';
import type { Locale } from '@sandoq/protocol/persian';
import type { PaperForm } from '../contract/codes.ts';
import { PAPER_FORMS } from '../contract/codes.ts';
import { Refused } from '../contract/socket.ts';
import type { ReportPrinter } from '../devices/report-printer.ts';
import { writeVerified } from '../outputs/export.ts';
import type { PaperSource } from '../paper/source.ts';
import { nowSeconds, type VotingContext } from './context.ts';
import { keptSlip } from './counting.ts';
import { keptMinutes, sealsOf } from './minutes.ts';

/** Copies of one form: more are no slip of the finger. */
export const COPIES_MAX = 99;

function copiesOf(context: Pick<VotingContext, 'state'>): Map<PaperForm, number> {
  const kept = context.state.fact('paper_copies');
  const raw = kept === undefined ? undefined : decodeCbor(kept);
  const counts = raw?.ok === true && Array.isArray(raw.value) ? (raw.value as number[]) : [];
  return new Map(PAPER_FORMS.map((form, i) => [form, counts[i] ?? 0]));
}

function isReady(context: VotingContext, form: PaperForm): boolean {
  switch (form) {
    case 'zero_report':
      return context.session !== undefined;
    case 'tape':
      return context.state.fact('slip') !== undefined;
    case 'minutes':
      return context.state.fact('minutes') !== undefined;
    case 'slip_pages':
      return context.state.fact('bundle') !== undefined;
  }
}

export function papersOf(context: VotingContext): { form: PaperForm; copies: number }[] {
  const copies = copiesOf(context);
  return PAPER_FORMS.filter((form) => isReady(context, form)).map((form) => ({
    form,
    copies: copies.get(form) ?? 0,
  }));
}

function sourceOf(context: VotingContext): PaperSource {
  const { election, session, crypto, state } = context;
  if (session === undefined) throw new Refused('wrong_phase');
  const slip = keptSlip(context);
  const minutes = keptMinutes(context);
  const bundle = state.fact('bundle');
  return {
    election: {
      id: election.election,
      title: election.package.title,
      contests: election.package.contests,
      candidates: election.candidateLists.map(({ candidates }) => candidates),
      settings: election.settings,
    },
    station: election.station,
    session: session.value,
    zeroReport: session.zeroReport,
    seals: sealsOf(context),
    ...(slip === undefined ? {} : { slip: { ...slip, approvals: state.slipApprovals() } }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(bundle === undefined ? {} : { pages: slipPages(crypto, bundle) }),
  };
}

export interface PrintedPaper {
  readonly copy: number;
  readonly pages: number;
  readonly printed: boolean;
  readonly file: string;
}

export async function printPaper(
  context: VotingContext,
  printer: ReportPrinter | null,
  { form, locale }: { readonly form: PaperForm; readonly locale: Locale },
): Promise<PrintedPaper> {
  if (!isReady(context, form)) throw new Refused('wrong_phase', form);
  const copies = copiesOf(context);
  const copy = (copies.get(form) ?? 0) + 1;
  if (copy > COPIES_MAX) throw new Refused('copies_exhausted', form);
  // Fonts and the drawing library are loaded when something is drawn, never while somebody votes.
  const [{ createMeasure }, { sheetA4, tapeOf }, { paperOf }, { pdfOf }] = await Promise.all([
    import('../paper/fonts.ts'),
    import('../paper/media.ts'),
    import('../paper/paper.ts'),
    import('../paper/pdf.ts'),
  ]);
  const source = sourceOf(context);
  const measure = createMeasure();
  const sheets = paperOf(form, locale, sheetA4(measure), source, { number: copy });
  const file = join('papers', `${form.replaceAll('_', '-')}-${copy}.pdf`);
  const pdf = await pdfOf(sheets, source.minutes?.value.madeAt ?? nowSeconds(context));
  // Counted before it is printed: no two copies carry one number.
  copies.set(form, copy);
  context.state.commit({
    facts: { paper_copies: encodeCbor(PAPER_FORMS.map((one) => copies.get(one) ?? 0)) },
  });
  writeVerified(join(context.outFolder, file), pdf);
  context.changed();
  if (printer === null) return { copy, pages: sheets.pages.length, printed: false, file };
  const [{ rasterOf }, { escposOf }] = await Promise.all([
    import('../paper/raster.ts'),
    import('../paper/escpos.ts'),
  ]);
  const tape = paperOf(form, locale, tapeOf(printer.widthDots, measure), source, { number: copy });
  for (const page of tape.pages) {
    const taken = await printer.print(escposOf(rasterOf(page, locale)));
    if (!taken.ok) throw new Refused(taken.fault.code, file);
  }
  return { copy, pages: tape.pages.length, printed: true, file };
}
