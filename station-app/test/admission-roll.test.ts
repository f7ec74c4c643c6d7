import { failure, type records } from '@sandoq/protocol';
import type { NationalCode } from '@sandoq/protocol/persian';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { judge } from '../src/admission/eligibility.ts';
import type { Admission } from '../src/admission/journal-cell.ts';
import { ageYears, parseRoll, type RollContext, type RollEntry, styleOf } from '../src/admission/roll.ts';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf, tarefeState } from './admission-world.ts';

const contest = (district?: string) => (district === undefined ? {} : { district }) as records.Contest;
const context: RollContext = {
  package: {
    contests: [contest(), contest('here'), contest('there')],
    styles: [{ contests: [0, 1] }, { contests: [0] }] as unknown as records.BallotStyle[],
    settings: { opensAt: Date.UTC(2026, 4, 1, 21) / 1000, utcOffsetMinutes: 210 } as records.Settings,
  },
  station: { place: { constituency: 'here' } as records.Place },
};
const line = (number: number, more: object = {}) =>
  JSON.stringify({
    national_code: codeOf(number),
    name: { fa: 'نام', en: 'Name' },
    birth_date: '1990-01-01',
    constituency: 'here',
    alive: true,
    ...more,
  });
const lookup = (text: string, number = 1): RollEntry | undefined => {
  const roll = parseRoll(text, context);
  if (!roll.ok) throw new Error(roll.fault.code);
  return roll.value.lookup(codeOf(number) as NationalCode);
};

test('the style has exactly the contests of the person’s district here', () => {
  expect(styleOf(context, 'here')).toBe(0);
  expect(styleOf(context, 'there')).toBe(1);
  const only = {
    ...context,
    package: { ...context.package, styles: [context.package.styles[0] as records.BallotStyle] },
  };
  expect(styleOf(only, 'there')).toBeUndefined();
});

test('an age is reached on the election’s own day, by its local midnight', () => {
  // Opening at 21:00 UTC on 1 May is half past midnight of 2 May in Tehran.
  const head = '{"roll":1,"voting_age_years":18}\n';
  expect(lookup(head + line(1, { birth_date: '2008-05-02' }))?.status).toBe('eligible');
  expect(lookup(head + line(1, { birth_date: '2008-05-03' }))?.status).toBe('under_age');
  expect(lookup(line(1, { birth_date: '2020-05-03' }))?.status).toBe('eligible');
  expect(ageYears('2000-02-29', '2018-02-28')).toBe(17);
  expect(ageYears('2000-02-29', '2018-03-01')).toBe(18);
});

test('a bad roll is refused whole, with the line and without the person', () => {
  const faults = [
    ['{', 'line_malformed', 1],
    [`${line(1)}\n{"national_code":1}`, 'line_malformed', 2],
    [`${line(1)}\n${line(1)}`, 'code_repeated', 2],
    [line(1, { national_code: '1234567890' }), 'code_malformed', 1],
    [line(1, { birth_date: 'yesterday' }), 'line_malformed', 1],
    [line(1, { more: true }), 'line_malformed', 1],
  ] as const;
  for (const [text, code, at] of faults)
    expect(parseRoll(text, context)).toEqual(failure({ code, line: at }));
});

test('any text gives a roll or a fault', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => typeof parseRoll(text, context).ok === 'boolean'),
  );
});

const before = (state: Admission['state'], armings: number, spoiled = 0, returned = 0): Admission => ({
  nationalCode: codeOf(1) as NationalCode,
  document: 'passport',
  style: 1,
  visiting: true,
  helped: false,
  offline: false,
  bucket: 0,
  state,
  armings,
  spoiled,
  returned,
});
const eligible: RollEntry = { status: 'eligible', style: 0, visiting: false, name: null, birthDate: null };

test('the worked table of eligibility', () => {
  expect(judge(undefined, undefined)).toEqual(failure('not_on_roll'));
  expect(judge({ ...eligible, status: 'dead' }, undefined)).toEqual(failure('dead'));
  expect(judge({ ...eligible, style: undefined }, undefined)).toEqual(failure('no_ballot_style'));
  expect(judge(eligible, before('admitted', 1))).toEqual(failure('already_admitted_here'));
  expect(judge(eligible, before('admitted', 2, 1))).toEqual(failure('already_admitted_here'));
  const fresh = { ok: true, value: { style: 0, visiting: false, replacement: false } };
  expect(judge(eligible, undefined)).toEqual(fresh);
  expect(judge(eligible, before('released', 1, 0, 1))).toEqual(fresh);
  // The style of the first card stays, whatever the roll says since.
  expect(judge(undefined, before('admitted', 1, 1))).toEqual({
    ok: true,
    value: { style: 1, visiting: true, replacement: true },
  });
});

let room: Room | undefined;
afterEach(async () => {
  await room?.close();
  room = undefined;
});

test('without the province, an election may refuse, or admit with a stamp', async () => {
  room = await openRoom({ settings: { partitionPolicy: 'refuse' } });
  await room.open();
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  await room.approve('executive');
  expect(await room.approve('supervisor')).toEqual({
    state: 'refused',
    refusal: { code: 'province_unreachable', detail: null },
  });
  expect(room.tarefe().state).toBe('blank');
  expect((await room.until((view) => view.state === 'refused')).ledger.admitted).toBe(0);
  await room.close();
  room = await openRoom({ settings: { partitionPolicy: 'admit_with_stamp' } });
  await room.open();
  await room.admit(1);
  expect((await room.until((view) => view.state === 'armed')).next.code).toBe('hand_over_tarefe_and_stamp');
});
