/**
 * The ledgers that a slip must satisfy (RECORDS.md, "Ledgers"), each by its own name: station, intake and verifier
 * call this one piece. Pure; every break says both sides of the sum.
 */
import type { Commitment, ContestTotal, Package, PaperSegment, Slip } from './generated.ts';
import type { RuleBreak } from './station-rules.ts';

export const LEDGERS = [
  'ledger_tarefe',
  'ledger_outstanding',
  'ledger_papers',
  'ledger_contest_records',
  'ledger_contest_marks',
  'ledger_contest_candidates',
  'ledger_contest_blank',
  'ledger_contest_cast',
  'ledger_slots',
  'ledger_commitment_records',
  'ledger_commitment_cards',
  'ledger_commitment_papers',
  'ledger_admissions',
  'ledger_documents',
  'ledger_issued',
  'ledger_admitted',
  'ledger_capacity',
] as const;
export type LedgerName = (typeof LEDGERS)[number];

export interface LedgerBreak extends RuleBreak {
  readonly code: LedgerName;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

class Breaks {
  readonly found: LedgerBreak[] = [];
  equal(code: LedgerName, at: string, left: number, right: number, words: string): void {
    if (left !== right) this.found.push({ code, at, wanted: `${words}: ${left} is not ${right}` });
  }
  atMost(code: LedgerName, at: string, left: number, right: number, words: string): void {
    if (left > right) this.found.push({ code, at, wanted: `${words}: ${left} is more than ${right}` });
  }
}

/** A contest's own sums, on a slip or on a paper count. */
function contestTotal(breaks: Breaks, election: Package, total: ContestTotal, at: string): void {
  const contest = election.contests[total.contest];
  if (contest === undefined) throw new RangeError('a total of a contest that the package does not have');
  const { records, valid, blank, invalid, marks, undervotes, candidates } = total;
  breaks.equal(
    'ledger_contest_records',
    at,
    records,
    valid + blank + invalid,
    'records = valid + blank + invalid',
  );
  breaks.equal(
    'ledger_contest_marks',
    at,
    valid * contest.choicesMax,
    marks + undervotes,
    'valid × N = marks + undervotes',
  );
  breaks.equal('ledger_contest_candidates', at, marks, sum(candidates), 'marks = sum over the candidates');
  // A valid record names at least one candidate, and none twice.
  breaks.atMost('ledger_contest_candidates', at, valid, marks, 'valid ≤ marks');
  breaks.atMost(
    'ledger_contest_candidates',
    at,
    Math.max(0, ...candidates),
    valid,
    "a candidate's votes ≤ valid",
  );
  if (!contest.blankAllowed)
    breaks.equal('ledger_contest_blank', at, blank, 0, 'no blank votes in this contest');
}

/** A contest on every style is voted in by everyone who casts; any other by some. */
function contestsAgainstCast(breaks: Breaks, election: Package, slip: Slip): void {
  const paper = slip.segments.filter((segment) => segment.kind === 'paper') as readonly PaperSegment[];
  slip.totals.forEach((total, i) => {
    const onPaper = sum(
      paper.flatMap((segment) =>
        segment.totals.filter((one) => one.contest === total.contest).map(({ records }) => records),
      ),
    );
    const electronic = total.records - onPaper;
    const at = `totals[${i}].records`;
    if (election.styles.every((style) => style.contests.includes(total.contest)))
      breaks.equal('ledger_contest_cast', at, electronic, slip.tarefe.cast, 'records = votes cast');
    else breaks.atMost('ledger_contest_cast', at, electronic, slip.tarefe.cast, 'records ≤ votes cast');
  });
}

function commitments(breaks: Breaks, slip: Slip, all: readonly Commitment[]): void {
  const total = (field: (one: Commitment) => number): number => sum(all.map(field));
  const at = 'commitments';
  breaks.equal(
    'ledger_commitment_records',
    at,
    total((one) => one.records),
    slip.slots.box,
    'records = slots.box',
  );
  breaks.equal(
    'ledger_commitment_cards',
    at,
    total((one) => one.cardsSpent),
    slip.tarefe.cast,
    'cardsSpent = cast',
  );
  const { papers } = slip;
  const paper = (name: string, left: number, right: number): void =>
    breaks.equal('ledger_commitment_papers', `papers.${name}`, left, right, `${name} = the box's`);
  paper(
    'printed',
    papers.printed,
    total((one) => one.papersPrinted),
  );
  paper(
    'inBin',
    papers.inBin,
    total((one) => one.papersInBin),
  );
  paper(
    'rejected',
    papers.rejected,
    total((one) => one.papersRejected),
  );
  paper(
    'retained',
    papers.retained,
    total((one) => one.papersRetained),
  );
}

function admissions(breaks: Breaks, slip: Slip): void {
  const { admissions: side, tarefe } = slip;
  const at = 'admissions';
  breaks.equal(
    'ledger_admissions',
    at,
    side.admitted,
    side.local + side.visiting,
    'admitted = local + visiting',
  );
  const documents = sum(side.byDocument.map(({ count }) => count));
  breaks.equal('ledger_documents', at, side.admitted, documents, 'admitted = sum over the documents');
  breaks.atMost('ledger_admissions', at, side.helped, side.admitted, 'helped ≤ admitted');
  breaks.atMost('ledger_admissions', at, side.offline, side.admitted, 'offline ≤ admitted');
  const pair = (name: string, left: number, right: number): void =>
    breaks.equal('ledger_issued', `tarefe.${name}`, left, right, `${name} = the admission side's`);
  pair('issued', tarefe.issued, side.tarefeIssued);
  pair('returned', tarefe.returned, side.tarefeReturned);
  pair('spoiled', tarefe.spoiled, side.tarefeSpoiled);
  breaks.atMost(
    'ledger_admitted',
    'tarefe.issued',
    tarefe.issued - tarefe.returned - tarefe.spoiled,
    side.admitted,
    'issued − returned − spoiled ≤ admitted',
  );
}

/**
 * Every ledger that does not hold; empty where all do.
 * @param slip with one total for each contest of the package, in order
 * @param closed the commitments of its sessions
 * @param votesMax the station's capacity
 * @throws RangeError for a total of an unknown contest: shape comes first
 */
export function slipLedgerBreaks(
  election: Package,
  slip: Slip,
  closed: readonly Commitment[],
  votesMax: number,
): readonly LedgerBreak[] {
  const breaks = new Breaks();
  const { tarefe, papers, slots } = slip;
  breaks.equal(
    'ledger_tarefe',
    'tarefe',
    tarefe.issued,
    tarefe.cast + tarefe.returned + tarefe.spoiled + tarefe.abandoned + tarefe.outstanding,
    'issued = cast + returned + spoiled + abandoned + outstanding',
  );
  breaks.equal(
    'ledger_outstanding',
    'tarefe.outstanding',
    tarefe.outstanding,
    0,
    'no card outstanding at close',
  );
  breaks.equal(
    'ledger_papers',
    'papers',
    papers.printed,
    papers.inBin + papers.rejected + papers.retained,
    'printed = inBin + rejected + retained',
  );
  slip.totals.forEach((total, i) => {
    contestTotal(breaks, election, total, `totals[${i}]`);
  });
  slip.segments.forEach((segment, i) => {
    if (segment.kind === 'paper')
      segment.totals.forEach((total, k) => {
        contestTotal(breaks, election, total, `segments[${i}].totals[${k}]`);
      });
  });
  contestsAgainstCast(breaks, election, slip);
  breaks.equal('ledger_slots', 'slots.station', slots.box, slots.station, 'slots.box = slots.station');
  breaks.equal('ledger_slots', 'slots.tallied', slots.box, slots.tallied, 'slots.box = slots.tallied');
  breaks.equal(
    'ledger_slots',
    'slots.tallied',
    slots.tallied,
    tarefe.cast * election.contests.length,
    'slots.tallied = cast × contests',
  );
  commitments(breaks, slip, closed);
  admissions(breaks, slip);
  breaks.atMost('ledger_capacity', 'tarefe.cast', tarefe.cast, votesMax, 'cast ≤ capacity of the station');
  return breaks.found;
}
