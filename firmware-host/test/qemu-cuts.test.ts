// A few of the kills of `npm run lab -- powercut` on the emulated board.
import { expect, test } from 'vitest';
import { builtImage } from './hosts.ts';
import { killEmulator } from './qemu-cuts.ts';

const image = await builtImage();

test.skipIf(image === undefined)(
  'the emulator killed in the middle of a vote: nothing lost, nothing doubled, no state without a name',
  { timeout: 300_000 },
  async () => {
    if (image === undefined) return;
    const { kills, examples, ...figures } = await killEmulator(image, 3);
    expect(examples).toEqual([]);
    expect(figures).toMatchObject({ lost: 0, doubled: 0, unnamed: 0 });
    expect(kills).toBeGreaterThanOrEqual(3);
  },
);
