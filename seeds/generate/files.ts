/** Path below `seeds/` → content of every generated seed file. */
import { DEMONSTRATION_STATIONS, demonstrationElection } from './demonstration.ts';

export const seedFiles = (): Readonly<Record<string, string>> => ({
  'elections/demonstration.json': `${JSON.stringify(demonstrationElection(), null, 1)}\n`,
  'places/demonstration.json': `${JSON.stringify(DEMONSTRATION_STATIONS, null, 1)}\n`,
});
