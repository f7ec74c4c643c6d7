/** Real elections: Iran 1980–2024, and a city's 80,101 ballots. Public files that are read, never copied in. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Box,
  type Contest,
  checkLedger,
  checkOutcome,
  countBox,
  decide,
  ELECTION_FORM,
  type Election,
  electionFromValue,
  type Outcome,
  runoffElection,
} from '../src/law/index.ts';

const corpora = process.env.SANDOQ_CORPORA ?? join(import.meta.dirname, '../../../shared/corpora');
const read = (file: string): string => readFileSync(join(corpora, file), 'utf8');
const present = existsSync(join(corpora, 'iran-elections')) && existsSync(join(corpora, 'rctab'));
if (!present) console.warn('the public files are absent: the counting law is not tried on real elections');

function president(id: string, candidates: readonly string[]): Election {
  const contests = [
    { id: 'president', rule: 'president', candidates: candidates.map((name) => ({ id: name })) },
  ];
  const made = electionFromValue({ form: ELECTION_FORM, election: id, contests });
  if (!made.ok) throw new Error(`${made.fault.path}: ${made.fault.problem}`);
  return made.value;
}

function box(
  id: string,
  contest: Contest,
  records: number,
  invalid: number,
  votes: ReadonlyMap<string, number>,
): Box {
  const marks = [...votes.values()].reduce((sum, count) => sum + count, 0);
  const valid = marks;
  const none = new Map<string, number>();
  return {
    id,
    contests: [
      {
        contest: contest.id,
        records,
        valid,
        blank: 0,
        invalid,
        not_counted: 0,
        marks,
        undervotes: valid * contest.choices - marks,
        votes,
        name_votes: none,
        list_votes: none,
      },
    ],
  };
}

function decided(election: Election, boxes: readonly Box[]): Outcome {
  const outcome = decide(election, boxes, null);
  if (!outcome.ok) throw new Error(`${outcome.fault.path}: ${outcome.fault.problem}`);
  expect(checkOutcome(election, boxes, outcome.value)).toEqual([]);
  return outcome.value;
}

interface Round {
  readonly ballotsCounted: number;
  readonly invalid: number;
  readonly candidates: readonly { readonly nameEn: string; readonly votes: number }[];
  readonly expected: { readonly winner: string | null; readonly runoff: readonly string[] | null };
}

describe.skipIf(!present)('Iran 2024', () => {
  it('the first round yields its runoff by law, and the runoff its president', () => {
    const { rounds } = JSON.parse(read('iran-elections/presidential-2024-national.json')) as {
      rounds: Round[];
    };
    const [first, second] = rounds as [Round, Round];
    const votes = ({ candidates }: Round) =>
      new Map(candidates.map(({ nameEn, votes: count }) => [nameEn, count]));
    const election = president(
      '1403',
      first.candidates.map(({ nameEn }) => nameEn),
    );
    const contest = election.contests[0] as Contest;
    const outcome = decided(election, [
      box('nation', contest, first.ballotsCounted, first.invalid, votes(first)),
    ]);
    expect(outcome.contests[0]).toMatchObject({ status: 'runoff', elected: [] });
    const finalists = outcome.contests[0]?.runoff?.candidates.map(({ candidate }) => candidate);
    expect(finalists).toEqual(first.expected.runoff);
    const round2 = runoffElection(election, outcome, '1403, second round');
    if (!round2.ok) throw new Error(round2.fault.problem);
    const final = round2.value.contests[0] as Contest;
    const result = decided(round2.value, [
      box('nation', final, second.ballotsCounted, second.invalid, votes(second)),
    ]);
    expect(result.contests[0]?.elected.map(({ candidate }) => candidate)).toEqual([second.expected.winner]);
  });
});

interface National {
  readonly jalaliYear: number;
  readonly titleEn: string;
  readonly winnerCandidateId: number | null;
  readonly reports: readonly {
    readonly number: number;
    readonly results: readonly {
      readonly candidateId: number;
      readonly fameEn: string | null;
      readonly votes: number;
    }[];
  }[];
}

describe.skipIf(!present)('Iran 1980 to 2021, final national reports', () => {
  const elections = present
    ? (JSON.parse(read('iran-elections/presidential-1980-2021-national.ermile.json')) as National[])
    : [];

  it.each(
    elections.map((election) => [election.titleEn + election.jalaliYear, election] as const),
  )('%s', (_, national) => {
    const last = national.reports.reduce((a, b) => (b.number > a.number ? b : a));
    const void_ = last.results.filter(({ fameEn }) => fameEn === 'unacceptable' || fameEn === 'invalid');
    const named = last.results.filter((line) => !void_.includes(line));
    const invalid = void_.reduce((sum, { votes }) => sum + votes, 0);
    const votes = new Map(named.map(({ candidateId, votes: count }) => [String(candidateId), count]));
    const records = named.reduce((sum, line) => sum + line.votes, 0) + invalid;
    const election = president(String(national.jalaliYear), [...votes.keys()]);
    const [certificate] = decided(election, [
      box('nation', election.contests[0] as Contest, records, invalid, votes),
    ]).contests;
    const leader = certificate?.tally[0];
    if (certificate?.status === 'decided') {
      expect(certificate.elected.map(({ candidate }) => candidate)).toEqual([
        String(national.winnerCandidateId),
      ]);
    } else {
      // The first round of 1384, of which the file names no winner; its second round is a line of its own.
      expect([national.jalaliYear, national.winnerCandidateId]).toEqual([1384, null]);
      expect(certificate?.runoff?.candidates).toHaveLength(2);
    }
    expect(leader?.votes).toBe(Math.max(...votes.values()));
  });
});

describe.skipIf(!present)('Iran 2009 by county', () => {
  const names = ['ahmadinejad', 'rezai', 'karrubi', 'mousavi'];
  const rows = present
    ? read('iran-elections/2009-president-by-county.openintro.csv')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
    : [];
  const election = president('1388', names);
  const contest = election.contests[0] as Contest;
  const counties = rows.map(([id, , , ...numbers]) => {
    const [a = 0, b = 0, c = 0, d = 0, cast = 0, voided = 0, legitimate = 0] = numbers.map(Number);
    const votes = new Map(names.map((name, i) => [name, [a, b, c, d][i] as number]));
    return { id: String(id), votes, cast, voided, legitimate };
  });

  it('366 counties; the ledger refuses exactly the 9 that do not reconcile', () => {
    expect(counties).toHaveLength(366);
    const refused = counties.filter(({ id, votes, cast, voided, legitimate }) => {
      const [sums] = box(id, contest, cast, voided, votes).contests;
      if (sums === undefined) throw new Error('a box without its contest');
      return !checkLedger(contest, { ...sums, valid: legitimate, undervotes: legitimate - sums.marks }).ok;
    });
    expect(refused).toHaveLength(9);
    expect(
      decide(
        election,
        refused.map(({ id, votes, cast, voided }) => box(id, contest, cast, voided, votes)),
        null,
      ),
    ).toMatchObject({
      ok: false,
      fault: { path: '$.boxes[0].contests[0].records' },
    });
  });

  it('the nation elects in the first round, with votes taken recomputed from valid and void', () => {
    const boxes = counties.map(({ id, votes, voided, legitimate }) =>
      box(id, contest, legitimate + voided, voided, votes),
    );
    const [certificate] = decided(election, boxes).contests;
    expect(certificate?.elected).toMatchObject([
      { candidate: 'ahmadinejad', votes: 24_515_209, article: 'president.majority' },
    ]);
    expect(certificate?.counts.valid).toBe(38_728_799);
  });
});

describe.skipIf(!present)('Minneapolis 2013, first choices of 80,101 ballots in 117 precincts', () => {
  it("boxes counted ballot by ballot give the file's totals, and plurality its leader", () => {
    const folder = 'rctab/2013_minneapolis_mayor';
    const rows = read(`${folder}/first_choice_by_precinct.csv`).trim().split('\n').slice(1).map(csvLine);
    const { firstChoice } = JSON.parse(read(`${folder}/first_choice_totals.json`)) as {
      firstChoice: Record<string, number>;
    };
    const published = new Map(Object.entries(firstChoice));
    const choices = [...new Set(rows.map(([, choice]) => choice))].filter((choice) => choice !== 'undervote');
    const made = electionFromValue({
      form: ELECTION_FORM,
      election: 'minneapolis',
      contests: [{ id: 'mayor', rule: 'plurality', seats: 1, candidates: choices.map((id) => ({ id })) }],
    });
    if (!made.ok) throw new Error(made.fault.problem);
    const contest = made.value.contests[0] as Contest;
    const precincts = Map.groupBy(rows, ([precinct]) => precinct as string);
    const boxes = [...precincts].map(([id, lines]): Box => {
      const ballots = lines.flatMap(([, choice = '', count]) =>
        Array.from({ length: Number(count) }, () => (choice === 'undervote' ? [] : [choice])),
      );
      return { id, contests: [countBox(contest, ballots)] };
    });
    const [certificate] = decided(made.value, boxes).contests;
    expect([boxes.length, certificate?.counts.records]).toEqual([117, 80_101]);
    for (const { candidate, votes } of certificate?.tally ?? [])
      expect([candidate, votes]).toEqual([candidate, published.get(candidate)]);
    expect(certificate?.counts.blank).toBe(published.get('undervote'));
    expect(certificate?.elected).toMatchObject([{ candidate: 'BETSY HODGES' }]);
  });
});

/** RFC 4180, one line: fields in double quotes may hold commas and doubled quotes. */
function csvLine(line: string): string[] {
  const fields = line.replace(/\r$/, '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? plain ?? '');
}
