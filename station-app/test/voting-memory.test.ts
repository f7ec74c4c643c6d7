/**
 * Between two voters the process holds no selection: neither in what the engine still knows nor in what was freed. The
 * whole writable memory of the child is searched for her choices in every form in which they could lie there.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCRUB_AFTER_MS } from '../src/voting/create-voting.ts';
import { formsOf, searchMemory } from './process-memory.ts';
import { VotingRoom } from './voting-room.ts';

let room: VotingRoom;
beforeEach(async () => {
  room = new VotingRoom();
  await room.setUp();
  await room.open();
});
afterEach(() => room.tearDown());

/** Thirty names that nobody would choose by chance; a stretch of eight of them is searched for. */
const choiceOf = (voter: number): readonly number[] =>
  Array.from({ length: 30 }, (_, i) => 1 + 9 * i + ((i * i * (voter + 2)) % 8));
async function found(voter: number): Promise<string[]> {
  const places = await searchMemory(room.pid, formsOf(choiceOf(voter).slice(11, 19)));
  return [...new Set(places.map(({ pattern }) => pattern))];
}

/** A search reads a hundred megabytes: on a busy machine it takes its time, and is not repeated without a pause. */
const SEARCHES_MAX = 20;
async function untilForgotten(voter: number): Promise<void> {
  for (let searches = 1; ; searches++) {
    await new Promise((resolve) => setTimeout(resolve, SCRUB_AFTER_MS));
    const left = await found(voter);
    if (left.length === 0) return;
    if (searches === SEARCHES_MAX) expect(left).toEqual([]);
  }
}

describe('the memory of the voting process', { timeout: 240_000 }, () => {
  it('holds her choices while she chooses, and not when the next voter may come', async () => {
    for (const voter of [0, 1]) {
      await room.arm();
      await room.begin();
      expect(await found(voter)).toEqual([]);
      await room.choose([0], choiceOf(voter));
      // The search finds what is there: otherwise the next line would prove nothing.
      expect(await found(voter)).toContain('typed_array');
      await room.call('voter.print', {});
      await room.untilVoter('in_window');
      await room.press('green');
      await room.untilVoter('cast');
      await room.place('tarefe-1', 'pocket');
      await room.untilVoter('welcome');
      await untilForgotten(voter);
    }
    expect(await found(0)).toEqual([]);
  });

  it('forgets her as well where she leaves without a vote', async () => {
    await room.arm();
    await room.begin();
    await room.choose([0], choiceOf(3));
    await room.call('voter.leave', {});
    await untilForgotten(3);
  });
});
