/** Runs the guest's trial and reads what it says. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { CarrierResult } from './in-guest.ts';
import { runGuest } from './machine.ts';

export const CARRIERS = ['uhid', 'usb_hid', 'usb_serial'] as const;
export type CarrierName = (typeof CARRIERS)[number];

const ROOT = join(import.meta.dirname, '..', '..', '..');
const BUNDLE = join(ROOT, '.build', 'guest-kernel', 'in-guest.mjs');

/** One file loads in a tenth of the time of two hundred, where every read crosses an emulated bus. */
async function bundle(): Promise<void> {
  mkdirSync(join(ROOT, '.build', 'guest-kernel'), { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'in-guest.ts')],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Native parts stay where npm put them; the rest of the stations' code is left out where it is not called.
    external: [
      'node-hid',
      'serialport',
      'better-sqlite3',
      'sodium-native',
      '@resvg/resvg-js',
      'electron',
      'esbuild',
      'vite',
    ],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
}

export interface Trial {
  readonly results: readonly CarrierResult[];
  /** what a carrier or the guest said went wrong */
  readonly failures: readonly string[];
}

export async function runTrial(
  carriers: readonly CarrierName[],
  timeoutMs: number,
  progress: (line: string) => void,
): Promise<Trial> {
  await bundle();
  const results: CarrierResult[] = [];
  const failures: string[] = [];
  await runGuest({
    script: `${BUNDLE} ${carriers.join(' ')}`,
    timeoutMs,
    onLine: (line) => {
      progress(line);
      if (line.startsWith('RESULT ')) results.push(JSON.parse(line.slice('RESULT '.length)) as CarrierResult);
      if (line.startsWith('FAILED ')) failures.push(line.slice('FAILED '.length));
    },
  });
  for (const name of carriers)
    if (!results.some(({ carrier }) => carrier === name) && !failures.some((one) => one.startsWith(name)))
      failures.push(`${name}: the guest said nothing of it`);
  return { results, failures };
}

/** Every byte as it was sent, every silence noticed, everything there again after the plug was put back. */
export const isWhole = (result: CarrierResult): boolean =>
  result.round_trips_wrong === 0 &&
  result.extended_apdu_bytes === 4096 &&
  result.chained_apdu_bytes === 4096 &&
  result.keepalives_outlived &&
  result.round_trips_after_return === 10;
