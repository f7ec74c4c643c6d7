/**
 * Sends one bundle to the province until a receipt is kept: back-off with jitter, bounded, and harmless to repeat,
 * because intake answers the same bundle with the same receipt. A refusal by name is not retried: people must act.
 */
import {
  type Bytes,
  type Crypto,
  checkSignature,
  type ElectionId,
  equalBytes,
  type KeyDirectory,
  parseTyped,
  type RandomBytes,
  records,
  SMALL_RECORD_BYTES_MAX,
} from '@sandoq/protocol';
import type { Clock } from '../devices/clock.ts';

export const SEND_TIMEOUT_MS = 20_000;
export const RETRY_MIN_MS = 1_000;
export const RETRY_MAX_MS = 300_000;
/** At five minutes a try, a week: by then the slip has been carried by hand. */
export const SEND_TRIES_MAX = 2_016;
export const RECEIPT_ANSWER_BYTES_MAX = 64 * 1024;

export type OutboxState = 'empty' | 'waiting' | 'sending' | 'received' | 'refused';

export interface OutboxView {
  readonly state: OutboxState;
  readonly tries: number;
  readonly code: string | null;
}

export type SendResult =
  | { readonly kind: 'answered'; readonly receipt: Bytes }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unreachable' };

/** One try; never throws. */
export type SendBundle = (bundle: Bytes) => Promise<SendResult>;

export interface OutboxOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  readonly directory: KeyDirectory;
  readonly election: ElectionId;
  readonly send: SendBundle;
  readonly onReceipt: (receipt: Bytes) => void;
  readonly onChange: (view: OutboxView) => void;
}

/** @returns whether the receipt is the intake's word for exactly this bundle. */
export function receiptHolds(
  options: Pick<OutboxOptions, 'crypto' | 'directory' | 'election' | 'clock'>,
  bundle: Bytes,
  bytes: Bytes,
): boolean {
  const parsed = parseTyped(bytes, 'receipt', records.receiptShape, SMALL_RECORD_BYTES_MAX);
  if (!parsed.ok) return false;
  const at = Math.floor(options.clock.nowMs() / 1000);
  return (
    checkSignature(options.crypto, options.directory, options.election, at, parsed.value.record).ok &&
    equalBytes(parsed.value.value.bundleDigest, options.crypto.sha256(bundle))
  );
}

/** Doubles from RETRY_MIN_MS to RETRY_MAX_MS, and a random half of it: stations do not all come back at once. */
export function retryDelayMs(tries: number, random: RandomBytes): number {
  const full = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(tries, 20));
  const [high, low] = random(2);
  const fraction = (((high as number) << 8) | (low as number)) / 0x1_0000;
  return Math.floor(full / 2 + (full / 2) * fraction);
}

export interface Outbox {
  view(): OutboxView;
  /** Starts sending at once, also where it was waiting. @returns after this try. */
  send(bundle: Bytes): Promise<OutboxView>;
  close(): void;
}

export function createOutbox(options: OutboxOptions, received: boolean): Outbox {
  let view: OutboxView = { state: received ? 'received' : 'empty', tries: 0, code: null };
  let cancelRetry = (): void => undefined;
  let running: Promise<OutboxView> | undefined;
  let closed = false;

  const set = (next: Partial<OutboxView>): void => {
    view = { ...view, ...next };
    options.onChange(view);
  };

  const attempt = async (bundle: Bytes): Promise<OutboxView> => {
    set({ state: 'sending', tries: view.tries + 1 });
    const result = await options.send(bundle);
    if (closed) return view;
    if (result.kind === 'answered' && receiptHolds(options, bundle, result.receipt)) {
      set({ state: 'received', code: null });
      options.onReceipt(result.receipt);
    } else if (result.kind === 'refused') set({ state: 'refused', code: result.code });
    else if (view.tries >= SEND_TRIES_MAX) set({ state: 'refused', code: 'gave_up' });
    else {
      set({
        state: 'waiting',
        code: result.kind === 'answered' ? 'receipt_invalid' : 'province_unreachable',
      });
      cancelRetry = options.clock.after(
        retryDelayMs(view.tries - 1, options.random),
        () => void start(bundle),
      );
    }
    return view;
  };

  const start = (bundle: Bytes): Promise<OutboxView> => {
    cancelRetry();
    running ??= attempt(bundle).finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    view: () => view,
    send: (bundle) => (view.state === 'received' ? Promise.resolve(view) : start(bundle)),
    close() {
      closed = true;
      cancelRetry();
    },
  };
}
