/**
 * May a terminal admit, and how many must hold what it writes? Pure. With most of the station's terminals within reach
 * (itself among them) no other group can have most as well: whoever asks there is known here. With fewer, only after two
 * roles have said that the others are not here; what is written then stands apart (docs/TERMINALS.md).
 */
import { isGone, type SharedState } from './shared-state.ts';

export interface Reach {
  readonly total: number;
  readonly here: number;
  /** terminals within reach that hold all that we hold, without this one */
  readonly reached: readonly number[];
  readonly state: Pick<SharedState, 'gone'> & SharedState;
  /** a second disk at this terminal; undefined: none is foreseen */
  readonly disk: 'ok' | 'lost' | undefined;
}

export interface Standing {
  readonly state: 'two_devices' | 'one_device' | 'missing';
  /** fewer than most are within reach: lines stand apart from the station's */
  readonly isApart: boolean;
  /** terminals that must hold a line before its card is armed, this one among them */
  readonly needed: number;
  readonly devices: number;
}

export const mostOf = (total: number): number => Math.floor(total / 2) + 1;

export function standingOf({ total, here, reached, state, disk }: Reach): Standing {
  const terminals = 1 + reached.length;
  const devices = terminals + (disk === 'ok' ? 1 : 0);
  const most = mostOf(total);
  if (terminals >= most) {
    const isDiskGone = disk === 'lost' && isGone(state, 0);
    const alone = isDiskGone ? 'one_device' : 'missing';
    return { state: devices >= 2 ? 'two_devices' : alone, isApart: false, needed: most, devices };
  }
  const others = Array.from({ length: total }, (_, i) => i + 1).filter((one) => one !== here);
  const isSaid = others.every((one) => reached.includes(one) || isGone(state, one));
  const allowed = devices >= 2 ? 'two_devices' : 'one_device';
  return { state: isSaid ? allowed : 'missing', isApart: true, needed: terminals, devices };
}
