/** An impossible deed, by name. Codes are sentences in the panel's catalogues. */
export const BENCH_REFUSALS = [
  'bad_request',
  'station_unknown',
  'station_exists',
  'too_many_stations',
  'card_unknown',
  'card_exists',
  'too_many_cards',
  'slot_occupied',
  'already_there',
  'no_power',
  'fault_impossible',
  'already_enrolled',
  'not_enrolled',
  'box_refused',
  'firmware_fault',
  'timeout',
  'failed',
] as const;
export type BenchRefusalCode = (typeof BENCH_REFUSALS)[number];

export class BenchRefusal extends Error {
  override readonly name = 'BenchRefusal';
  readonly code: BenchRefusalCode;
  readonly detail: string | undefined;
  constructor(code: BenchRefusalCode, detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}
