// The face of `@sandoq/station-app`.
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
