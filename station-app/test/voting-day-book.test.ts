/** What the officers' day writes down beside the votes: cards tried, deeds, a pause, amendments, reports. All of it survives kill -9. */
import { join } from 'node:path';
import { encode, parseTyped, records, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DayBookView } from '../src/contract/voting.ts';
import { openStateStore, REPORTS_MAX } from '../src/stores/state-store.ts';
import { PINS, STATION, VotingRoom } from './voting-room.ts';

const SOON_SECONDS = 4;
let room: VotingRoom;
const book = (): DayBookView => room.officerView?.day_book as DayBookView;
const reread = async (): Promise<void> => {
  await room.kill();
  await room.start();
  await room.untilBox();
};
const withdraw = (contest: number, candidate: number, effectiveAt = 0): string =>
  room.amendment({ kind: 'candidate_withdrawn', contest, candidate }, effectiveAt);

beforeAll(async () => {
  room = new VotingRoom({ tarefeCards: 3 });
  await room.setUp();
  await room.untilBox();
});
afterAll(() => room.tearDown());

describe('the day before', () => {
  it('every role with a card is listed, and tried by its PIN', async () => {
    expect(
      book()
        .cards.map(({ role }) => role)
        .sort(),
    ).toEqual(Object.keys(PINS).sort());
    expect(book().cards.every(({ tried }) => !tried)).toBe(true);
    await room.place('role-governor_representative', 'first');
    expect(await room.refusal('card.try', { slot: 'first', pin: '0000' })).toBe('wrong_pin');
    expect(await room.refusal('card.try', { slot: 'second', pin: '0000' })).toBe('no_role_card');
    await room.place('role-governor_representative', 'pocket');
    for (const role of Object.keys(PINS) as (keyof typeof PINS)[]) {
      await room.place(`role-${role}`, 'first');
      expect(await room.call('card.try', { slot: 'first', pin: PINS[role] })).toEqual({ role });
      await room.place(`role-${role}`, 'pocket');
    }
    await reread();
    await room.until('the trials', () => book().cards.every(({ tried }) => tried));
    const item = room.officerView?.checklist.find(({ id }) => id === 'role_cards_tried');
    expect(item?.state).toBe('done');
  });

  it("a card of another station's key is found out today", async () => {
    await room.perform({
      do: 'make_card',
      station: STATION,
      as: 'stranger',
      card: { kind: 'role', role: 'supervisor', pin: '1105' },
    });
    await room.place('stranger', 'first');
    expect(await room.refusal('card.try', { slot: 'first', pin: '1105' })).toBe('card_not_of_station');
    await room.place('stranger', 'pocket');
  });

  it('a deed is ticked and taken back', async () => {
    await room.call('deed.attest', { deed: 'spare_paper', done: true });
    await room.call('deed.attest', { deed: 'clock_right', done: true });
    await room.call('deed.attest', { deed: 'clock_right', done: true });
    await room.call('deed.attest', { deed: 'spare_paper', done: false });
    await room.until('the deeds', () => book().attested.join() === 'clock_right');
  });
});

describe('a pause', () => {
  it('belongs to a running day', async () => {
    expect(await room.refusal('voting.pause', { reason: 'prayer' })).toBe('wrong_phase');
    await room.open();
    await room.until('the seals', () => book().seals.join() === '1234');
  });

  it('lets the voter at the box finish, and begins nobody new until it ends, kill -9 or not', async () => {
    await room.arm();
    await room.begin();
    await room.call('voting.pause', { reason: 'prayer' });
    expect(await room.refusal('voting.pause', { reason: 'order' })).toBe('voting_paused');
    await room.choose([0], 'blank');
    await room.call('voter.print', {});
    await room.untilVoter('in_window');
    await room.press('green');
    await room.untilVoter('cast');
    await room.place('tarefe-1', 'pocket');
    await room.untilVoter('not_open');
    expect(room.voterView?.paused).toBe(true);
    expect(room.officerView?.next.code).toBe('resume_voting');
    await room.arm('tarefe-2');
    await reread();
    await room.place('tarefe-2', 'box_pad');
    await room.until('the pause', () => book().paused?.reason === 'prayer');
    expect(room.voterView?.phase).toBe('not_open');
    await room.call('voting.resume', {});
    await room.call('voting.resume', {});
    await room.untilVoter('choosing');
    expect(book().paused).toBeNull();
  });

  it('does not hide a paper whose fate is open', async () => {
    await room.choose([1], 'blank');
    await room.call('voter.print', {});
    await room.untilVoter('in_window');
    await room.call('voting.pause', { reason: 'other' });
    await reread();
    await room.untilVoter('in_window');
    await room.press('green');
    await room.untilVoter('cast');
    await room.place('tarefe-2', 'pocket');
    await room.untilVoter('not_open');
    await room.call('voting.resume', {});
    await room.untilVoter('welcome');
  });
});

describe('an amendment during the day', () => {
  it('withdraws a candidate for the very next press, and for what was chosen before it', async () => {
    await room.arm('tarefe-3');
    await room.begin('tarefe-3');
    await room.choose([2], [5]);
    expect(await room.refusal('voter.choose', { contest: 0, choice: [2, 3] })).toBe('too_many_choices');
    expect(await room.call('amendment.apply', { record: withdraw(0, 2) })).toEqual({
      sequence: 1,
      in_force: true,
    });
    await room.until('the new ballot', () => room.voterView?.amendments === 1);
    expect(await room.refusal('voter.review', { open: true })).toBe('choice_withdrawn');
    expect(await room.refusal('voter.print', {})).toBe('choice_withdrawn');
    expect(await room.refusal('voter.choose', { contest: 0, choice: [2] })).toBe('choice_withdrawn');
    const ballot = await room.call('ballot.read', {});
    expect(ballot.contests[0]?.candidates.map(({ withdrawn }) => withdrawn)).toEqual([
      false,
      false,
      true,
      false,
    ]);
    await room.call('voter.choose', { contest: 0, choice: [3] });
    await room.call('voter.print', {});
    await room.untilVoter('in_window');
    await room.press('green');
    await room.untilVoter('cast');
    await room.place('tarefe-3', 'pocket');
  });

  it('is refused by name: twice, out of order, damaged, of nobody, for this very station', async () => {
    const second = withdraw(1, 7, Math.floor(Date.now() / 1000) + SOON_SECONDS);
    const third = room.amendment({ kind: 'hours_changed', closesAt: 4_000_000_000, openMinutesMin: 0 });
    const stranger = room.amendment({
      kind: 'station_replaced',
      station: parsedStation(),
    });
    expect(await room.refusal('amendment.apply', { record: third })).toBe('amendment_out_of_order');
    const flipped = second.slice(0, -2) + (second.endsWith('00') ? '01' : '00');
    expect(await room.refusal('amendment.apply', { record: flipped })).toBe('amendment_unknown');
    expect(await room.refusal('amendment.apply', { record: 'not a record' })).toBe('amendment_unknown');
    // On a busy machine its hour may have come before it does.
    expect(await room.call('amendment.apply', { record: second })).toMatchObject({ sequence: 2 });
    expect(await room.refusal('amendment.apply', { record: second })).toBe('amendment_already_in');
    expect(await room.call('amendment.apply', { record: third })).toEqual({ sequence: 3, in_force: true });
    expect(await room.refusal('amendment.apply', { record: stranger })).toBe('amendment_needs_province');
    await room.until('the hours', () => room.officerView?.closes_at === 4_000_000_000);
  });

  it('comes into force at its hour by itself', async () => {
    await room.until('the hour', () => room.voterView?.amendments === 3);
    const ballot = await room.call('ballot.read', {});
    expect(ballot.contests[1]?.candidates[7]?.withdrawn).toBe(true);
  });

  it('stands after kill -9', async () => {
    await reread();
    await room.until('the amendments', () => book().amendments.length === 3);
    expect(room.officerView?.closes_at).toBe(4_000_000_000);
  });
});

describe('a written report', () => {
  it("is signed by its author's card, or stands as it was written", async () => {
    expect(
      await room.call('report.file', { text: ' صف بلند بود ', as: 'candidate_representative', card: null }),
    ).toEqual({ number: 1, signed: false });
    await room.place('role-supervisor', 'first');
    const card = { slot: 'first', pin: PINS.supervisor } as const;
    expect(await room.call('report.file', { text: 'درِ دوم باز است', as: 'inspector', card })).toEqual({
      number: 2,
      signed: true,
    });
    expect(
      await room.refusal('report.file', { text: 'x', as: 'inspector', card: { ...card, pin: '0000' } }),
    ).toBe('wrong_pin');
    await room.place('role-supervisor', 'pocket');
    await reread();
    await room.until('the reports', () => book().reports.length === 2);
    expect(book().reports.map(({ role, signed, text }) => [role, signed, text])).toEqual([
      ['candidate_representative', false, 'صف بلند بود'],
      ['supervisor', true, 'درِ دوم باز است'],
    ]);
  });

  it('is what the card signed', async () => {
    await room.stop();
    const store = openStateStore(`${room.data}/state.sqlite`);
    const report = store.reports()[1];
    store.close();
    const approval = parseTyped(report?.approval as Uint8Array, 'approval', records.approvalShape);
    if (report === undefined || !approval.ok) throw new Error('no approval');
    const { number, writtenBucket, text } = report;
    const statement = { stationId: STATION, number, writtenBucket, text };
    expect(toHex(approval.value.value.digest)).toBe(
      toHex(nodeCrypto.sha256(encode(records.reportStatementShape, statement))),
    );
    expect(approval.value.value.action).toBe('file_report');
    await room.start();
    await room.untilBox();
  });
});

it('a count under amendments is what the separate recount finds, and the slip names them', async () => {
  await room.close();
  await room.layClosingCards();
  await room.call('count.run', { admission_summary: room.summary(), pins: room.closingPins });
  expect(room.officerView?.slip?.disputed ?? (await slipIsDisputed())).toBe(false);
  expect(await room.call('recount.run', { source: 'station', pins: room.closingPins })).toEqual({
    agreed: true,
  });
  expect(await room.refusal('amendment.apply', { record: withdraw(0, 3) })).toBe('wrong_phase');
  await room.stop();
  const store = openStateStore(`${room.data}/state.sqlite`);
  const slip = parseTyped(store.fact('slip') as Uint8Array, 'slip', records.slipShape);
  store.close();
  expect(slip.ok && slip.value.value.amendments?.length).toBe(3);
});

async function slipIsDisputed(): Promise<boolean | undefined> {
  await room.until('the slip', () => room.officerView?.slip !== null);
  return room.officerView?.slip?.disputed;
}

/** This station's own entry, as it is signed. */
function parsedStation(): records.Station {
  const parsed = parseTyped(room.stationRecord(), 'station', records.stationShape);
  if (!parsed.ok) throw new Error(parsed.fault.code);
  return parsed.value.value;
}

it(`holds ${REPORTS_MAX} reports and no more`, () => {
  const store = openStateStore(join(room.folder, 'reports.sqlite'));
  const report = (number: number) => ({
    report: { number, role: 'inspector', writtenBucket: 0, text: 'x', approval: null } as const,
  });
  for (let number = 1; number <= REPORTS_MAX; number++) store.commit(report(number));
  expect(() => store.commit(report(REPORTS_MAX + 1))).toThrow(RangeError);
  expect(() => store.commit(report(1))).toThrow();
  expect(store.reports()).toHaveLength(REPORTS_MAX);
  store.close();
});
