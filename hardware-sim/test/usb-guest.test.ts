/** The short version of `npm run lab -- usb`: one carrier, through a real kernel. */
import { expect, test } from 'vitest';
import { isWhole, runTrial } from '../lab/usb/trial.ts';
import { guestKernel } from '../rig/guest/kernel.ts';
import { guestLacks } from '../rig/guest/machine.ts';

const TIMEOUT_MS = 420_000;

/** @returns why there can be no guest here */
function missing(): string | undefined {
  const lacks = guestLacks();
  if (lacks !== undefined) return lacks;
  try {
    guestKernel();
    return undefined;
  } catch {
    return 'a kernel from apt';
  }
}

test(
  'through /dev/hidraw of a real kernel: round trips, 4 kB whole and in links, unplugged and back',
  async (context) => {
    const lacks = missing();
    if (lacks !== undefined) return context.skip(`no guest here: ${lacks} is missing`);
    const { results, failures } = await runTrial(['uhid'], TIMEOUT_MS - 60_000, () => undefined);
    expect(failures).toEqual([]);
    expect(results).toHaveLength(1);
    expect(results.every(isWhole), JSON.stringify(results)).toBe(true);
  },
  TIMEOUT_MS,
);
