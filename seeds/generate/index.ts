/** The face of the seeds. */
export {
  DEMONSTRATION_STATIONS,
  demonstrationElection,
  RESIDENT_CONSTITUENCY,
  type StationSeed,
} from './demonstration.ts';
export { nationalCodeFrom, type Person, people } from './people.ts';
export { type SeededRandom, seededRandom } from './random.ts';
