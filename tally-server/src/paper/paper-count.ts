/**
 * A paper count: what two people read from a station's paper minutes, each without seeing the other's figures. Only
 * what both say alike becomes a `paper` segment, in a correction that both boards sign. Pure.
 */
import { encode, failure, type Provisioning, type Result, records, success, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { toAsciiDigits } from '@sandoq/protocol/persian';

export interface PaperContest {
  readonly valid: number;
  readonly blank: number;
  readonly invalid: number;
  /** by candidate index */
  readonly candidates: readonly number[];
}

export interface PaperCount {
  readonly station: string;
  /** the number that stands on the paper minutes */
  readonly minutes: string;
  /** papers in the ballot box */
  readonly papers: number;
  readonly contests: readonly PaperContest[];
}

export const MINUTES_NUMBER_MAX = 40;
const COUNT_MAX = 20_000;

export const FIELD_FAULTS = [
  'not_a_count',
  'minutes',
  'papers_differ',
  'marks_too_many',
  'candidate_too_many',
  'marks_too_few',
  'blank_not_allowed',
] as const;
export interface FieldFault {
  /** name of the form's field */
  readonly field: string;
  readonly code: (typeof FIELD_FAULTS)[number];
}

export const fieldName = (contest: number, what: 'valid' | 'blank' | 'invalid' | number): string =>
  `c${contest}.${what}`;

const countOf = (text: string | null): number | undefined => {
  const plain = toAsciiDigits((text ?? '').trim());
  if (!/^[0-9]{1,6}$/.test(plain)) return undefined;
  const value = Number(plain);
  return value <= COUNT_MAX ? value : undefined;
};

/** What must hold in one contest; the same ledgers as a slip's. */
function contestFaults(
  contest: records.Contest,
  i: number,
  { valid, blank, candidates }: PaperContest,
): readonly FieldFault[] {
  const marks = candidates.reduce((sum, votes) => sum + votes, 0);
  const faults: FieldFault[] = [];
  if (marks > valid * contest.choicesMax)
    faults.push({ field: fieldName(i, 'valid'), code: 'marks_too_many' });
  if (marks < valid) faults.push({ field: fieldName(i, 'valid'), code: 'marks_too_few' });
  if (!contest.blankAllowed && blank > 0)
    faults.push({ field: fieldName(i, 'blank'), code: 'blank_not_allowed' });
  candidates.forEach((votes, k) => {
    if (votes > valid) faults.push({ field: fieldName(i, k), code: 'candidate_too_many' });
  });
  return faults;
}

/** Reads a form. Every field that is wrong is named. */
export function readPaperForm(
  provisioning: Provisioning,
  station: string,
  form: URLSearchParams,
): Result<PaperCount, readonly FieldFault[]> {
  const faults: FieldFault[] = [];
  const read = (field: string): number => {
    const value = countOf(form.get(field));
    if (value === undefined) faults.push({ field, code: 'not_a_count' });
    return value ?? 0;
  };
  const minutes = toAsciiDigits((form.get('minutes') ?? '').trim());
  if (minutes === '' || minutes.length > MINUTES_NUMBER_MAX || /\p{Cc}/u.test(minutes))
    faults.push({ field: 'minutes', code: 'minutes' });
  const papers = read('papers');
  const contests = provisioning.package.contests.map(
    (contest, i): PaperContest => ({
      valid: read(fieldName(i, 'valid')),
      blank: read(fieldName(i, 'blank')),
      invalid: read(fieldName(i, 'invalid')),
      candidates: Array.from({ length: contest.candidatesCount }, (_, k) => read(fieldName(i, k))),
    }),
  );
  if (faults.length === 0)
    contests.forEach((one, i) => {
      faults.push(...contestFaults(provisioning.package.contests[i] as records.Contest, i, one));
      // A paper of the paper fallback carries every contest: it is one paper a voter.
      if (one.valid + one.blank + one.invalid > papers)
        faults.push({ field: 'papers', code: 'papers_differ' });
    });
  return faults.length > 0 ? failure(faults) : success({ station, minutes, papers, contests });
}

/** The names of the fields in which two entries differ: never the figures, for the second reader must read anew. */
export function differingFields(a: PaperCount, b: PaperCount): readonly string[] {
  const fields: string[] = [];
  if (a.minutes !== b.minutes) fields.push('minutes');
  if (a.papers !== b.papers) fields.push('papers');
  a.contests.forEach((one, i) => {
    const other = b.contests[i];
    for (const what of ['valid', 'blank', 'invalid'] as const)
      if (one[what] !== other?.[what]) fields.push(fieldName(i, what));
    one.candidates.forEach((votes, k) => {
      if (votes !== other?.candidates[k]) fields.push(fieldName(i, k));
    });
  });
  return fields;
}

/** What was read from the paper minutes, as the evidence file that the segment names by its digest. */
export const evidenceText = (election: string, { station, minutes, papers, contests }: PaperCount): string =>
  `${JSON.stringify({ form: 'sandoq.paper-minutes/1', election, station, minutes, papers, contests })}\n`;

const totalOf = (
  contests: readonly records.Contest[],
  count: PaperContest,
  contest: number,
): records.ContestTotal => {
  const marks = count.candidates.reduce((sum, votes) => sum + votes, 0);
  const choices = contests[contest]?.choicesMax ?? 1;
  return {
    contest,
    records: count.valid + count.blank + count.invalid,
    valid: count.valid,
    blank: count.blank,
    invalid: count.invalid,
    marks,
    undervotes: count.valid * choices - marks,
    candidates: count.candidates,
  };
};

const added = (a: records.ContestTotal, b: records.ContestTotal): records.ContestTotal => ({
  contest: a.contest,
  records: a.records + b.records,
  valid: a.valid + b.valid,
  blank: a.blank + b.blank,
  invalid: a.invalid + b.invalid,
  marks: a.marks + b.marks,
  undervotes: a.undervotes + b.undervotes,
  candidates: a.candidates.map((votes, k) => votes + (b.candidates[k] ?? 0)),
});

/** The slip that stands, with the paper count as a segment of its own and its votes added to the totals. */
export function slipWithPaper(
  provisioning: Provisioning,
  standing: records.Slip,
  count: PaperCount,
): records.Slip {
  const { contests } = provisioning.package;
  const totals = count.contests.map((one, i) => totalOf(contests, one, i));
  const evidence = nodeCrypto.sha256(utf8(evidenceText(provisioning.election, count)));
  return {
    ...standing,
    totals: standing.totals.map((total, i) => added(total, totals[i] as records.ContestTotal)),
    segments: [
      ...standing.segments.filter(({ kind }) => kind !== 'paper'),
      { kind: 'paper', papers: count.papers, totals, disputed: false, evidence },
    ],
  };
}

export const PAPER_REASON: records.Bilingual = {
  fa: 'شمارش کاغذی که دو نفر جداگانه وارد کردند به نتیجه افزوده شد',
  en: 'A paper count that two people entered independently was added to the result',
};

/** What is to be signed: by the station's voting device, then the authority, then both boards. */
export interface PaperOrder {
  readonly form: 'sandoq.paper-order/1';
  readonly election: string;
  readonly station: string;
  readonly supersedes: string;
  /** the Slip's payload, hexadecimal */
  readonly slip: string;
  readonly evidence: string;
  readonly reason: records.Bilingual;
}

export const slipPayload = (slip: records.Slip): Uint8Array => encode(records.slipShape, slip);
