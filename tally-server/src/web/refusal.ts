/** Refusals over HTTP: a status, a name, and two sentences that say what is wrong and what to do. */
import {
  BUNDLE_REFUSALS,
  CORRECTION_REFUSALS,
  type CorrectionFault,
  LEDGERS,
  SEGMENT_BREAKS,
} from '@sandoq/protocol';
import { isTextKey, textOf } from '../texts.ts';

export const HTTP_REFUSALS = [
  'bad_request',
  'not_found',
  'unsupported_media_type',
  'body_too_large',
  'too_many_requests',
  'too_many_listeners',
  'election_unknown',
  'place_unknown',
  'slip_not_here',
  'slip_not_public',
  'forbidden',
  'claim_malformed',
  'claim_signature_invalid',
  'round_key_differs',
  'slip_already_held',
  'batch_malformed',
  'too_many_corrections',
  'provisioning_refused',
  'election_differs',
  'intake_full',
  'not_stored',
  'internal',
] as const;
export type RefusalCode = (typeof HTTP_REFUSALS)[number] | CorrectionFault['code'];
export const REFUSAL_CODES: readonly RefusalCode[] = [
  ...HTTP_REFUSALS,
  ...BUNDLE_REFUSALS,
  ...CORRECTION_REFUSALS,
  ...LEDGERS,
  ...SEGMENT_BREAKS,
];

export interface Refusal {
  readonly status: number;
  readonly code: RefusalCode;
  /** the part that is wrong, for example `sessions[0]: approvals[1]` */
  readonly at?: string;
  readonly wanted?: string;
}

export interface RefusalBody {
  readonly code: string;
  readonly at: string;
  readonly wanted: string;
  readonly message_fa: string;
  readonly message_en: string;
}

export function refusalBody({ code, at = '', wanted = '' }: Refusal): RefusalBody {
  const key = `refusal.${code}`;
  if (!isTextKey(key)) throw new Error(`no sentence for the refusal ${code}`);
  return { code, at, wanted, message_fa: textOf('fa', key), message_en: textOf('en', key) };
}

/** Refusals of a bundle: its form, its place, its state, or what it says. */
const STATUS_OF: Partial<Readonly<Record<RefusalCode, number>>> = {
  too_long: 413,
  bundle_malformed: 400,
  record_malformed: 400,
  record_of_other_type: 400,
  payload_malformed: 400,
  rehearsal_refused: 403,
  official_refused: 403,
  station_unknown: 404,
  // Somebody else's correction came first, or it is about a slip that never stood.
  supersedes_differs: 409,
};
const UNPROCESSABLE = 422;

export const bundleRefusalStatus = (code: CorrectionFault['code']): number =>
  STATUS_OF[code] ?? UNPROCESSABLE;
