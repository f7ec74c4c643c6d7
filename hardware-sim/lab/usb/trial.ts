/** Runs the guest's trial and reads what it says. */
import { join } from 'node:path';
import { bundleForGuest, startGuest } from '../../rig/guest/machine.ts';
import type { CarrierResult } from './in-guest.ts';

export const CARRIERS = ['uhid', 'usb_hid', 'usb_serial'] as const;
export type CarrierName = (typeof CARRIERS)[number];

/** The doors that the readers come through: /dev/uhid, and a USB host and device controller in software. */
const MODULES = ['configfs', 'uhid', 'hid-generic', 'usbhid', 'cdc-acm'];
const GADGET_MODULES = ['dummy_hcd', 'libcomposite', 'usb_f_hid', 'usb_f_acm'];

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
  const bundle = await bundleForGuest(join(import.meta.dirname, 'in-guest.ts'), 'in-guest');
  const results: CarrierResult[] = [];
  const failures: string[] = [];
  const guest = startGuest({
    script: `${bundle} ${carriers.join(' ')}`,
    modules: [...MODULES, ...GADGET_MODULES],
    prepare: ['$b mount -t configfs config /sys/kernel/config'],
    timeoutMs,
    onLine: (line) => {
      progress(line);
      if (line.startsWith('RESULT ')) results.push(JSON.parse(line.slice('RESULT '.length)) as CarrierResult);
      if (line.startsWith('FAILED ')) failures.push(line.slice('FAILED '.length));
    },
  });
  await guest.ended;
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
  result.script_commands === 3 &&
  result.keepalives_outlived &&
  result.round_trips_after_return === 10;
