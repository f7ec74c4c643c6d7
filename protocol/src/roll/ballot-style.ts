/**
 * Which contests a person votes in, here: from what the roll says of her and from the law. Pure.
 *
 * | contest | open to her at this station |
 * | --- | --- |
 * | of no district (president) | always |
 * | of a district, first round | where the district is hers and this station's |
 * | of a district, runoff; she voted in the first round | where she voted in that district then, and it is this station's |
 * | of a district, runoff; she did not | as in a first round |
 */
import type { Package, Place } from '../records/generated.ts';
import { failure, type Result, success } from '../result.ts';

export interface Electorate {
  /** her constituency */
  readonly home: string;
  /** where she voted in the first round; undefined where she did not, or there was none */
  readonly firstRound?: string | undefined;
}

export type StyleRefusal =
  /** nothing is voted on here that is hers: she belongs to another constituency */
  | 'other_constituency'
  /** she voted in the first round in another constituency, and the runoff is bound to it */
  | 'runoff_elsewhere'
  /** the package has no style with exactly her contests: a mistake in the package */
  | 'no_ballot_style';

export function ballotStyle(
  election: Pick<Package, 'contests' | 'styles'>,
  station: Pick<Place, 'constituency'>,
  person: Electorate,
): Result<number, StyleRefusal> {
  const here = station.constituency;
  let boundElsewhere = false;
  const contests = election.contests.flatMap((contest, index) => {
    if (contest.district === undefined) return [index];
    if (contest.district !== here) return [];
    const isBound = contest.law === 'runoff' && person.firstRound !== undefined;
    if (isBound && person.firstRound !== here) boundElsewhere = true;
    return (isBound ? person.firstRound : person.home) === here ? [index] : [];
  });
  if (contests.length === 0) return failure(boundElsewhere ? 'runoff_elsewhere' : 'other_constituency');
  const style = election.styles.findIndex(
    (one) =>
      one.contests.length === contests.length && one.contests.every((each, at) => each === contests[at]),
  );
  return style === -1 ? failure('no_ballot_style') : success(style);
}
