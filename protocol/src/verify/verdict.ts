/** What is said of a publication, what is asked for it, and what no publication can show. */
import type { NoteKey } from '../bulletin/note.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { Crypto } from '../crypto/ports.ts';
import type { Outcome } from '../law/outcome.ts';
import type { CheckedFolder, Provisioning } from '../records/provisioning.ts';
import type { BulletinReport } from './check-bulletin.ts';
import type { Fault, PublicationReader } from './publication.ts';

export const VERDICT_FORM = 'sandoq.verify.verdict/1';

/** What no published file can show, and what can. */
export const NOT_SHOWN = [
  'totals_rest_on_recount',
  'box_and_station_together_rest_on_paper',
  'armed_cards_rest_on_ledgers',
  'authority_key_rests_on_its_holder',
] as const;
/** What was left unshown this time, and how it could be shown. */
export type Caveat =
  | (typeof NOT_SHOWN)[number]
  | 'authority_key_from_the_folder'
  | 'no_witness'
  | 'no_checkpoint_seen_before'
  | 'slips_missing'
  | 'slips_disputed'
  | 'law_not_bound'
  | 'sums_not_compared'
  | 'draw_needed';

export interface Verdict {
  readonly form: string;
  readonly ok: boolean;
  readonly election: string | null;
  readonly mode: 'rehearsal' | 'official' | null;
  readonly authority_key: string | null;
  readonly package_digest: string | null;
  readonly slips: {
    readonly expected: number;
    readonly received: number;
    readonly missing: number;
    /** there, but with a fault that is named */
    readonly not_holding: number;
    readonly disputed: number;
  } | null;
  readonly missing: readonly string[];
  readonly disputed: readonly { readonly station: string; readonly reasons: readonly string[] }[];
  readonly corrected: readonly { readonly station: string; readonly version: number }[];
  readonly checked: { readonly files: number; readonly signatures: number };
  /** files that are bound by the index and not made again here */
  readonly only_bound: readonly string[];
  readonly bulletin: BulletinReport | null;
  /** as docs/LAW.md section 9 has it */
  readonly outcome: Outcome | null;
  readonly faults: readonly Fault[];
  readonly faults_unnamed: number;
  readonly not_shown: readonly Caveat[];
}

export interface VerifyOrder {
  readonly reader: PublicationReader;
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  readonly authorityKey: Bytes;
  /** whether that key came from the folder itself and not from somewhere else */
  readonly keyFromFolder: boolean;
  readonly lots: string | null;
  readonly witnesses?: readonly NoteKey[];
  readonly seen?: ReadonlyMap<string, Bytes>;
  readonly progress?: (done: number, all: number) => void;
}

export function caveats(
  order: VerifyOrder,
  verdict: Pick<Verdict, 'slips' | 'outcome' | 'bulletin'>,
  damaged: boolean,
): readonly Caveat[] {
  const { slips, outcome, bulletin } = verdict;
  const list: Caveat[] = [];
  if (slips !== null && slips.missing > 0) list.push('slips_missing');
  if (slips !== null && slips.disputed > 0) list.push('slips_disputed');
  if (damaged) list.push('sums_not_compared');
  else if (slips !== null && outcome === null) list.push('law_not_bound');
  if (outcome?.contests.some(({ status }) => status === 'needs_draw')) list.push('draw_needed');
  if (bulletin !== null && bulletin.witnesses.length === 0) list.push('no_witness');
  if (bulletin !== null && bulletin.seen === 0) list.push('no_checkpoint_seen_before');
  if (order.keyFromFolder) list.push('authority_key_from_the_folder');
  return [...list, ...NOT_SHOWN];
}

export interface Verified {
  readonly verdict: Verdict;
  /** the package, where it holds */
  readonly provisioning: (CheckedFolder & Pick<Provisioning, 'amendments'>) | undefined;
}
