/** Sections of the result: what was counted, the ledgers, and the codes that carry the signed slip. */
import { parseSlipPage, type records, toHex } from '@sandoq/protocol';
import { numberInWords } from '@sandoq/protocol/persian';
import type { Section } from './content.ts';
import type { SectionId } from './forms.ts';
import type { Block } from './layout.ts';
import type { Say } from './say.ts';
import type { PaperSource } from './source.ts';

type ResultSection =
  | 'times'
  | 'disputed'
  | 'results'
  | 'results_in_words'
  | 'ledgers'
  | 'admissions'
  | 'slip_digest'
  | 'signatures'
  | 'codes';

type Slip = NonNullable<PaperSource['slip']>;
type Fields = Extract<Block, { kind: 'fields' }>['rows'];

/** A form that speaks of the result is printed once there is one: anything else is a mistake of the caller. */
export function slipOf({ slip }: PaperSource): Slip {
  if (slip === undefined) throw new Error('a form of the result before the count');
  return slip;
}

const times: Section = (say, source) => {
  const { value } = slipOf(source);
  return [
    { kind: 'heading', text: say.text('paper.times') },
    {
      kind: 'fields',
      rows: [
        { label: say.text('paper.opened_at'), value: say.instant(value.openedBucket) },
        { label: say.text('paper.closed_at'), value: say.instant(value.closedAt) },
        { label: say.text('paper.mode'), value: say.text(`paper.mode.${value.mode}`) },
        { label: say.text('paper.denominator'), value: say.text(`paper.denominator.${value.denominator}`) },
      ],
    },
  ];
};

const disputed: Section = (say, source) => {
  const { value, faults } = slipOf(source);
  if (!value.disputed && faults.length === 0)
    return [{ kind: 'paragraph', text: say.text('paper.ledgers_hold'), tone: 'strong' }];
  return [
    { kind: 'heading', text: say.text('paper.disputed') },
    ...faults.map((fault): Block => ({ kind: 'paragraph', text: say.text(`ledger_fault.${fault}`) })),
  ];
};

const sumsOf = (say: Say, total: records.ContestTotal, contest: records.Contest): Fields =>
  (
    [
      ['paper.records', total.records],
      ['paper.valid', total.valid],
      ['paper.blank', total.blank],
      ['paper.invalid', total.invalid],
      ...(contest.choicesMax > 1
        ? ([
            ['paper.marks', total.marks],
            ['paper.undervotes', total.undervotes],
          ] as const)
        : []),
    ] as const
  ).map(([key, value]) => ({ label: say.text(key), value: say.number(value) }));

/** By votes, then by code. Candidates without a vote are one sentence: the code beside carries every one of them. */
function candidateRows(source: PaperSource, total: records.ContestTotal) {
  const candidates = source.election.candidates[total.contest] ?? [];
  const all = total.candidates.map((votes, index) => ({ votes, candidate: candidates[index] }));
  const rows = all
    .filter(({ votes }) => votes > 0)
    .sort((a, b) => b.votes - a.votes || (a.candidate?.code ?? '').localeCompare(b.candidate?.code ?? ''));
  return { rows, withoutVotes: all.length - rows.length };
}

function results(say: Say, source: PaperSource, inWords: boolean): readonly Block[] {
  return slipOf(source).value.totals.flatMap((total): Block[] => {
    const contest = source.election.contests[total.contest];
    if (contest === undefined) throw new Error('a total of an unknown contest');
    const { rows, withoutVotes } = candidateRows(source, total);
    const words = { title: say.text('paper.votes_in_words'), share: 5 };
    return [
      {
        kind: 'heading',
        text: say.text('paper.result_of', { contest: say.name(contest.title), seats: contest.seats }),
      },
      { kind: 'fields', rows: sumsOf(say, total, contest) },
      {
        kind: 'table',
        columns: [
          { title: say.text('paper.candidate'), share: 6 },
          { title: say.text('paper.code'), share: 2, isNumeric: true },
          { title: say.text('paper.votes'), share: 2, isNumeric: true },
          ...(inWords ? [words] : []),
        ],
        rows: rows.map(({ votes, candidate }) => [
          candidate === undefined ? '' : say.name(candidate.name),
          say.digits(candidate?.code ?? ''),
          say.number(votes),
          ...(inWords ? [numberInWords(votes)] : []),
        ]),
      },
      ...(withoutVotes === 0
        ? []
        : [
            {
              kind: 'paragraph' as const,
              text: say.text('paper.without_votes', { count: withoutVotes }),
              tone: 'small' as const,
            },
          ]),
    ];
  });
}

/** Persian minutes write a number in words beside its digits, as every other does; English ones have no such custom. */
const resultsInWords: Section = (say, source) => results(say, source, say.locale === 'fa');

const ledgers: Section = (say, source) => {
  const { tarefe, papers, slots } = slipOf(source).value;
  const rows = (keys: readonly (readonly [string, number])[]): Fields =>
    keys.map(([key, value]) => ({ label: say.text(`paper.${key}`), value: say.number(value) }));
  return [
    { kind: 'heading', text: say.text('paper.ledger.tarefe') },
    {
      kind: 'fields',
      rows: rows([
        ['issued', tarefe.issued],
        ['cast', tarefe.cast],
        ['returned', tarefe.returned],
        ['spoiled', tarefe.spoiled],
        ['abandoned', tarefe.abandoned],
        ['outstanding', tarefe.outstanding],
      ]),
    },
    { kind: 'heading', text: say.text('paper.ledger.papers') },
    {
      kind: 'fields',
      rows: rows([
        ['printed', papers.printed],
        ['in_bin', papers.inBin],
        ['rejected', papers.rejected],
        ['retained', papers.retained],
      ]),
    },
    { kind: 'heading', text: say.text('paper.ledger.slots') },
    {
      kind: 'fields',
      rows: rows([
        ['slots_box', slots.box],
        ['slots_station', slots.station],
        ['slots_tallied', slots.tallied],
      ]),
    },
  ];
};

const admissions: Section = (say, source) => {
  const { admissions: sums } = slipOf(source).value;
  return [
    { kind: 'heading', text: say.text('paper.admissions') },
    {
      kind: 'fields',
      rows: [
        { label: say.text('paper.admitted'), value: say.number(sums.admitted) },
        { label: say.text('paper.local'), value: say.number(sums.local) },
        { label: say.text('paper.visiting'), value: say.number(sums.visiting) },
        { label: say.text('paper.helped'), value: say.number(sums.helped) },
        { label: say.text('paper.offline'), value: say.number(sums.offline) },
        ...sums.byDocument.map(({ document, count }) => ({
          label: say.text(`paper.document.${document}`),
          value: say.number(count),
        })),
      ],
    },
  ];
};

const slipDigest: Section = (say, source) => [
  { kind: 'heading', text: say.text('paper.slip_digest') },
  { kind: 'paragraph', text: (toHex(slipOf(source).digest).match(/.{1,8}/g) ?? []).join(' '), tone: 'small' },
];

const signatures: Section = (say, source) => {
  const { approvals } = slipOf(source);
  return [
    { kind: 'heading', text: say.text('paper.signatures') },
    ...(approvals.length === 0
      ? [{ kind: 'paragraph' as const, text: say.text('paper.signatures.none') }]
      : [
          {
            kind: 'table' as const,
            columns: [
              { title: say.text('paper.role'), share: 4 },
              { title: say.text('paper.signature'), share: 5 },
            ],
            rows: approvals.map(({ role, refused, remark }) => {
              const verdict = say.text(refused ? 'paper.refused' : 'paper.approved');
              return [
                say.text(`role.${role}`),
                remark === null ? verdict : say.text('paper.with_remark', { verdict, remark }),
              ];
            }),
          },
        ]),
  ];
};

const codes: Section = (say, { pages }) => {
  if (pages === undefined) return [{ kind: 'paragraph', text: say.text('paper.codes.later'), tone: 'small' }];
  return [
    { kind: 'heading', text: say.text('paper.codes') },
    { kind: 'paragraph', text: say.text('paper.codes.lead', { count: pages.length }), tone: 'small' },
    {
      kind: 'codes',
      codes: pages.map((content) => {
        const page = parseSlipPage(content);
        if (page === undefined) throw new Error('a code that is no page of a bundle');
        const { number, of, digest } = page;
        return {
          content,
          caption: say.text('paper.codes.caption', { number, of, digest: { verbatim: digest } }),
        };
      }),
    },
  ];
};

export const RESULT_SECTIONS = {
  times,
  disputed,
  results: (say, source) => results(say, source, false),
  results_in_words: resultsInWords,
  ledgers,
  admissions,
  slip_digest: slipDigest,
  signatures,
  codes,
} as const satisfies Partial<Record<SectionId, Section>> & Record<ResultSection, Section>;
