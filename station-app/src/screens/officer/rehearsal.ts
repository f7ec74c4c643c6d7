/**
 * The guided rehearsal: the day as steps that a new officer takes one after the other, each noticed in the views when it was
 * done. Pure: what was seen is carried from view to view; nothing is asked of a core, and nothing of it is kept.
 */
import type { AdmissionView } from '../../contract/admission.ts';
import { ATTESTED_DEEDS } from '../../contract/codes.ts';
import { type OfficerView, VOTING_PHASES } from '../../contract/voting.ts';
import { isSigned } from './day.ts';

/** What passes and leaves no number behind. */
const SIGHTS = [
  'foreign_document',
  'jam',
  'jam_cleared',
  'reader_lost',
  'reader_back',
  'paused',
  'resumed',
] as const;
type Sight = (typeof SIGHTS)[number];

export interface Rehearsed {
  readonly seen: ReadonlySet<Sight>;
  /** put off by the officer */
  readonly skipped: ReadonlySet<string>;
}
export const NOTHING_REHEARSED: Rehearsed = { seen: new Set(), skipped: new Set() };

interface Views {
  readonly voting: OfficerView;
  readonly admission: AdmissionView | null;
}

const isReaderLost = ({ admission }: Views): boolean =>
  admission?.devices.some(({ id, state }) => id === 'admission_reader' && state === 'lost') === true;

/** What these views show that must be remembered. The same object where nothing is new. */
export function rehearsedAfter(before: Rehearsed, views: Views): Rehearsed {
  const { voting, admission } = views;
  const seen = new Set(before.seen);
  if (admission?.refusal?.code === 'amayesh_card' || admission?.refusal?.code === 'foreign_card')
    seen.add('foreign_document');
  if (voting.fault?.code === 'paper_jammed') seen.add('jam');
  else if (seen.has('jam')) seen.add('jam_cleared');
  if (isReaderLost(views)) seen.add('reader_lost');
  else if (seen.has('reader_lost') && admission !== null) seen.add('reader_back');
  const isPaused = voting.day_book?.paused != null;
  if (isPaused) seen.add('paused');
  else if (seen.has('paused')) seen.add('resumed');
  return seen.size === before.seen.size ? before : { ...before, seen };
}

type Phase = OfficerView['phase'];
const reached = ({ voting }: Views, phase: Phase): boolean =>
  VOTING_PHASES.indexOf(voting.phase) >= VOTING_PHASES.indexOf(phase);
const deskIs = ({ admission }: Views, ...phases: readonly AdmissionView['phase'][]): boolean =>
  admission !== null && phases.includes(admission.phase);

interface Lesson {
  readonly id: string;
  readonly isDone: (views: Views, rehearsed: Rehearsed) => boolean;
  /** from this phase on it cannot be done any more */
  readonly overAt?: Phase;
}

const counted = (ledger: (ledger: AdmissionView['ledger']) => number) => (views: Views) =>
  views.admission !== null && ledger(views.admission.ledger) > 0;
const sawBoth =
  (sight: Sight) =>
  (_: Views, { seen }: Rehearsed) =>
    seen.has(sight);

export const LESSONS = [
  {
    id: 'try_cards',
    isDone: ({ voting }) => voting.day_book?.cards.every(({ tried }) => tried) === true,
    overAt: 'opening',
  },
  { id: 'load', isDone: (views) => reached(views, 'loaded') },
  {
    id: 'seal',
    isDone: ({ voting }) => voting.day_book?.attested.includes('box_shown_empty') === true,
    overAt: 'open',
  },
  { id: 'open', isDone: (views) => reached(views, 'open') },
  { id: 'open_desk', isDone: (views) => deskIs(views, 'open', 'doors_closed', 'closed') },
  { id: 'admit', isDone: counted(({ issued }) => issued), overAt: 'closed' },
  { id: 'vote', isDone: ({ voting }) => voting.public_count > 0, overAt: 'closed' },
  { id: 'foreign', isDone: sawBoth('foreign_document'), overAt: 'closed' },
  { id: 'helper', isDone: counted(({ helped }) => helped), overAt: 'closed' },
  {
    id: 'correct',
    isDone: ({ voting }) => (voting.counters?.papers_rejected ?? 0) > 0,
    overAt: 'closed',
  },
  { id: 'jam', isDone: sawBoth('jam_cleared'), overAt: 'closed' },
  { id: 'reader', isDone: sawBoth('reader_back'), overAt: 'closed' },
  { id: 'card_back', isDone: counted(({ returned, spoiled }) => returned + spoiled), overAt: 'closed' },
  { id: 'left', isDone: counted(({ abandoned }) => abandoned), overAt: 'closed' },
  { id: 'pause', isDone: sawBoth('resumed'), overAt: 'closed' },
  { id: 'report', isDone: ({ voting }) => (voting.day_book?.reports.length ?? 0) > 0 },
  { id: 'doors', isDone: (views) => reached(views, 'doors_closed') },
  { id: 'close', isDone: (views) => reached(views, 'closed') },
  { id: 'count', isDone: ({ voting }) => voting.slip !== null },
  { id: 'recount', isDone: ({ voting }) => voting.recount === 'agreed', overAt: 'finished' },
  { id: 'sign', isDone: ({ voting }) => isSigned(voting) },
  { id: 'send', isDone: ({ voting }) => voting.outbox.state === 'received' },
  {
    id: 'pack',
    isDone: ({ voting }) =>
      ATTESTED_DEEDS.retention.every((deed) => voting.day_book?.attested.includes(deed) === true),
  },
] as const satisfies readonly Lesson[];
export type LessonId = (typeof LESSONS)[number]['id'];

export type LessonState = 'done' | 'missed' | 'skipped' | 'current' | 'waiting';

/** Every lesson in its order; the first that is neither done nor put off nor past is the one to take now. */
export function lessonsOf(
  views: Views,
  rehearsed: Rehearsed,
): readonly { readonly id: LessonId; readonly state: LessonState }[] {
  let hasCurrent = false;
  return LESSONS.map((lesson: Lesson & { readonly id: LessonId }) => {
    const { id, isDone, overAt } = lesson;
    if (isDone(views, rehearsed)) return { id, state: 'done' };
    if (overAt !== undefined && reached(views, overAt)) return { id, state: 'missed' };
    if (rehearsed.skipped.has(id)) return { id, state: 'skipped' };
    if (hasCurrent) return { id, state: 'waiting' };
    hasCurrent = true;
    return { id, state: 'current' };
  });
}
