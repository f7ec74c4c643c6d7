/** Everything that can happen next, by whomever. */
import { admissionMoves, homeMoves } from './admission.ts';
import { boxMoves, keyMoves, metalMoves } from './box.ts';
import { faultMoves, heldMoves } from './faults.ts';
import { type Move, turnOf } from './move.ts';
import { peopleMoves, repairMoves } from './people.ts';
import type { Bounds, Rules } from './rules.ts';
import type { State } from './state.ts';
import { screenMoves, stationMoves } from './station.ts';

export function successors(s: State, rules: Rules, bounds: Bounds): readonly Move[] {
  const { turn, moves } = turnOf(s, rules);
  stationMoves(turn);
  boxMoves(turn);
  metalMoves(turn);
  heldMoves(turn);
  screenMoves(turn);
  keyMoves(turn);
  peopleMoves(turn, bounds.wholeDay);
  if (bounds.desk) admissionMoves(turn);
  else homeMoves(turn);
  repairMoves(turn);
  faultMoves(turn, bounds.kinds);
  return moves;
}
