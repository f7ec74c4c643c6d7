/**
 * Between two voters the process holds no selection: neither in what the engine still knows nor in what was freed. The
 * whole writable memory of the child is searched for her choices in every form in which they could lie there.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
const found = (voter: number): string[] => [
  ...new Set(searchMemory(room.pid, formsOf(choiceOf(voter).slice(11, 19))).map(({ pattern }) => pattern)),
];

describe('the memory of the voting process', () => {
  it('holds her choices while she chooses, and not when the next voter may come', async () => {
    for (const voter of [0, 1]) {
      await room.arm();
      await room.begin();
      expect(found(voter)).toEqual([]);
      await room.choose([0], choiceOf(voter));
      // The search finds what is there: otherwise the next line would prove nothing.
      expect(found(voter)).toContain('typed_array');
      await room.call('voter.print', {});
      await room.untilVoter('in_window');
      await room.press('green');
      await room.untilVoter('cast');
      await room.place('tarefe-1', 'pocket');
      await room.untilVoter('welcome');
      await room.until('the traces to be removed', () => found(voter).length === 0);
    }
    expect(found(0)).toEqual([]);
  });

  it('forgets her as well where she leaves without a vote', async () => {
    await room.arm();
    await room.begin();
    await room.choose([0], choiceOf(3));
    await room.call('voter.leave', {});
    await room.until('the traces to be removed', () => found(3).length === 0);
  });
});
