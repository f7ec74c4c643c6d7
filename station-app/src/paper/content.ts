/** What a form says: its head, and the blocks of its sections in the order that the form's description gives. Pure. */
import { toHex } from '@sandoq/protocol';
import type { Locale } from '@sandoq/protocol/persian';
import { FORMS, type FormId, formNumbers, type SectionId } from './forms.ts';
import type { Block, PageHead } from './layout.ts';
import { MINUTES_SECTIONS } from './minutes-sections.ts';
import { RESULT_SECTIONS } from './result-sections.ts';
import { type Say, sayIn } from './say.ts';
import type { PaperSource } from './source.ts';

export type Section = (say: Say, source: PaperSource) => readonly Block[];

const opening: Section = (say, { session, zeroReport }) => [
  { kind: 'heading', text: say.text('paper.opening') },
  {
    kind: 'fields',
    rows: [
      { label: say.text('paper.opened_at'), value: say.instant(session.openedBucket) },
      { label: say.text('paper.mode'), value: say.text(`paper.mode.${session.mode}`) },
      { label: say.text('paper.box'), value: say.digits(session.boxSubject.split('/').at(-1) ?? '') },
      { label: say.text('paper.session'), value: toHex(session.sessionId).slice(0, 16) },
      { label: say.text('paper.capacity'), value: say.number(zeroReport.slots) },
    ],
  },
];

const zeroCounts: Section = (say, { zeroReport }) => [
  { kind: 'heading', text: say.text('paper.zero_counts') },
  {
    kind: 'fields',
    rows: [
      { label: say.text('paper.records'), value: say.number(zeroReport.records) },
      { label: say.text('paper.printed'), value: say.number(zeroReport.papersPrinted) },
      { label: say.text('paper.rejected'), value: say.number(zeroReport.papersRejected) },
      { label: say.text('paper.cards_spent'), value: say.number(zeroReport.cardsSpent) },
      { label: say.text('paper.torn'), value: say.number(zeroReport.tornSlots) },
    ],
  },
  { kind: 'paragraph', text: say.text('paper.zero_statement'), tone: 'strong' },
];

/** The box holds no record: every candidate's votes are none, and the paper says for how many. */
const zeroContests: Section = (say, { election, zeroReport }) => [
  { kind: 'heading', text: say.text('paper.zero_contests') },
  {
    kind: 'table',
    columns: [
      { title: say.text('paper.contest'), share: 4 },
      { title: say.text('paper.candidates'), share: 2, isNumeric: true },
      { title: say.text('paper.votes_each'), share: 2, isNumeric: true },
    ],
    rows: election.contests.map((contest) => [
      say.name(contest.title),
      say.number(contest.candidatesCount),
      say.number(zeroReport.records),
    ]),
  },
];

const seals: Section = (say, source) => [
  { kind: 'heading', text: say.text('paper.seals') },
  {
    kind: 'paragraph',
    text:
      source.seals.length === 0
        ? say.text('paper.seals.none')
        : source.seals.map((seal) => say.digits(seal)).join(say.locale === 'fa' ? '، ' : ', '),
  },
];

/** Those who sign with a card sign with a pen as well: the paper is a document of its own. */
const handSignatures: Section = (say, { station }) => [
  { kind: 'heading', text: say.text('paper.hand_signatures') },
  {
    kind: 'table',
    isForHands: true,
    columns: [
      { title: say.text('paper.role'), share: 4 },
      { title: say.text('paper.name_and_signature'), share: 5 },
    ],
    rows: [...new Set(station.roles.map(({ role }) => role))].map((role) => [say.text(`role.${role}`), '']),
  },
];

const SECTIONS: Readonly<Record<SectionId, Section>> = {
  opening,
  zero_counts: zeroCounts,
  zero_contests: zeroContests,
  seals,
  hand_signatures: handSignatures,
  ...RESULT_SECTIONS,
  ...MINUTES_SECTIONS,
};

export interface CopyOf {
  /** from 1 */
  readonly number: number;
}

function copyLine(say: Say, form: FormId, copy: CopyOf): string {
  const { copies } = FORMS[form];
  return copy.number <= copies
    ? say.text('paper.copy', { number: copy.number, of: copies })
    : say.text('paper.copy.further', { number: copy.number, of: copies });
}

export interface Content {
  readonly head: PageHead;
  readonly blocks: readonly Block[];
}

export function contentOf(form: FormId, locale: Locale, source: PaperSource, copy: CopyOf): Content {
  const { election, station, session } = source;
  const say = sayIn(locale, election.settings.utcOffsetMinutes);
  const numbers = formNumbers(FORMS[form], election.contests).map(say.digits);
  const title = say.text(`paper.${form}.title`);
  return {
    head: {
      title,
      band: session.mode === 'rehearsal' ? say.text('paper.rehearsal') : undefined,
      lines: [
        say.name(election.title),
        say.text('paper.station', { name: say.name(station.name), id: { verbatim: station.id } }),
        ...(numbers.length === 0
          ? []
          : [say.text('paper.form_number', { number: numbers.join(say.locale === 'fa' ? '، ' : ', ') })]),
      ],
      pageLine: (number, of) =>
        say.text('paper.page', { title, copy: copyLine(say, form, copy), number, of }),
    },
    blocks: FORMS[form].sections.flatMap((section) => SECTIONS[section](say, source)),
  };
}
