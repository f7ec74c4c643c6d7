/**
 * No choice ever touches the disk: neither after a session nor after a crash in the middle of one. And what is written
 * does not depend on how people vote.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formsOf } from './process-memory.ts';
import { VotingRoom } from './voting-room.ts';
import { PLANTED, roomShapes } from './voting-shape.ts';

const rooms: VotingRoom[] = [];
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.tearDown();
});
async function openRoom(): Promise<VotingRoom> {
  const room = new VotingRoom();
  rooms.push(room);
  await room.setUp();
  await room.open();
  return room;
}

const CODES = Buffer.from(
  PLANTED.slice(4, 8)
    .map((index) => String(100 + index))
    .join(','),
);
const FORMS: Readonly<Record<string, Buffer>> = { ...formsOf(PLANTED.slice(11, 19)), codes: CODES };

function filesWithPlanted(room: VotingRoom): string[] {
  const found: string[] = [];
  for (const [path, bytes] of room.files())
    for (const [form, wanted] of Object.entries(FORMS))
      if (bytes.includes(wanted)) found.push(`${path}: ${form}`);
  return found;
}

describe('a planted choice', () => {
  it('is found in no file of the data folder, at no step of its session and after none', async () => {
    const room = await openRoom();
    await room.arm();
    await room.begin();
    const clean = (when: string) => expect(filesWithPlanted(room), when).toEqual([]);
    await room.choose([1], PLANTED);
    clean('chosen');
    await room.call('voter.print', {});
    await room.untilVoter('in_window');
    clean('in the window');
    await room.press('green');
    await room.untilVoter('cast');
    clean('cast');
    await room.stop();
    clean('stopped');
    expect(room.stderr).toBe('');
    // The search finds what is there: otherwise the lines above would prove nothing.
    writeFileSync(join(room.data, 'control'), FORMS.json as Buffer);
    expect(filesWithPlanted(room)).toHaveLength(1);
  });

  it.each([
    'chosen',
    'printing',
    'in the window',
  ])('is found in no file after a crash when %s', async (step) => {
    const room = await openRoom();
    await room.arm();
    await room.begin();
    await room.choose([1], PLANTED);
    if (step === 'printing') void room.call('voter.print', {}).catch(() => undefined);
    if (step === 'in the window') await room.call('voter.print', {});
    await room.kill();
    expect(filesWithPlanted(room)).toEqual([]);
    await room.start();
    await room.untilBox();
    expect(filesWithPlanted(room)).toEqual([]);
  });
});

describe('exchanging two voters’ choices', () => {
  it('leaves log, snapshots and sizes as they are: undervote, blank and long ballots look alike', async () => {
    const shapes = await roomShapes([
      [0, 1],
      [1, 0],
    ]);
    expect(shapes[0]).toContain('cast');
    expect(shapes[0]).toEqual(shapes[1]);
  });
});
