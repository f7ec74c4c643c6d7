/**
 * What a trainer provokes, one after the other, and how the room shows that it began and that it was put right. Pure: the
 * panel sees the room and not the station's screens; there the officer's own guide says what to do.
 */
import type { DeedInput, StationState } from '../control/deeds.ts';

export type TrainerDeed = DeedInput extends infer One
  ? One extends { readonly station: string }
    ? Omit<One, 'station'>
    : never
  : never;

export interface TrainerLesson {
  readonly id: string;
  /** what the trainer does; none where hands put a card somewhere */
  readonly deed?: TrainerDeed;
  /** whether it goes on now */
  readonly isOn: (state: StationState) => boolean;
}

const kindIn = (state: StationState, place: keyof StationState['slots']): string | undefined =>
  state.cards.find(({ card }) => card === state.slots[place])?.kind;
/** The workshop's own cards bear their role's name; one that was made at the panel bears a number. */
const isStranger = (state: StationState, place: 'first' | 'second'): boolean =>
  kindIn(state, place) === 'role' && /[0-9]$/.test(state.slots[place] ?? '');

export const TRAINER_LESSONS = [
  { id: 'jam', deed: { do: 'paper', fault: 'jam' }, isOn: (state) => state.window === 'jammed' },
  { id: 'out', deed: { do: 'paper', fault: 'out' }, isOn: (state) => state.paper_out },
  { id: 'lid', deed: { do: 'lid', open: true }, isOn: (state) => state.lid_open },
  { id: 'power', deed: { do: 'power', on: false }, isOn: (state) => !state.power },
  {
    id: 'box_cable',
    deed: { do: 'cable', link: 'box', plugged: false },
    isOn: (state) => !state.cables.box,
  },
  {
    id: 'reader',
    deed: { do: 'cable', link: 'admission_reader', plugged: false },
    isOn: (state) => !state.cables.admission_reader,
  },
  {
    id: 'foreign',
    isOn: (state) => ['amayesh', 'foreign', 'plastic'].includes(kindIn(state, 'document') ?? ''),
  },
  { id: 'stranger', isOn: (state) => isStranger(state, 'first') || isStranger(state, 'second') },
  { id: 'dead_tarefe', isOn: (state) => kindIn(state, 'tarefe') === 'plastic' },
  { id: 'left_paper', isOn: (state) => state.window === 'paper' && state.slots.box_pad === null },
] as const satisfies readonly TrainerLesson[];
export type TrainerLessonId = (typeof TRAINER_LESSONS)[number]['id'];

export type LessonMark = 'waiting' | 'on' | 'mended';
export type LessonMarks = Readonly<Partial<Record<TrainerLessonId, LessonMark>>>;

/** The same object where nothing is new. */
export function marksAfter(before: LessonMarks, state: StationState): LessonMarks {
  let after = before;
  for (const lesson of TRAINER_LESSONS as readonly (TrainerLesson & { readonly id: TrainerLessonId })[]) {
    const isOn = lesson.isOn(state);
    const mark = before[lesson.id] ?? 'waiting';
    const next: LessonMark = isOn ? 'on' : mark === 'on' ? 'mended' : mark;
    if (next !== mark) after = { ...after, [lesson.id]: next };
  }
  return after;
}
