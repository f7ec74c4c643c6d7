/** What every part of the admission process works with. No singletons: a simulator runs many stations in one process. */
import type { Bytes, Crypto, RandomBytes } from '@sandoq/protocol';
import type { Clock } from '../devices/clock.ts';
import type { Reader } from '../devices/reader.ts';
import { diskFaultOf } from '../stores/disk-fault.ts';
import { bucketOf, type EventLog, type LogEntry } from '../stores/event-log.ts';
import type { Claims } from './claims.ts';
import type { AdmissionElection } from './election.ts';
import type { Hints } from './hints.ts';
import type { InHandFile } from './in-hand.ts';
import type { Journal } from './journal.ts';
import type { Roll } from './roll.ts';
import type { Terminals } from './terminals/terminals.ts';

export interface AdmissionStores {
  readonly journal: Journal;
  readonly inHand: InHandFile;
  readonly log: EventLog;
}

export interface DeskContext {
  readonly election: AdmissionElection;
  readonly crypto: Crypto;
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly reader: Reader;
  readonly stores: AdmissionStores;
  readonly roll: Roll;
  readonly claims: Claims;
  readonly hints: Hints;
  /** undefined: the station has one terminal, and one device for its journal */
  readonly terminals: Terminals | undefined;
  /** who signs the holder objects of national cards; undefined where none is known */
  readonly registryKey: () => Bytes | undefined;
  /** Counters, a role, a refusal's name: nothing of a person. */
  readonly note: (entry: LogEntry) => void;
  readonly changed: () => void;
}

export const nowSeconds = (context: Pick<DeskContext, 'clock'>): number =>
  Math.floor(context.clock.nowMs() / 1000);

export const currentBucket = (context: Pick<DeskContext, 'clock' | 'election'>): number =>
  bucketOf(nowSeconds(context), context.election.settings.timeBucketMinutes);

/** How long a line about an armed card may wait for others: it halves the syncs of a busy desk. */
export const NOTES_WAIT_MS = 250;
/** Lines that may wait; more are written at once. */
export const NOTES_WAITING_MAX = 64;
/** After a disk took nothing. */
export const NOTES_AGAIN_MS = 5_000;

export interface Notes {
  note(entry: LogEntry): void;
  flush(): void;
}

/**
 * Lines about armed cards are written together; any other line takes those waiting with it, so that the order in the
 * log is the order of what happened. A crash loses at most the waiting ones: the journal is the record, and the next
 * line's counter shows it.
 */
export function createNotes(log: EventLog, clock: Clock, onFull: () => void): Notes {
  let waiting: LogEntry[] = [];
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    const entries = waiting;
    waiting = [];
    if (entries.length === 0) return;
    try {
      if (!log.append(...entries).ok) onFull();
    } catch (cause) {
      // A disk that takes nothing stops no admission here: what must be durable says so itself.
      if (diskFaultOf(cause) === undefined) throw cause;
      const kept = [...entries, ...waiting];
      waiting = kept.slice(-NOTES_WAITING_MAX);
      if (waiting.length < kept.length) onFull();
      cancel = clock.after(NOTES_AGAIN_MS, flush);
    }
  };
  return {
    flush,
    note(entry) {
      waiting.push(entry);
      if (entry.event !== 'card_armed' || waiting.length >= NOTES_WAITING_MAX) flush();
      else cancel ??= clock.after(NOTES_WAIT_MS, flush);
    },
  };
}
