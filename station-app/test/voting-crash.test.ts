/** The voting process killed at every step of a cast: it resumes, no vote is lost, none is counted twice, ledgers hold. */
import { randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STATION, VotingRoom } from './voting-room.ts';

let room: VotingRoom;
beforeEach(async () => {
  room = new VotingRoom();
  await room.setUp();
  await room.open();
});
afterEach(() => room.tearDown());

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function restart(): Promise<void> {
  await room.kill();
  await room.start();
  await room.untilBox();
}

/** Whatever the crash left: the voter finishes by what her screen and the window say. */
async function finish(): Promise<void> {
  await room.untilVoter('choosing', 'in_window', 'cast', 'card_refused');
  if (room.voterView?.phase === 'choosing') {
    await room.choose([0], [1, 2]);
    await room.call('voter.print', {});
    await room.untilVoter('in_window');
  }
  if (room.voterView?.phase === 'in_window') {
    await room.press('green');
    await room.untilVoter('cast');
  }
  // "card spent": the vote was in the box before the crash, and the card says so
  if (room.voterView?.phase === 'card_refused') expect(room.voterView.code).toBe('card_spent');
  await room.place('tarefe-1', 'pocket');
  await room.untilVoter('welcome');
}

async function expectOneVoteEach(votes: number): Promise<void> {
  await room.close();
  await room.count();
  const slip = room.officerView?.slip;
  expect(slip).toMatchObject({ disputed: false, faults: [], slots: { box: 2 * votes, station: 2 * votes } });
  expect(slip?.totals[0]).toMatchObject({ records: votes, valid: votes, candidates: [votes, 0, 0, 0] });
}

const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  'the card is laid': async () => {
    await room.place('tarefe-1', 'box_pad');
  },
  'choices are made': async () => {
    await room.begin();
    await room.choose([0], [1, 2]);
  },
  'the first green is pressed': async () => {
    await room.begin();
    await room.choose([0], [1, 2]);
    void room.call('voter.print', {}).catch(() => undefined);
    await sleep(randomInt(30));
  },
  'the paper stands in the window': async () => {
    await room.begin();
    await room.choose([0], [1, 2]);
    await room.call('voter.print', {});
  },
  'the second green is pressed': async () => {
    await room.begin();
    await room.choose([0], [1, 2]);
    await room.call('voter.print', {});
    await room.press('green');
    await sleep(randomInt(8));
  },
};

describe('killed', () => {
  it.each(Object.keys(STEPS))('when %s: the vote is counted once', async (step) => {
    for (let vote = 1; vote <= 2; vote++) {
      await room.arm();
      await STEPS[step]?.();
      await restart();
      await finish();
      expect(room.officerView?.public_count).toBe(vote);
    }
    await expectOneVoteEach(2);
  });

  it('while nobody is there to press green: the other side commits alone, and the vote is found in the box', async () => {
    await room.arm();
    await STEPS['the paper stands in the window']?.();
    await room.kill();
    await room.press('green');
    await sleep(100);
    await room.start();
    await room.untilVoter('cast');
    await room.place('tarefe-1', 'pocket');
    await room.untilVoter('welcome');
    await expectOneVoteEach(1);
  });

  it('together with the power of the box: the uncommitted paper is rejected, and she votes again', async () => {
    await room.arm();
    await STEPS['the paper stands in the window']?.();
    await room.kill();
    await room.perform({ do: 'power', station: STATION, on: false });
    await room.perform({ do: 'power', station: STATION, on: true });
    await room.start();
    await finish();
    await expectOneVoteEach(1);
    expect(room.officerView?.slip?.papers).toEqual({ printed: 2, in_bin: 1, rejected: 1, retained: 0 });
  });
});

describe('the box, with the voting process alive,', () => {
  it('loses its power while the voter chooses: her choices stand, the ballot is begun anew', async () => {
    await room.arm();
    await room.begin();
    await room.choose([0], [1, 2]);
    await room.perform({ do: 'power', station: STATION, on: false });
    await room.perform({ do: 'power', station: STATION, on: true });
    await room.until('the link', () => room.officerView?.devices[0]?.state === 'connected');
    await room.call('voter.print', {}).catch(() => undefined);
    await room.until('the paper or the screen', () =>
      ['in_window', 'review', 'choosing'].includes(room.voterView?.phase ?? ''),
    );
    if (room.voterView?.phase !== 'in_window') await room.call('voter.print', {});
    await room.press('green');
    await room.untilVoter('cast');
    await room.place('tarefe-1', 'pocket');
    await expectOneVoteEach(1);
  });

  it('loses its cable with the paper in the window: an officer is called, and the fate is learned later', async () => {
    await room.arm();
    await STEPS['the paper stands in the window']?.();
    await room.perform({ do: 'cable', station: STATION, link: 'box', plugged: false });
    await room.untilVoter('officer_needed');
    expect(room.officerView?.fault?.code).toBe('ballot_unresolved');
    await room.press('green');
    await room.perform({ do: 'cable', station: STATION, link: 'box', plugged: true });
    await room.untilVoter('cast');
    expect(room.officerView?.public_count).toBe(1);
    await room.place('tarefe-1', 'pocket');
    await room.untilVoter('welcome');
    await expectOneVoteEach(1);
  });
});

describe('killed between the stages of the day', () => {
  it('resumes open doors, closed doors, the closed box and the made slip, each once', async () => {
    await room.vote([0], [4]);
    await restart();
    expect(room.officerView?.phase).toBe('open');
    await room.call('doors.close_begin', {});
    await room.approve(['governor_representative', 'council_representative']);
    await restart();
    expect(room.officerView?.phase).toBe('doors_closed');
    await room.vote([0], [4]);
    await room.call('close.begin', { amendment: null });
    await room.approve(['governor_representative']);
    await restart();
    expect(room.officerView?.phase).toBe('doors_closed');
    await room.call('close.begin', { amendment: null });
    await room.approve(['governor_representative', 'council_representative']);
    await restart();
    expect(room.officerView?.phase).toBe('closed');
    await room.count();
    await room.takeClosingCards();
    await room.call('slip.approve_begin', {});
    await room.approve(['governor_representative']);
    await restart();
    expect(room.officerView?.phase).toBe('counted');
    await room.call('slip.approve_begin', {});
    expect(await room.approve(['council_representative'])).toBe(true);
    expect(await room.call('slip.send', {})).toEqual({ state: 'by_hand' });
  });
});
