// Powered minutes since opening: one bit a minute in flash. A power cut loses less than a minute, to the officers'
// patience and never to anyone's advantage.
import { ticks_ms } from '../board';
import { life_is_open } from '../flash/life';
import { MINUTES } from '../flash/layout';
import { tally_add, tally_read } from '../flash/nor';

/** Two days and more: an extension by order is hours. */
export const MINUTES_MAX: u32 = 8192;
const MINUTE_MS: u32 = 60_000;

let since_ms: u32 = 0;

export function minutes_begin(): void {
  since_ms = ticks_ms();
}

export function powered_minutes(): u32 {
  return tally_read(MINUTES, MINUTES_MAX);
}

export function minutes_tick(): void {
  const now = ticks_ms();
  if (!life_is_open()) {
    since_ms = now;
    return;
  }
  // The difference is right across the wrap of the ticks.
  for (let left = MINUTES_MAX; left > 0 && now - since_ms >= MINUTE_MS; left--) {
    tally_add(MINUTES, MINUTES_MAX);
    since_ms += MINUTE_MS;
  }
}
