// Orders from seeds; light, because processes that are killed by the dozen load it.
import { seeded } from '../../firmware-host/test/seeded.ts';

export function shuffled(count: number, random: () => number): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random() % (i + 1);
    [all[i], all[j]] = [all[j] as number, all[i] as number];
  }
  return all;
}

export const shuffledOrder = (count: number, seed: number): number[] => shuffled(count, seeded(seed));
