/** The second round that the first one yields, as an election of its own. */
import { failure, type Result, success } from '../result.ts';
import type { Contest, Election } from './election.ts';
import { identifierFault } from './json-fields.ts';
import type { Outcome } from './outcome.ts';
import type { Refusal } from './refusal.ts';

/** Contests decided in the first round are left out; one whose draw is still to be held is refused. */
export function runoffElection(election: Election, outcome: Outcome, id: string): Result<Election, Refusal> {
  const fault = identifierFault(id);
  if (fault !== null) return failure({ path: '$.election', problem: `an identifier ${fault}` });
  const contests: Contest[] = [];
  for (const [i, certificate] of outcome.contests.entries()) {
    const path = `$.contests[${i}]`;
    const first = election.contests[i];
    if (first?.id !== certificate.contest || outcome.election !== election.election) {
      return failure({ path, problem: 'the outcome is of another election' });
    }
    if (certificate.status === 'needs_draw') return failure({ path, problem: 'lots have to be drawn first' });
    if (certificate.runoff !== null) contests.push(secondRound(first, certificate.runoff));
  }
  return success({ election: id, contests });
}

function secondRound(
  first: Contest,
  runoff: { readonly seats: number; readonly candidates: readonly { readonly candidate: string }[] },
): Contest {
  const standing = new Set(runoff.candidates.map(({ candidate }) => candidate));
  return {
    ...first,
    rule: 'runoff',
    runoff_of: first.rule === 'president' ? 'president' : 'majles',
    seats: runoff.seats,
    choices: runoff.seats,
    candidates: runoff.candidates.map(({ candidate }) => ({ id: candidate, withdrawn: null })),
    namesakes: first.namesakes
      .map(({ id, candidates }) => ({ id, candidates: candidates.filter((bearer) => standing.has(bearer)) }))
      .filter(({ candidates }) => candidates.length > 1),
    threshold: null,
    runoff: null,
  };
}
