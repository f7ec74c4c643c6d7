/** What officers see of the station's terminals. */
import { isGone } from './shared-state.ts';
import type { Reach, Standing } from './standing.ts';

export interface TerminalsView {
  readonly here: number;
  readonly state: Standing['state'];
  readonly devices: number;
  readonly isApart: boolean;
  readonly others: readonly { readonly terminal: number; readonly state: 'connected' | 'lost' | 'gone' }[];
  readonly disk: 'ok' | 'lost' | undefined;
  /** a terminal that is not here was preparing a card: somebody must end it */
  readonly left: number | undefined;
}

export function terminalsView(
  { here, total, reached, state: shared, disk }: Reach,
  { state, devices, isApart }: Standing,
  left: number | undefined,
): TerminalsView {
  const others = Array.from({ length: total }, (_, i) => i + 1).filter((one) => one !== here);
  return {
    here,
    state,
    devices,
    isApart,
    others: others.map((terminal) => ({
      terminal,
      state: reached.includes(terminal) ? 'connected' : isGone(shared, terminal) ? 'gone' : 'lost',
    })),
    disk,
    left,
  };
}
