/**
 * What the law makes of the sums so far: the package's contests as the counting law reads them, decided from the
 * slips that are here. While slips are missing the outcome is that of the received ones and is shown as such.
 */
import { amendmentsInForce, type Provisioning, withdrawnUnder } from '@sandoq/protocol';
import {
  type Box,
  type Certificate,
  createCount,
  ELECTION_FORM,
  type Election,
  electionFromValue,
} from '@sandoq/protocol/law';
import type { HeldSlip } from '../intake/intake.ts';

/** Ids of candidates under the law are their codes; lists share the same space, so theirs are marked. */
const candidateId = (code: string): string => `c${code}`;
export const candidateIndexOf = (provisioning: Provisioning, contest: number, id: string): number =>
  provisioning.candidateLists[contest]?.candidates.findIndex(({ code }) => candidateId(code) === id) ?? -1;

const PERMILLE = 1000;
const RULES_WITH_ARTICLE_9_THRESHOLD = 'majles';

function contestForm(provisioning: Provisioning, i: number, atSeconds: number): object {
  const contest = provisioning.package.contests[i];
  if (contest === undefined) throw new RangeError('no such contest');
  const withdrawn = withdrawnUnder(amendmentsInForce(provisioning, atSeconds), i);
  const candidates = (provisioning.candidateLists[i]?.candidates ?? []).map(({ code }, k) => ({
    id: candidateId(code),
    ...(withdrawn.has(k) ? { withdrawn: 'before_vote' } : {}),
  }));
  return {
    id: contest.id,
    rule: contest.law,
    seats: contest.seats,
    choices: contest.choicesMax,
    candidates,
    blank_allowed: contest.blankAllowed,
    ...(contest.law === RULES_WITH_ARTICLE_9_THRESHOLD
      ? {
          threshold: {
            numerator: contest.thresholdPermille ?? 200,
            denominator: PERMILLE,
            of: provisioning.package.settings.denominator,
          },
        }
      : {}),
    // Votes for a withdrawn candidate were valid when they were cast.
    withdrawn_votes: 'valid_without_effect',
  };
}

/** One contest as the law reads it; undefined where the package does not say enough for its rule. */
export function lawElection(
  provisioning: Provisioning,
  contest: number,
  atSeconds: number,
): Election | undefined {
  const election = electionFromValue({
    form: ELECTION_FORM,
    election: provisioning.election,
    contests: [contestForm(provisioning, contest, atSeconds)],
  });
  return election.ok ? election.value : undefined;
}

function boxOf(provisioning: Provisioning, slip: HeldSlip, contest: number): Box | undefined {
  const total = slip.checked.slip.totals[contest];
  const list = provisioning.candidateLists[contest];
  if (total === undefined || list === undefined) return undefined;
  const { records, valid, blank, invalid, marks, undervotes } = total;
  const votes = new Map(list.candidates.map(({ code }, k) => [candidateId(code), total.candidates[k] ?? 0]));
  return {
    id: slip.station,
    contests: [
      {
        contest: provisioning.package.contests[contest]?.id ?? '',
        records,
        valid,
        blank,
        invalid,
        not_counted: 0,
        marks,
        undervotes,
        votes,
        name_votes: new Map(),
        list_votes: new Map(),
      },
    ],
  };
}

/** The certificate of a contest from the slips given, or undefined where the law cannot be applied. */
export function certificateOf(
  provisioning: Provisioning,
  slips: readonly HeldSlip[],
  contest: number,
  atSeconds: number,
): Certificate | undefined {
  const election = lawElection(provisioning, contest, atSeconds);
  if (election === undefined || slips.length === 0) return undefined;
  const count = createCount(election);
  for (const slip of slips) {
    const box = boxOf(provisioning, slip, contest);
    // A slip that the law's own ledgers refuse is a disputed one: no outcome is shown over it.
    if (box === undefined || !count.add(box).ok) return undefined;
  }
  const outcome = count.outcome(null);
  return outcome.ok ? outcome.value.contests[0] : undefined;
}
