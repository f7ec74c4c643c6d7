/** The face of the seeds. */

export { CODE_PREFIXES, type CodePrefix } from './code-prefixes.ts';
export {
  DEMONSTRATION_STATIONS,
  demonstrationElection,
  RESIDENT_CONSTITUENCY,
  type StationSeed,
} from './demonstration.ts';
export { nationalCodeFrom, type Person, people } from './people.ts';
export { portraitOf, withPortraits } from './portraits.ts';
export { type SeededRandom, seededRandom } from './random.ts';
export {
  createRegister,
  REGISTER_CONSTITUENCIES,
  REGISTER_PEOPLE_MAX,
  type Register,
  type RegisterLine,
  type RegisterOrder,
  type RegisterPerson,
  type RegisterStatus,
} from './register.ts';
export { type RollPerson, type SeedRollOrder, seedRoll } from './roll.ts';
