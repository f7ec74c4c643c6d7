/** The guided rehearsal notices each step when it was done, in the cores' own views, and never asks for what is past. */
import { describe, expect, it } from 'vitest';
import fa from '../locales/fa.json' with { type: 'json' };
import type { AdmissionView } from '../src/contract/admission.ts';
import { ATTESTED_DEEDS } from '../src/contract/codes.ts';
import type { OfficerView } from '../src/contract/voting.ts';
import {
  LESSONS,
  type LessonId,
  lessonsOf,
  NOTHING_REHEARSED,
  type Rehearsed,
  rehearsedAfter,
} from '../src/screens/officer/rehearsal.ts';
import { ADMISSION, BEFORE_OPENING, COUNTERS, DAY_BOOK, OFFICER, SLIP } from './screens/sample.ts';

const NOBODY: AdmissionView = {
  ...ADMISSION,
  ledger: Object.fromEntries(Object.keys(ADMISSION.ledger).map((key) => [key, 0])) as AdmissionView['ledger'],
};
const EMPTY_BOOK = {
  ...DAY_BOOK,
  attested: [],
  reports: [],
  cards: DAY_BOOK.cards.map((card) => ({ ...card, tried: false })),
};
const MORNING: OfficerView = { ...BEFORE_OPENING, day_book: EMPTY_BOOK };
const OPEN: OfficerView = {
  ...OFFICER,
  public_count: 0,
  counters: { ...COUNTERS, papers_rejected: 0 },
  day_book: EMPTY_BOOK,
};
interface Moment {
  readonly voting: OfficerView;
  readonly admission: AdmissionView;
}
const after = (...moments: readonly Moment[]): Rehearsed =>
  moments.reduce((rehearsed, moment) => rehearsedAfter(rehearsed, moment), NOTHING_REHEARSED);
const stateOf = (id: LessonId, ...moments: readonly Moment[]) =>
  lessonsOf(moments.at(-1) as Moment, after(...moments)).find((one) => one.id === id)?.state;
const running = (voting: Partial<OfficerView>, admission: Partial<AdmissionView> = {}): Moment => ({
  voting: { ...OPEN, ...voting },
  admission: { ...NOBODY, ...admission },
});
const ledger = (change: Partial<AdmissionView['ledger']>): Moment =>
  running({}, { ledger: { ...NOBODY.ledger, ...change } });
const signed = {
  ...SLIP,
  approvals: (['governor_representative', 'council_representative'] as const).map((role) => ({
    role,
    refused: false,
    remark: null,
  })),
};

const DONE: Readonly<Record<LessonId, readonly Moment[]>> = {
  try_cards: [
    {
      voting: { ...MORNING, day_book: { ...EMPTY_BOOK, cards: [{ role: 'chief', tried: true }] } },
      admission: NOBODY,
    },
  ],
  load: [{ voting: { ...MORNING, phase: 'loaded' }, admission: NOBODY }],
  seal: [
    { voting: { ...MORNING, day_book: { ...EMPTY_BOOK, attested: ['box_shown_empty'] } }, admission: NOBODY },
  ],
  open: [running({})],
  open_desk: [running({}, { phase: 'open' })],
  admit: [ledger({ issued: 1 })],
  vote: [running({ public_count: 1 })],
  foreign: [running({}, { refusal: { code: 'amayesh_card', detail: null } }), running({})],
  helper: [ledger({ helped: 1 })],
  correct: [running({ counters: { ...COUNTERS, papers_rejected: 1 } })],
  jam: [running({ fault: { code: 'paper_jammed' } }), running({ fault: null })],
  reader: [
    running({}, { devices: [{ id: 'admission_reader', state: 'lost', code: null }] }),
    running({}, { devices: [{ id: 'admission_reader', state: 'connected', code: null }] }),
  ],
  card_back: [ledger({ spoiled: 1 })],
  left: [ledger({ abandoned: 1 })],
  pause: [running({ day_book: { ...EMPTY_BOOK, paused: { reason: 'prayer', bucket: 1 } } }), running({})],
  report: [running({ day_book: { ...EMPTY_BOOK, reports: DAY_BOOK.reports } })],
  doors: [running({ phase: 'doors_closed' })],
  close: [running({ phase: 'closed' })],
  count: [running({ phase: 'counted', slip: SLIP })],
  recount: [running({ phase: 'counted', slip: SLIP, recount: 'agreed' })],
  sign: [running({ phase: 'counted', slip: signed })],
  send: [running({ phase: 'finished', outbox: { ...OFFICER.outbox, state: 'received' } })],
  pack: [
    running({ phase: 'finished', day_book: { ...EMPTY_BOOK, attested: [...ATTESTED_DEEDS.retention] } }),
  ],
};

describe('the guided rehearsal', () => {
  it('begins with the first step, and every step has its words', () => {
    const lessons = lessonsOf({ voting: MORNING, admission: NOBODY }, NOTHING_REHEARSED);
    expect(lessons.map(({ state }) => state)).toEqual([
      'current',
      ...LESSONS.slice(1).map(({ id }) => (id === 'open_desk' ? 'done' : 'waiting')),
    ]);
    const keys = LESSONS.flatMap(({ id }) => [`lesson.${id}`, `lesson.${id}.do`]);
    expect(keys.filter((key) => !Object.hasOwn(fa, key))).toEqual([]);
  });

  it.each(LESSONS.map(({ id }) => [id]))('notices %s when it was done, and not before', (id) => {
    const before =
      id === 'open_desk' ? running({}, { phase: 'set_up' }) : { voting: MORNING, admission: NOBODY };
    expect(stateOf(id, before)).not.toBe('done');
    expect(stateOf(id, ...DONE[id])).toBe('done');
  });

  it('a jam that still stands is not done, nor a reader that is still away', () => {
    expect(stateOf('jam', DONE.jam[0] as Moment)).not.toBe('done');
    expect(stateOf('reader', DONE.reader[0] as Moment)).not.toBe('done');
    expect(stateOf('pause', DONE.pause[0] as Moment)).not.toBe('done');
  });

  it('what is past is missed, what is put off is left behind, and the next is named', () => {
    const closed = running({ phase: 'closed' });
    expect(stateOf('jam', closed)).toBe('missed');
    const putOff = { ...NOTHING_REHEARSED, skipped: new Set(['try_cards']) };
    const lessons = lessonsOf({ voting: MORNING, admission: NOBODY }, putOff);
    expect(lessons.find(({ state }) => state === 'current')?.id).toBe('load');
  });
});
