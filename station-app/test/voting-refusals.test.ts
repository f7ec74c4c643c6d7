/** What must not happen is refused by its own name, nothing changes, and the process goes on. */
import { afterEach, describe, expect, it } from 'vitest';
import { type RoomOptions, STATION, VotingRoom } from './voting-room.ts';

const rooms: VotingRoom[] = [];
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.tearDown();
});
async function roomOf(options: RoomOptions = {}): Promise<VotingRoom> {
  const room = new VotingRoom(options);
  rooms.push(room);
  await room.setUp();
  await room.untilBox();
  return room;
}
const press = (room: VotingRoom, role: 'executive' | 'supervisor', pin: string) =>
  room.place(`role-${role}`, 'first').then(() => room.refusal('step.approve', { slot: 'first', pin }));

describe('opening', () => {
  it('needs a loaded box, the mode of the package, and two different roles with their PINs', async () => {
    const room = await roomOf();
    expect(await room.refusal('opening.begin', { mode: 'rehearsal', seals: [] })).toBe('wrong_phase');
    await room.call('package.load', {});
    expect(await room.refusal('opening.begin', { mode: 'official', seals: [] })).toBe('mode_not_allowed');
    expect(await room.refusal('step.approve', { slot: 'first', pin: '1104' })).toBe('no_step');
    await room.call('opening.begin', { mode: 'rehearsal', seals: [] });
    expect(await room.refusal('step.approve', { slot: 'first', pin: '1104' })).toBe('no_role_card');
    expect(await press(room, 'executive', '9999')).toBe('wrong_pin');
    await room.call('step.approve', { slot: 'first', pin: '1104' });
    expect(await room.refusal('step.approve', { slot: 'first', pin: '1104' })).toBe('role_already_approved');
    await room.place('tarefe-1', 'second');
    expect(await room.refusal('step.approve', { slot: 'second', pin: '1105' })).toBe('card_not_role');
    await room.place('tarefe-1', 'pocket');
    await room.place('role-governor_representative', 'second');
    expect(await room.refusal('step.approve', { slot: 'second', pin: '1106' })).toBe('role_not_wanted');
    await room.perform({
      do: 'make_card',
      station: STATION,
      as: 'stranger',
      card: { kind: 'role', role: 'supervisor', pin: '1105' },
    });
    await room.place('role-governor_representative', 'pocket');
    await room.place('stranger', 'second');
    expect(await room.refusal('step.approve', { slot: 'second', pin: '1105' })).toBe('card_not_of_station');
    await room.call('step.cancel', {});
    await room.untilPhase('loaded');
  });

  it('locks a role card after its tries, and says so', async () => {
    const room = await roomOf();
    await room.call('package.load', {});
    await room.call('opening.begin', { mode: 'rehearsal', seals: [] });
    expect(await press(room, 'executive', '9999')).toBe('wrong_pin');
    expect(await room.refusal('step.approve', { slot: 'first', pin: '9999' })).toBe('wrong_pin');
    expect(await room.refusal('step.approve', { slot: 'first', pin: '9999' })).toBe('card_locked');
    expect(await room.refusal('step.approve', { slot: 'first', pin: '1104' })).toBe('card_locked');
  });

  it('is not repeated: an open station cannot be loaded or opened again', async () => {
    const room = await roomOf();
    await room.open();
    expect(await room.refusal('package.load', {})).toBe('wrong_phase');
    expect(await room.refusal('opening.begin', { mode: 'rehearsal', seals: [] })).toBe('wrong_phase');
  });
});

describe('a card on the pad', () => {
  it('that is not armed, spent or not ours begins no ballot', async () => {
    const room = await roomOf();
    await room.open();
    const refused = async (card: string, code: string) => {
      await room.place(card, 'box_pad');
      await room.untilVoter('card_refused');
      expect(room.voterView?.code).toBe(code);
      await room.place(card, 'pocket');
      await room.untilVoter('welcome');
    };
    await refused('tarefe-2', 'card_not_armed');
    await room.vote([0], 'blank');
    await refused('tarefe-1', 'card_spent');
    await refused('role-executive', 'card_foreign');
  });

  it('taken away while she chooses ends the session, and the card is still good', async () => {
    const room = await roomOf();
    await room.open();
    await room.arm();
    await room.begin();
    await room.choose([0], 'blank');
    await room.place('tarefe-1', 'pocket');
    await room.untilVoter('welcome');
    expect(await room.refusal('voter.print', {})).toBe('no_ballot');
    await room.begin();
    expect(room.voterView?.choices).toEqual([
      { contest: 0, choice: null },
      { contest: 1, choice: null },
    ]);
  });
});

describe('a choice', () => {
  it('outside the rules of its contest or of her style is refused by name', async () => {
    const room = await roomOf();
    await room.open();
    expect(await room.refusal('voter.choose', { contest: 0, choice: [0] })).toBe('no_ballot');
    await room.arm('tarefe-1', 1);
    await room.begin();
    const choose = (contest: number, choice: number[] | 'blank') =>
      room.refusal('voter.choose', { contest, choice });
    expect(await choose(1, [0])).toBe('contest_not_of_style');
    expect(await choose(7, [0])).toBe('contest_not_of_style');
    expect(await choose(0, [4])).toBe('choice_unknown');
    expect(await choose(0, [0, 1])).toBe('too_many_choices');
    expect(await room.refusal('voter.review', { open: true })).toBe('contest_untouched');
    expect(await room.refusal('voter.print', {})).toBe('contest_untouched');
    await room.call('voter.choose', { contest: 0, choice: [2] });
    await room.call('voter.print', {});
    await room.press('green');
    await room.untilVoter('cast');
    await room.place('tarefe-1', 'pocket');
    await room.close();
    await room.count();
    // A visitor's second contest is a record of no vote: in the slots, in no contest.
    expect(room.officerView?.slip).toMatchObject({ disputed: false, slots: { box: 2 } });
    expect(room.officerView?.slip?.totals[1]?.records).toBe(0);
  });
});

describe('closing', () => {
  it('is refused too early, with a voter at the box, and without both representatives', async () => {
    const room = await roomOf({ settings: { openMinutesMin: 600 } });
    await room.open();
    expect(await room.refusal('close.begin', { amendment: null })).toBe('wrong_phase');
    await room.call('doors.close_begin', {});
    await room.place('role-executive', 'first');
    expect(await room.refusal('step.approve', { slot: 'first', pin: '1104' })).toBe('role_not_wanted');
    await room.place('role-executive', 'pocket');
    await room.approve(['governor_representative', 'council_representative']);
    await room.untilPhase('doors_closed');
    await room.arm();
    await room.begin();
    expect(await room.refusal('close.begin', { amendment: null })).toBe('ballot_in_hand');
    await room.call('voter.leave', {});
    await room.place('tarefe-1', 'pocket');
    await room.call('close.begin', { amendment: null });
    await room.approve(['governor_representative']);
    await room.place('role-council_representative', 'second');
    expect(await room.refusal('step.approve', { slot: 'second', pin: '1107' })).toBe('too_early');
    expect(room.officerView?.slip).toBeNull();
    await room.place('role-council_representative', 'pocket');
    await room.perform({ do: 'pass_time', station: STATION, minutes: 601 });
    // The box counts the minutes at its next ticks; until then it says "too early" again.
    for (let tries = 0, closed = false; tries < 50 && !closed; tries++) {
      await room.call('close.begin', { amendment: null });
      closed = await room
        .approve(['governor_representative', 'council_representative'])
        .catch(async (cause: Error) => {
          expect(cause.message).toBe('too_early');
          await room.place('role-council_representative', 'pocket');
          return false;
        });
    }
    await room.untilPhase('closed');
    expect(await room.refusal('doors.close_begin', {})).toBe('wrong_phase');
  });
});

describe('the count', () => {
  it('gives no partial result: before the close no card gives up its key, after it only both do', async () => {
    const room = await roomOf();
    await room.open();
    await room.vote([0], [3]);
    const run = (pins = room.closingPins, summary = room.summary()) =>
      room.refusal('count.run', { admission_summary: summary, pins });
    await room.layClosingCards();
    expect(await run()).toBe('wrong_phase');
    await room.takeClosingCards();
    await room.close();
    await room.place('role-governor_representative', 'first');
    expect(await run()).toBe('no_role_card');
    await room.place('role-executive', 'second');
    expect(await run()).toBe('role_not_wanted');
    await room.place('role-executive', 'pocket');
    await room.place('role-council_representative', 'second');
    expect(await run([room.closingPins[0] as never, { slot: 'second', pin: '0000' }])).toBe('wrong_pin');
    expect(await run(undefined, 'ab')).toBe('summary_invalid');
    expect(await run(undefined, room.summary({ stationId: 's2' }))).toBe('summary_of_other_station');
    await room.call('count.run', { admission_summary: room.summary(), pins: room.closingPins });
    await room.untilPhase('counted');
    expect(room.officerView?.slip?.disputed).toBe(false);
  });
});

describe('paper', () => {
  it('that jams or is out stops nobody’s vote: the officer is told, and she votes when it is put right', async () => {
    const room = await roomOf();
    await room.open();
    await room.arm();
    await room.begin();
    await room.choose([1], 'blank');
    await room.perform({ do: 'paper', station: STATION, fault: 'out' });
    await room.call('voter.print', {});
    await room.until(
      'the reason',
      () => room.voterView?.phase === 'review' || room.voterView?.phase === 'officer_needed',
    );
    await room.until('the officer to know', () => room.officerView?.next.code === 'refill_paper');
    await room.perform({ do: 'paper', station: STATION, fault: 'refill' });
    // Only the next page shows that the roll is there again.
    expect(room.voterView).toMatchObject({ phase: 'review', code: 'paper_out' });
    await room.call('voter.print', {});
    await room.untilVoter('in_window');
    await room.press('green');
    await room.untilVoter('cast');
    await room.place('tarefe-1', 'pocket');
    await room.close();
    await room.count();
    expect(room.officerView?.slip).toMatchObject({ disputed: false });
  });
});

describe('a voter who went away', () => {
  it('with her paper in the window: two roles keep it back, counted, and her card is the desk’s', async () => {
    const room = await roomOf();
    await room.open();
    await room.arm();
    await room.begin();
    await room.choose([1], 'blank');
    await room.call('voter.print', {});
    await room.untilVoter('in_window');
    expect(await room.refusal('abandon.begin', {})).toBe('card_on_pad');
    await room.place('tarefe-1', 'pocket');
    for (let begun = false; !begun; )
      begun = await room.call('abandon.begin', {}).then(
        () => true,
        (cause: Error) => {
          expect(cause.message).toBe('card_on_pad');
          return false;
        },
      );
    await room.approve(['executive', 'supervisor']);
    await room.untilVoter('welcome');
    await room.close();
    await room.count({ tarefeAbandoned: 1 });
    expect(room.officerView?.slip).toMatchObject({
      disputed: false,
      papers: { printed: 1, in_bin: 0, rejected: 0, retained: 1 },
      tarefe: { abandoned: 1, cast: 0, outstanding: 0 },
    });
  });

  it('before the first green: an alert, then the session ends, and the card is still armed', async () => {
    const room = await roomOf({ timeouts: { voterTimeoutSeconds: 3, voterAlertSeconds: 2 } });
    await room.open();
    await room.arm();
    await room.begin();
    await room.choose([1], 'blank');
    await room.until('the alert', () => room.voterView?.alert === true);
    await room.untilVoter('ended');
    expect(room.voterView).toMatchObject({ code: 'timed_out', choices: [] });
    await room.place('tarefe-1', 'pocket');
    await room.untilVoter('welcome');
    await room.begin();
  });
});
