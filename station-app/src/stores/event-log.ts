/**
 * A hash-chained log of EventLines, one file a process. A line is derived from the state that it reports, and holds a
 * coarse time, public counters, a role and a refusal's name: never a person, a choice or a record's name.
 */
import {
  type Bytes,
  type Crypto,
  checkSignature,
  DIGEST_BYTES,
  decode,
  type ElectionId,
  encode,
  equalBytes,
  failure,
  type KeyDirectory,
  parseTyped,
  type Result,
  records,
  type Subject,
  signTyped,
  success,
} from '@sandoq/protocol';
import { openDatabase } from './database.ts';

/** Ten lines for each of VOTES_MAX votes, and as many again for what goes wrong. */
export const LOG_LINES_MAX = 400_000;
/** A signed head at least this often: a cut tail is at most this long. */
export const CHECKPOINT_EVERY_LINES = 256;
export const LOG_COUNTERS_MAX = 8;
/** Lines that may wait for the next durable one. */
export const WAITING_LINES_MAX = 32;
const CHECKPOINT_BYTES_MAX = 1024;
const GENESIS = new Uint8Array(DIGEST_BYTES);

export interface LogEntry {
  readonly event: records.LogEvent;
  readonly role?: records.Role;
  /** public counters, meaning by event */
  readonly counters?: readonly number[];
  /** the name of a refusal */
  readonly refusal?: string;
}

export interface LogSigner {
  readonly election: ElectionId;
  readonly subject: Subject;
  readonly secretKey: Bytes;
}

export interface LogHead {
  readonly lines: number;
  readonly head: Bytes;
}

export interface EventLog {
  /** Durable when it returns. A full log takes no more lines and says so: voting goes on, the officer is told. */
  append(...entries: readonly LogEntry[]): Result<void, { readonly code: 'log_full' }>;
  /** Durable with the next line, or at the next `flush`: for what a restart finds out anyway. */
  appendSoon(entry: LogEntry): Result<void, { readonly code: 'log_full' }>;
  flush(): void;
  /** lines that wait for the next durable one */
  waiting(): number;
  /** From now on heads are signed: every CHECKPOINT_EVERY_LINES lines, and when asked. */
  signWith(signer: LogSigner): void;
  checkpoint(): void;
  head(): LogHead;
  lines(): readonly Bytes[];
  checkpoints(): readonly Bytes[];
  close(): void;
}

export interface EventLogOptions {
  readonly path: string;
  readonly crypto: Pick<Crypto, 'sha256' | 'sign'>;
  /** the time that a line may carry, epoch seconds: coarse while voting */
  readonly bucket: () => number;
}

/** The start of the period of `minutes` in which a moment lies; with 0 minutes the moment itself. */
export const bucketOf = (epochSeconds: number, minutes: number): number =>
  minutes === 0 ? epochSeconds : epochSeconds - (epochSeconds % (minutes * 60));

function lineOf(previous: Bytes, bucket: number, entry: LogEntry): Bytes {
  return encode(records.eventLineShape, {
    previous,
    event: entry.event,
    bucket,
    ...(entry.role === undefined ? {} : { role: entry.role }),
    ...(entry.counters === undefined ? {} : { counters: entry.counters }),
    ...(entry.refusal === undefined ? {} : { refusal: entry.refusal }),
  });
}

export function openEventLog(options: EventLogOptions): EventLog {
  const database = openDatabase(options.path, 'sequential');
  database.exec(
    'CREATE TABLE IF NOT EXISTS line (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;' +
      'CREATE TABLE IF NOT EXISTS checkpoint (lines INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;',
  );
  const insertLine = database.prepare('INSERT INTO line (number, bytes) VALUES (?, ?)');
  const insertCheckpoint = database.prepare('INSERT OR IGNORE INTO checkpoint (lines, record) VALUES (?, ?)');
  const last = database.prepare('SELECT number, bytes FROM line ORDER BY number DESC LIMIT 1').get() as
    | { number: number; bytes: Uint8Array }
    | undefined;
  let lines = last?.number ?? 0;
  let head: Bytes = last === undefined ? GENESIS : options.crypto.sha256(last.bytes);
  let signer: LogSigner | undefined;

  const sign = (at: LogHead): void => {
    if (signer === undefined || at.lines === 0) return;
    insertCheckpoint.run(
      at.lines,
      signTyped(
        options.crypto,
        signer.secretKey,
        { type: 'log-checkpoint', election: signer.election, signer: signer.subject },
        records.logCheckpointShape,
        { subject: signer.subject, lines: at.lines, head: at.head },
      ),
    );
  };
  const write = database.transaction((entries: readonly { entry: LogEntry; bucket: number }[]): LogHead => {
    let at: LogHead = { lines, head };
    for (const { entry, bucket } of entries) {
      const bytes = lineOf(at.head, bucket, entry);
      at = { lines: at.lines + 1, head: options.crypto.sha256(bytes) };
      insertLine.run(at.lines, bytes);
      if (at.lines % CHECKPOINT_EVERY_LINES === 0) sign(at);
    }
    return at;
  });

  let waiting: { readonly entry: LogEntry; readonly bucket: number }[] = [];
  const writeAll = (entries: readonly LogEntry[]): Result<void, { readonly code: 'log_full' }> => {
    const all = [...waiting, ...entries.map((entry) => ({ entry, bucket: options.bucket() }))];
    if (all.length === 0) return success(undefined);
    if (lines + all.length > LOG_LINES_MAX) return failure({ code: 'log_full' });
    ({ lines, head } = write(all));
    waiting = [];
    return success(undefined);
  };

  return {
    append: (...entries) => writeAll(entries),
    appendSoon(entry) {
      if (waiting.length >= WAITING_LINES_MAX) return writeAll([entry]);
      if (lines + waiting.length >= LOG_LINES_MAX) return failure({ code: 'log_full' });
      waiting.push({ entry, bucket: options.bucket() });
      return success(undefined);
    },
    flush() {
      writeAll([]);
    },
    waiting: () => waiting.length,
    signWith(next) {
      signer = next;
    },
    checkpoint() {
      writeAll([]);
      sign({ lines, head });
    },
    head: () => ({ lines, head }),
    lines: () =>
      (database.prepare('SELECT bytes FROM line ORDER BY number').all() as { bytes: Uint8Array }[]).map(
        ({ bytes }) => new Uint8Array(bytes),
      ),
    checkpoints: () =>
      (
        database.prepare('SELECT record FROM checkpoint ORDER BY lines').all() as { record: Uint8Array }[]
      ).map(({ record }) => new Uint8Array(record)),
    close() {
      writeAll([]);
      database.close();
    },
  };
}

export type LogFault =
  | { readonly code: 'line_malformed' | 'chain_broken'; readonly line: number }
  | { readonly code: 'checkpoint_invalid' | 'checkpoint_disagrees'; readonly checkpoint: number };

export interface LogVerification {
  readonly entries: readonly records.EventLine[];
  readonly head: Bytes;
  /** lines under the last signed head; what follows rests on the chain alone */
  readonly signedLines: number;
}

export interface CheckpointTrust {
  readonly crypto: Pick<Crypto, 'verify' | 'sha256'>;
  readonly directory: KeyDirectory;
  readonly election: ElectionId;
  readonly subject: Subject;
}

/** Replays a log: every line chained to the one before, every checkpoint signed by the log's owner over that head. */
export function verifyEventLog(
  lines: readonly Bytes[],
  checkpoints: readonly Bytes[],
  trust: CheckpointTrust,
): Result<LogVerification, LogFault> {
  const heads: Bytes[] = [GENESIS];
  const entries: records.EventLine[] = [];
  for (const [i, bytes] of lines.entries()) {
    const line = decode(records.eventLineShape, bytes);
    if (!line.ok) return failure({ code: 'line_malformed', line: i + 1 });
    if (!equalBytes(line.value.previous, heads[i] as Bytes))
      return failure({ code: 'chain_broken', line: i + 1 });
    entries.push(line.value);
    heads.push(trust.crypto.sha256(bytes));
  }
  let signedLines = 0;
  for (const [i, bytes] of checkpoints.entries()) {
    const parsed = parseTyped(bytes, 'log-checkpoint', records.logCheckpointShape, CHECKPOINT_BYTES_MAX);
    if (!parsed.ok) return failure({ code: 'checkpoint_invalid', checkpoint: i });
    const { record, value } = parsed.value;
    const signature = checkSignature(trust.crypto, trust.directory, trust.election, 0, record);
    if (!signature.ok || record.signer !== trust.subject || value.subject !== trust.subject)
      return failure({ code: 'checkpoint_invalid', checkpoint: i });
    const head = heads[value.lines];
    if (head === undefined || !equalBytes(head, value.head))
      return failure({ code: 'checkpoint_disagrees', checkpoint: i });
    signedLines = Math.max(signedLines, value.lines);
  }
  return success({ entries, head: heads.at(-1) as Bytes, signedLines });
}
