/** One crash of the recorded day taken up again: the folders as the disk may hold them, the box as it was, and people who go on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFlash } from '@sandoq/firmware-host';
import { type DayResult, runWorld } from '../simulation/day.ts';
import { removeFolder, type Scene } from '../simulation/scene.ts';
import type { SimulatedVoter } from '../simulation/voter.ts';
import type { Crash, Files } from './crashes.ts';
import { CARD_OF, type Moment, type ShortDay, shortDayVoters } from './short-day.ts';

/** The first life of each core, as the world names its folders. */
export const CORE_FOLDERS = { voting: 'voting-0', admission: 'admission-0' } as const;

function writeFiles(files: Files, under: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of files) {
    // No crash keeps SQLite's shared memory.
    if (!path.startsWith(`${under}/`) || path.endsWith('-shm')) continue;
    const to = join(folder, path.slice(under.length + 1));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, content);
  }
}

function imageAt(day: ShortDay, words: number): Uint8Array {
  const flash = createFlash({ image: day.image });
  for (const [address, bytes] of day.words.slice(0, words)) flash.program(address, bytes);
  return flash.image();
}

/** The room goes on from this crash to the end of the day. @returns what a day's end must show, with the crash's name */
export async function goOnFrom(
  crash: Crash,
  moment: Moment,
  day: ShortDay,
  scene: Scene,
  folder: string,
): Promise<DayResult> {
  const voting = join(folder, 'disk', 'voting');
  const admission = join(folder, 'disk', 'admission');
  writeFiles(crash.files, CORE_FOLDERS.voting, voting);
  writeFiles(crash.files, CORE_FOLDERS.admission, admission);
  const voters: SimulatedVoter[] = shortDayVoters().map((voter, i) => ({ ...voter, ...moment.voters[i] }));
  const cards = new Map(moment.cards);
  // A document in the slot is taken by its owner.
  for (const id of [...cards.keys()]) if (id.startsWith('voter-')) cards.delete(id);
  const from: Scene = {
    ...scene,
    votingFolder: voting,
    admissionFolder: admission,
    image: imageAt(day, moment.words),
    facts: moment.facts,
    cards,
  };
  const result = await runWorld({
    scene: from,
    seed: `crash ${crash.at}`,
    folder: join(folder, 'world'),
    voters,
    async play(people) {
      if (moment.stage === 'opening') await people.openDay();
      if (moment.stage !== 'closing') {
        const standing = voters.findIndex(({ outcome }) => outcome === 'waiting');
        const atBox = voters.findIndex(({ outcome }) => outcome === 'admitted');
        await people.openDesk();
        // With a card in her hand nothing may be in hand at the desk; else the desk goes on with whoever stands there.
        if (atBox >= 0 || standing < 0) await people.endInterruption();
        let counted = voters.filter(({ outcome }) => outcome === 'voted').length;
        for (const [i, voter] of voters.entries()) {
          if (voter.outcome === 'voted') continue;
          if (voter.outcome === 'waiting') await people.admit(voter, CARD_OF(i));
          await people.vote(voter, CARD_OF(i), counted);
          counted++;
        }
      }
      return people.closeDay();
    },
  });
  removeFolder(folder);
  return { ...result, seed: `${crash.at}: ${crash.what}` };
}
