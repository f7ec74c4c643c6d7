/** Days of a seed with trouble of a seed: the usual ones, mostly of kills, and storms, in which everything goes wrong. */
import { chanceOf } from './chance.ts';
import { type DayResult, NO_TROUBLE, simulateDay, type Trouble } from './day.ts';
import { removeFolder, type Scene } from './scene.ts';

const KILLS_A_DAY = 12;
const VOTERS_A_DAY = 8;
const STORM = 'storm:';

/** Mostly kills, and in every third day the rest of what can go wrong as well. */
const usualTrouble = (seed: number): Trouble => ({
  ...NO_TROUBLE,
  kills: KILLS_A_DAY,
  line: seed % 3 === 0 ? 40 : 0,
  cables: seed % 3 === 0 ? 2 : 0,
  papers: seed % 3 === 1 ? 3 : 0,
  clock: seed % 5 === 0 ? 1 : 0,
  flash: seed % 20 === 7 ? 1 : 0,
});

/** Every kind at once, as hard as the seed says, on a day of any size. */
function storm(seed: string): { readonly voters: number; readonly trouble: Trouble } {
  const chance = chanceOf(`${seed}/storm`);
  return {
    voters: chance.between(1, 20),
    trouble: {
      kills: chance.between(2, 30),
      line: chance.pick([8, 15, 25, 60]),
      cables: chance.below(6),
      papers: chance.below(7),
      clock: chance.below(4),
      flash: chance.oneIn(4) ? 1 + chance.below(3) : 0,
      lid: chance.below(3),
      torn: true,
    },
  };
}

export const stormSeed = (number: number): string => `${STORM}${number}`;

/** @returns whether the text is the seed of such a day */
export const isDaySeed = (text: string): boolean => /^(storm:)?\d{1,9}$/.test(text);

export function randomDay(scene: Scene, seed: string, folder: string): Promise<DayResult> {
  const { voters, trouble } = seed.startsWith(STORM)
    ? storm(seed)
    : { voters: VOTERS_A_DAY, trouble: usualTrouble(Number(seed)) };
  return simulateDay({ scene, seed, folder, voters, trouble }).finally(() => removeFolder(folder));
}
