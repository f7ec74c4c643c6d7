/** Which lines of another terminal may still come into the journal here. Pure. */
import type { StationState } from '../journal.ts';
import type { Admission } from '../journal-cell.ts';

/** The same card and turn: all that can be new is what the province has said. */
function isOnlyTold(line: Admission, ours: Admission | undefined): boolean {
  if (ours === undefined) return false;
  const { state, turn, armings, spoiled, returned } = ours;
  return (
    line.state === state &&
    line.turn === turn &&
    line.armings === armings &&
    line.spoiled === spoiled &&
    line.returned === returned
  );
}

/** After the sums are signed nobody comes in any more; what the province has said meanwhile does not touch them. */
export const stillWanted = (
  phase: StationState['phase'],
  lines: readonly Admission[],
  lineOf: (line: Admission) => Admission | undefined,
): readonly Admission[] =>
  phase === 'closed' ? lines.filter((line) => isOnlyTold(line, lineOf(line))) : lines;
