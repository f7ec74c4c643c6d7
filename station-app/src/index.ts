// The face of `@sandoq/station-app`.
export { type AdmissionOptions, type AdmissionProcess, createAdmission } from './admission/admission.ts';
export { type ClaimAnswer, type Claims, localClaims, type OpenClaims, owedStep } from './admission/claims.ts';
export type { AdmissionStores } from './admission/context.ts';
export { type AdmissionElection, checkElection } from './admission/election.ts';
export { type InHandDisk, openInHandFile } from './admission/in-hand.ts';
export { type Journal, type JournalOptions, openJournal } from './admission/journal.ts';
export { type ProvinceClaimsOptions, provinceClaims } from './admission/province-claims.ts';
export { openToEveryone, type Roll, type RollEntry, rollOf } from './admission/roll.ts';
export { deltaPath, openRollFile, type RollFile, readRollKey } from './admission/roll-file.ts';
export { enrolAdmission, ROLL_KEY_FILE, ROUND_KEY_FILE } from './admission/start.ts';
export { openAdmissionStores } from './admission/stores.ts';
export {
  type AdmissionCalls,
  type AdmissionView,
  admissionCalls,
  admissionViewSchema,
} from './contract/admission.ts';
export { type ContractClient, connectContract, dispatch, type Handlers, Refused } from './contract/socket.ts';
export {
  type OfficerView,
  officerViewSchema,
  type VoterView,
  type VotingCalls,
  voterViewSchema,
  votingCalls,
} from './contract/voting.ts';
export { type ByteLinkEvents, ByteLinkRefused, type OpenByteLink } from './devices/byte-link.ts';
export { type CardPort, cardIn } from './devices/cards.ts';
export { type Clock, systemClock } from './devices/clock.ts';
export { createReader, type Reader, type ReaderStatus } from './devices/reader.ts';
export {
  type OpenReportLink,
  type ReaderTransport,
  type ReportLinkEvents,
  reportLinkOf,
} from './devices/reader-link.ts';
export { createMeasure } from './paper/fonts.ts';
export { FORM_IDS, FORMS, type FormId } from './paper/forms.ts';
export { DOTS_PER_MM, sheetA4, tapeOf } from './paper/media.ts';
export type { Medium, Paper, PaperPage } from './paper/page.ts';
export { paperOf } from './paper/paper.ts';
export { pdfOf } from './paper/pdf.ts';
export { pngOf } from './paper/png.ts';
export { type Raster, rasterOf } from './paper/raster.ts';
export type { PaperSource } from './paper/source.ts';
export { type RecountOrder, type RecountResult, recount } from './recount/recount.ts';
export { buildCores, type CoreName, coreFile } from './shells/cores-build.ts';
export { openDeviceKey } from './stores/device-key.ts';
export { readProvisioningFolder } from './stores/provisioning-folder.ts';
export { type ClaimsLine, type ClaimsSent, openClaimsLine } from './sync/claims-line.ts';
export { createVoting, type Voting, type VotingOptions } from './voting/create-voting.ts';
export { enrolVoting } from './voting/device-key.ts';
export { type LoadedElection, loadElection } from './voting/election.ts';
export { openVotingStores, RECORDS_FILE, type VotingStores } from './voting/stores.ts';
