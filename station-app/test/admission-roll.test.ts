import { failure, success } from '@sandoq/protocol';
import type { NationalCode } from '@sandoq/protocol/persian';
import { afterEach, expect, test } from 'vitest';
import { judge } from '../src/admission/eligibility.ts';
import type { Admission } from '../src/admission/journal-cell.ts';
import { ageYears, electionDate, type RollEntry } from '../src/admission/roll.ts';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf, tarefeState } from './admission-world.ts';

test('an age is reached on the election’s own day, by its local midnight', () => {
  // Opening at 21:00 UTC on 1 May is half past midnight of 2 May in Tehran.
  expect(electionDate({ opensAt: Date.UTC(2026, 4, 1, 21) / 1000, utcOffsetMinutes: 210 })).toBe(
    '2026-05-02',
  );
  expect(ageYears('2008-05-02', '2026-05-02')).toBe(18);
  expect(ageYears('2008-05-03', '2026-05-02')).toBe(17);
  expect(ageYears('2000-02-29', '2018-02-28')).toBe(17);
  expect(ageYears('2000-02-29', '2018-03-01')).toBe(18);
});

const before = (state: Admission['state'], armings: number, spoiled = 0, returned = 0): Admission => ({
  nationalCode: codeOf(1) as NationalCode,
  document: 'passport',
  style: 1,
  visiting: true,
  helped: false,
  turn: 1,
  told: 'nothing',
  doubled: false,
  offline: false,
  bucket: 0,
  state,
  armings,
  spoiled,
  returned,
});
const eligible: RollEntry = { status: 'eligible', style: success(0), visiting: false };
const asked = (entry: RollEntry | undefined, line?: Admission, isUnderAge = false) =>
  judge({ entry, before: line, isUnderAge });

test('the worked table of eligibility', () => {
  expect(asked(undefined)).toEqual(failure('not_on_roll'));
  expect(asked(undefined, undefined, true)).toEqual(failure('under_age'));
  expect(asked(eligible, undefined, true).ok).toBe(true);
  expect(asked({ ...eligible, status: 'dead' })).toEqual(failure('dead'));
  for (const code of ['no_ballot_style', 'other_constituency', 'runoff_elsewhere'] as const)
    expect(asked({ ...eligible, style: failure(code) })).toEqual(failure(code));
  expect(asked(eligible, before('admitted', 1))).toEqual(failure('already_admitted_here'));
  expect(asked(eligible, before('admitted', 2, 1))).toEqual(failure('already_admitted_here'));
  const fresh = { ok: true, value: { style: 0, visiting: false, replacement: false } };
  expect(asked(eligible)).toEqual(fresh);
  expect(asked(eligible, before('released', 1, 0, 1))).toEqual(fresh);
  // The style of the first card stays, whatever the roll says since.
  expect(asked(undefined, before('admitted', 1, 1))).toEqual({
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
