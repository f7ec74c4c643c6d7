/**
 * The reader through a real kernel: /dev/hidraw behind /dev/uhid, /dev/hidraw behind a USB device, and a USB serial port,
 * in a small emulated guest. Round trips, an APDU of 4 kB whole and as a chain of links, a slow card, unplug and return.
 */
import { parseArgs } from 'node:util';
import { guestLacks } from '../rig/guest/machine.ts';
import { CARRIERS, isWhole, runTrial } from './usb/trial.ts';

const TIMEOUT_SECONDS = 420;

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, timeout: { type: 'string' } },
});
if (values.help === true) {
  console.error(
    'usage: npm run lab -- usb [--timeout SECONDS]\n  needs apt, qemu-system-x86 and busybox-static (npm run system)',
  );
  process.exit(0);
}
const seconds = Number(values.timeout ?? TIMEOUT_SECONDS);
if (!Number.isInteger(seconds) || seconds < 1) {
  console.error('--timeout: a whole number of seconds');
  process.exit(2);
}
const lacks = guestLacks();
if (lacks !== undefined)
  throw new Error(`no guest on this machine: ${lacks} is missing; npm run system installs it`);
const begun = performance.now();
const { results, failures } = await runTrial(
  CARRIERS,
  seconds * 1000,
  (line) => void process.stderr.write(`${line}\n`),
);
const figures = {
  seconds: Number(((performance.now() - begun) / 1000).toFixed(1)),
  carriers: results.length,
  results,
  failures,
};
const ok = failures.length === 0 && results.length === CARRIERS.length && results.every(isWhole);
process.stdout.write(`${JSON.stringify({ name: 'usb', ok, figures })}\n`);
process.exitCode = ok ? 0 : 1;
