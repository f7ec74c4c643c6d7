/** Where the day stands, for the officers: one stage at a time, from what the two cores say. Pure. */
import type { AdmissionView } from '../../contract/admission.ts';
import type { OfficerView } from '../../contract/voting.ts';

export const STAGES = [
  'set_up',
  'opening',
  'voting',
  'doors',
  'closing',
  'count',
  'slip',
  'sending',
] as const;
export type Stage = (typeof STAGES)[number];

/** Those who closed must sign the minutes, or sign that they disagree. */
const CLOSING_ROLES = ['governor_representative', 'council_representative'];

export const isSigned = ({ slip }: OfficerView): boolean =>
  CLOSING_ROLES.every((role) => slip?.approvals.some((approval) => approval.role === role) === true);

export function stageOf(voting: OfficerView): Stage {
  switch (voting.phase) {
    case 'no_package':
    case 'set_up':
      return 'set_up';
    case 'loaded':
    case 'opening':
      return 'opening';
    case 'open':
      return 'voting';
    case 'doors_closed':
      return 'doors';
    case 'closing':
      return 'closing';
    case 'closed':
    case 'counting':
      return 'count';
    case 'counted':
      return isSigned(voting) && stepOf(voting) !== 'slip' ? 'sending' : 'slip';
    case 'finished':
      return 'sending';
  }
}

export type ApprovalStep = NonNullable<OfficerView['step']>;

/** The step that waits for role cards; the phase tells where the core names none. */
export function stepOf(voting: OfficerView): ApprovalStep | null {
  if (voting.step !== undefined) return voting.step;
  if (voting.phase === 'opening') return 'opening';
  if (voting.phase === 'closing') return 'closing';
  return null;
}

/** Cards that are with voters or on the desk: what is not yet accounted for otherwise. */
export function outstandingCards(admission: AdmissionView, voting: OfficerView): number {
  const { issued, returned, spoiled, abandoned } = admission.ledger;
  return issued - returned - spoiled - abandoned - (voting.counters?.cards_spent ?? 0);
}

/** Between print and fall, or jammed, a paper is printed and nowhere yet: one, and only while a voter is there. */
export function papersOnTheirWay(voting: OfficerView): number {
  const counters = voting.counters;
  if (counters === null || voting.voter === 'none') return 0;
  const difference =
    counters.papers_printed - counters.papers_in_bin - counters.papers_rejected - counters.papers_retained;
  return difference === 1 ? 1 : 0;
}
