/** What the parts of the voting process share. One object a process, made by `createVoting`; no part keeps its own copy. */
import type { Bytes, Crypto, RandomBytes, records, wire } from '@sandoq/protocol';
import { sessionSubject, toHex } from '@sandoq/protocol';
import type { VOTING_PHASES } from '../contract/voting.ts';
import type { BoxLink } from '../devices/box-link.ts';
import type { LinkIdentity } from '../devices/box-proof.ts';
import type { Clock } from '../devices/clock.ts';
import type { Reader } from '../devices/reader.ts';
import type { CloseEvent, CloseState } from '../machines/close.ts';
import type { PureMachine } from '../machines/pure.ts';
import type { StationEvent, StationState } from '../machines/station.ts';
import type { CandidatePictures } from '../stores/candidate-pictures.ts';
import { diskFaultOf } from '../stores/disk-fault.ts';
import type { EventLog, LogEntry } from '../stores/event-log.ts';
import type { RecordsStore } from '../stores/records-store.ts';
import type { StateStore } from '../stores/state-store.ts';
import type { LoadedElection } from './election.ts';

export type VotingPhase = (typeof VOTING_PHASES)[number];

/** The opening in force: who the session key belongs to, and what it signs under. */
export interface SessionInForce {
  readonly value: records.Session;
  readonly record: Bytes;
  readonly zeroReport: records.ZeroReport;
  readonly zeroReportRecord: Bytes;
}

export interface Progress {
  readonly code: string;
  readonly permille: number;
}

export interface VotingContext {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly crypto: Crypto;
  readonly identity: LinkIdentity;
  /** replaced whole by an amendment, never changed */
  election: LoadedElection;
  /** as they were when the package was loaded; no amendment changes a picture */
  readonly pictures: CandidatePictures;
  readonly records: RecordsStore;
  readonly state: StateStore;
  readonly log: EventLog;
  readonly link: BoxLink;
  readonly reader: Reader;
  readonly station: PureMachine<StationState, StationEvent>;
  readonly closing: PureMachine<CloseState, CloseEvent>;
  /** `out/` of the data folder */
  readonly outFolder: string;
  box: wire.StatusReply | undefined;
  /** the box's last word on its counters: the ledgers stay in sight while it does not answer */
  counters: wire.StatusReply['counters'] | undefined;
  session: SessionInForce | undefined;
  commitment: { readonly value: records.Commitment; readonly record: Bytes } | undefined;
  fault: string | undefined;
  progress: Progress | undefined;
  /** nobody new is begun with; kept in the state store under `paused` */
  paused: boolean;
  /** The process is ending: answers that still come are not acted on. */
  closed: boolean;
  /** of the log's lines that wait for others; undefined: none is waiting */
  cancelFlush: (() => void) | undefined;
  /** Every view may have changed. */
  changed(): void;
  /** One conversation with role cards at a time: selecting a card anew forgets the PIN that another has just given. */
  withCards<Value>(talk: () => Promise<Value>): Promise<Value>;
}

export function inTurn(): VotingContext['withCards'] {
  let last: Promise<unknown> = Promise.resolve();
  return (talk) => {
    const mine = last.then(talk, talk);
    last = mine.catch(() => undefined);
    return mine;
  };
}

export const nowSeconds = (context: Pick<VotingContext, 'clock'>): number =>
  Math.floor(context.clock.nowMs() / 1000);

const CLOSE_PHASES: Readonly<Record<CloseState, VotingPhase>> = {
  open: 'open',
  closing_doors: 'open',
  doors_closed: 'doors_closed',
  closing: 'closing',
  closed: 'closed',
  counting: 'counting',
  counted: 'counted',
  finished: 'finished',
};

export function phaseOf(context: Pick<VotingContext, 'station' | 'closing'>): VotingPhase {
  const station = context.station.state();
  return station === 'open' ? CLOSE_PHASES[context.closing.state()] : station;
}

/** The box and this store do not belong together: nobody votes until people have found out why. */
export const SESSION_FAULTS: ReadonlySet<string> = new Set([
  'box_session_differs',
  'box_closed_before_station',
]);

/** Voters may lay cards: from opening until the close is asked for. */
export function votingGoesOn(context: VotingContext): boolean {
  if (context.fault !== undefined && SESSION_FAULTS.has(context.fault)) return false;
  const phase = phaseOf(context);
  return phase === 'open' || phase === 'doors_closed';
}

/** A new voter may begin: voting goes on, and nobody has paused it. */
export const mayBegin = (context: VotingContext): boolean => votingGoesOn(context) && !context.paused;

/** Votes cast, derived from the slots. */
export const publicCount = (context: VotingContext): number =>
  context.records.count() / context.election.package.contests.length;

export const sessionSigner = (session: SessionInForce) => sessionSubject(toHex(session.value.sessionId));

export const hasDiskFault = ({ fault }: Pick<VotingContext, 'fault'>): boolean =>
  fault === 'disk_full' || fault === 'disk_failed';

/**
 * What must not stop the day where the disk takes nothing: it is shown, until something is taken again.
 * @param proves that the disk works, where it ends well: not so where perhaps nothing was to be written
 * @returns whether it ended well
 */
export function onDisk(context: VotingContext, write: () => void, proves = true): boolean {
  try {
    write();
  } catch (cause) {
    const fault = diskFaultOf(cause);
    if (fault === undefined) throw cause;
    setFault(context, fault);
    return false;
  }
  if (proves && hasDiskFault(context)) setFault(context, undefined);
  return true;
}

/** A line in the log; a full log does not stop the day, it is shown. */
export function note(context: VotingContext, ...entries: readonly LogEntry[]): void {
  if (context.closed) return;
  onDisk(context, () => {
    const written = context.log.append(...entries);
    if (!written.ok) context.fault = written.fault.code;
  });
}

/** The longest that a line waits for others: a crash loses at most so much, and the next line's counter shows it. */
export const NOTES_WAIT_MS = 250;

/**
 * A line that may wait for the next durable one: what happened is known from the stores and the box after a restart.
 * A busy hour's votes are written several together.
 */
export function noteSoon(context: VotingContext, entry: LogEntry): void {
  if (context.closed) return;
  const wrote = onDisk(
    context,
    () => {
      const written = context.log.appendSoon(entry);
      if (!written.ok) context.fault = written.fault.code;
    },
    false,
  );
  const waitMs = wrote ? NOTES_WAIT_MS : NOTES_AGAIN_MS;
  context.cancelFlush ??= context.clock.after(waitMs, () => flushNotes(context));
}

/** A disk that takes nothing stops nobody here, and is asked again. */
function flushNotes(context: VotingContext): void {
  context.cancelFlush = undefined;
  if (context.closed) return;
  // What was full takes something again, and the officer is told so; where nothing waits, nothing is known.
  const proves = context.log.waiting() > 0;
  const taken = onDisk(context, () => context.log.flush(), proves);
  if (!taken) context.cancelFlush = context.clock.after(NOTES_AGAIN_MS, () => flushNotes(context));
}
/** After a disk took nothing. */
const NOTES_AGAIN_MS = 5_000;

export function setFault(context: VotingContext, code: string | undefined): void {
  if (context.fault === code) return;
  context.fault = code;
  context.changed();
}

/** Moves both machines' states into the state store together with the facts that they stand for. */
export function commitStage(
  context: VotingContext,
  event: { readonly station?: StationEvent; readonly closing?: CloseEvent },
  facts: Parameters<StateStore['commit']>[0]['facts'] = {},
): void {
  const station = event.station === undefined ? undefined : context.station.peek(event.station).state;
  const closing = event.closing === undefined ? undefined : context.closing.peek(event.closing).state;
  context.state.commit({
    facts,
    snapshots: {
      ...(station === undefined ? {} : { station }),
      ...(closing === undefined ? {} : { close: closing }),
    },
  });
  if (event.station !== undefined) context.station.send(event.station);
  if (event.closing !== undefined) context.closing.send(event.closing);
  context.changed();
}
