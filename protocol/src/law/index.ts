/** The counting law: pure and total. docs/LAW.md states every rule. */
export { ARTICLES } from './articles.ts';
export {
  countBox,
  NOT_COUNTED_REASONS,
  type NotCountedReason,
  type ReadBallot,
  readBallot,
  type Selection,
  type VoteClass,
} from './ballot.ts';
export { checkCertificate, checkOutcome, type Fault } from './check.ts';
export { type Count, createCount, decide } from './count.ts';
export * from './election.ts';
export { drawLots, LOT_RULE, type Lot, type Lottery, lotOf } from './lots.ts';
export type * from './outcome.ts';
export { electionFromValue, readElection } from './read-election.ts';
export { readBoxes, readResults } from './read-results.ts';
export type { Refusal } from './refusal.ts';
export { runoffElection } from './runoff-election.ts';
export { type Box, COUNTS, type ContestSums, type Counts, checkLedger, sumsFromCounts } from './sums.ts';
