// The face of `@sandoq/tally-server`.
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
export { readProvisioning, readProvisioningFiles, writeProvisioning } from './elections/folder.ts';
export { enrolAuthority, enrolIntake, type KeyPair } from './elections/keys.ts';
export { type RasterSize, rasteriseNames } from './elections/rasterise.ts';
