/**
 * One admission a round across stations: the seam to the province. The journal is the outbox: each line says what the
 * province was last told of it, so that nothing is forgotten by a crash or a dead line (protocol/docs/CLAIMS.md).
 */
import type { NationalCode } from '@sandoq/protocol/persian';
import type { LogEntry } from '../stores/event-log.ts';
import type { Admission } from './journal-cell.ts';

/** Another station, as the officer needs it. */
export interface Elsewhere {
  readonly station: string;
  readonly name: { readonly fa: string; readonly en: string };
  /** epoch seconds: start of the time bucket */
  readonly bucket: number;
}

export type ClaimAnswer =
  | { readonly kind: 'granted' }
  | { readonly kind: 'admitted_elsewhere'; readonly elsewhere: Elsewhere }
  /** Nobody answered in time; where it was sent, the province may hold the claim all the same. */
  | { readonly kind: 'unreachable'; readonly sent: boolean };

export interface ProvinceLine {
  readonly state: 'not_configured' | 'connecting' | 'connected' | 'lost' | 'fault';
  readonly code: 'province_unreachable' | 'round_key_missing' | 'round_key_differs' | 'claims_refused' | null;
}

export interface Claims {
  /** Bounded in time; at once where the line is known to be dead. Never throws. */
  claim(person: {
    readonly nationalCode: NationalCode;
    readonly turn: number;
    readonly bucket: number;
    readonly terminal?: number;
    readonly apart?: boolean;
  }): Promise<ClaimAnswer>;
  /** The journal has a line that the province does not know: it is told as soon as it can be. */
  owed(): void;
  line(): ProvinceLine;
  /** Ends when what is under way has ended or was given up. */
  close(): Promise<void>;
}

/** What claims need of the process that they belong to. */
export interface ClaimsSeam {
  readonly note: (entry: LogEntry) => void;
  readonly changed: () => void;
  /** what no officer can mend: without personal data */
  readonly failed: (cause: unknown) => void;
}

export type OpenClaims = (seam: ClaimsSeam) => Claims;

const noProvince = (line: ProvinceLine): Claims => ({
  claim: () => Promise.resolve({ kind: 'unreachable', sent: false }),
  owed: () => undefined,
  line: () => line,
  close: () => Promise.resolve(),
});

/** Without a province to ask: every admission counts as unconfirmed. */
export const localClaims: OpenClaims = () => noProvince({ state: 'not_configured', code: null });

/** A province, and no key to name people by: nothing is asked, and the officers are told. */
export const keylessClaims: OpenClaims = () => noProvince({ state: 'fault', code: 'round_key_missing' });

export type OwedStep = 'admitted' | 'release';

/** What the province is to be told of this line; undefined: it knows. */
export function owedStep(admission: Pick<Admission, 'state' | 'told' | 'turn'>): OwedStep | undefined {
  if (admission.turn === 0) return undefined;
  if (admission.state === 'admitted') return admission.told === 'claimed' ? undefined : 'admitted';
  return admission.told === 'released' ? undefined : 'release';
}

/** Claimed perhaps, and not admitted: the person may go elsewhere as soon as the province knows. */
export const withdrawn = (intended: Admission, before: Admission | undefined): Admission => ({
  ...intended,
  state: 'released',
  armings: before?.armings ?? 0,
  told: 'nothing',
});
