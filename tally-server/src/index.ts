// The face of `@sandoq/tally-server`.
export { readServerConfig, type ServerConfig } from './contract/config.ts';
export { type AmendmentOrder, amendProvisioning } from './elections/amend.ts';
export { buildProvisioning, type ProvisioningOrder, type StationEnrolment } from './elections/build.ts';
export {
  type DefinitionMistake,
  type ElectionDefinition,
  type ElectionDefinitionInput,
  electionDefinitionSchema,
  type ParsedDefinition,
  parseElectionDefinition,
} from './elections/definition.ts';
export { type Draft, type JudgedDraft, judgeDraft } from './elections/draft.ts';
export { readProvisioning, readProvisioningFiles, writeProvisioning } from './elections/folder.ts';
export { enrolAuthority, enrolIntake, type KeyPair } from './elections/keys.ts';
export { type RasterSize, rasteriseNames } from './elections/rasterise.ts';
export { electionTemplate } from './elections/template.ts';
export type { CrossTable, CrossTablesJson } from './publication/cross-tables.ts';
export {
  type PublicationFault,
  type PublicationOrder,
  type Published,
  writePublication,
} from './publication/publication.ts';
export { type ResultsJson, resultsJsonSchema, resultsSchema } from './publication/results.ts';
export type { RevisionLine } from './publication/revisions.ts';
export { withholdSmall } from './publication/suppression.ts';
export { type Finding, reconcile } from './reconciliation/reconcile.ts';
export { placeName, type Reconciliation, reconcileTables } from './reconciliation/reconcile-tables.ts';
export { equationsOf, readTable, type Table } from './reconciliation/reported-results.ts';
export { findingSentence } from './reconciliation/sentences.ts';
export { createProvince, type Province, type ProvinceOptions } from './server.ts';
export { csvText, parseCsv, plainText } from './tables/csv.ts';
export type { SlipJson, StationJson, StationsJson, TotalsJson } from './totals/json.ts';
export { type RolledUp, rollUp, type Unit } from './totals/roll-up.ts';
export { REFUSAL_CODES, type RefusalBody, type RefusalCode } from './web/refusal.ts';
