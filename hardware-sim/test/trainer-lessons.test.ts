/** The trainer's exercises are noticed in the room: begun, going on, put right, and begun again. */
import { catalogueProblems } from '@sandoq/kit/text.ts';
import { describe, expect, it } from 'vitest';
import en from '../locales/en.json' with { type: 'json' };
import fa from '../locales/fa.json' with { type: 'json' };
import { PLACES, type StationState } from '../src/control/deeds.ts';
import { type LessonMarks, marksAfter, TRAINER_LESSONS } from '../src/panel/lessons.ts';

const QUIET: StationState = {
  station: 's1',
  desks: 1,
  power: true,
  firmware_fault: null,
  cables: { box: true, role_reader: true, admission_reader: true },
  window: 'empty',
  overprinted: false,
  bins: { bin: 0, rejected: 0, retained: 0, taken_out: 0 },
  fell_since_card: false,
  paper_out: false,
  jam_armed: false,
  unseen_fall_armed: false,
  lid_open: false,
  finger: null,
  slots: Object.fromEntries(
    PLACES.filter((place) => place !== 'pocket').map((place) => [place, null]),
  ) as unknown as StationState['slots'],
  enrolled: true,
  cards: [
    { card: 'role-executive', kind: 'role', where: 'pocket', role: 'executive' },
    { card: 'role-1', kind: 'role', where: 'pocket', role: 'supervisor' },
    { card: 'made-2', kind: 'amayesh', where: 'pocket' },
    { card: 'made-3', kind: 'plastic', where: 'pocket' },
  ],
  raster: null,
};
const at = (slots: Partial<StationState['slots']>): StationState => ({
  ...QUIET,
  slots: { ...QUIET.slots, ...slots },
});
const ON: Readonly<Record<(typeof TRAINER_LESSONS)[number]['id'], StationState>> = {
  jam: { ...QUIET, window: 'jammed' },
  out: { ...QUIET, paper_out: true },
  lid: { ...QUIET, lid_open: true },
  power: { ...QUIET, power: false },
  box_cable: { ...QUIET, cables: { ...QUIET.cables, box: false } },
  reader: { ...QUIET, cables: { ...QUIET.cables, admission_reader: false } },
  foreign: at({ document: 'made-2' }),
  stranger: at({ second: 'role-1' }),
  dead_tarefe: at({ tarefe: 'made-3' }),
  left_paper: { ...QUIET, window: 'paper' },
};

describe("the trainer's exercises", () => {
  it('are quiet in a quiet room, and a role card of the station is no stranger', () => {
    const none: LessonMarks = {};
    expect(marksAfter(none, QUIET)).toBe(none);
    expect(marksAfter(none, at({ first: 'role-executive' }))).toBe(none);
  });

  it.each(Object.entries(ON))('%s alone goes on, is put right, and can be begun again', (id, state) => {
    const begun = marksAfter({}, state);
    expect(begun).toEqual({ [id]: 'on' });
    const mended = marksAfter(begun, QUIET);
    expect(mended).toEqual({ [id]: 'mended' });
    expect(marksAfter(mended, QUIET)).toBe(mended);
    expect(marksAfter(mended, state)).toEqual({ [id]: 'on' });
  });

  it('each has its words in both languages', () => {
    expect(catalogueProblems(fa, en)).toEqual([]);
    const keys = TRAINER_LESSONS.flatMap(({ id }) => [`lessons.${id}`, `lessons.${id}.do`]);
    expect(keys.filter((key) => !Object.hasOwn(fa, key))).toEqual([]);
  });
});
