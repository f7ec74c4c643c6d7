// The face of `@sandoq/station-app`.
export { type AdmissionOptions, type AdmissionProcess, createAdmission } from './admission/admission.ts';
export { type ClaimAnswer, type Claims, localClaims } from './admission/claims.ts';
export { openInHandFile } from './admission/in-hand.ts';
export { type Journal, type JournalOptions, openJournal } from './admission/journal.ts';
export { openToEveryone, parseRoll, type Roll, type RollEntry } from './admission/roll.ts';
export { enrolAdmission } from './admission/start.ts';
export {
  type AdmissionCalls,
  type AdmissionView,
  admissionCalls,
  admissionViewSchema,
} from './contract/admission.ts';
export { type ContractClient, connectContract, Refused } from './contract/socket.ts';
export {
  type OfficerView,
  officerViewSchema,
  type VoterView,
  type VotingCalls,
  voterViewSchema,
  votingCalls,
} from './contract/voting.ts';
export { createVoting, type Voting, type VotingOptions } from './voting/create-voting.ts';
export { enrolVoting } from './voting/device-key.ts';
