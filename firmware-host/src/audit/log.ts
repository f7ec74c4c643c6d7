// The event log of the image: chain, counters, and the head that the box signed at close.
import {
  type Bytes,
  type Crypto,
  concatBytes,
  equalBytes,
  parseTyped,
  records,
  verifyRecord,
} from '@sandoq/protocol';
import {
  LOG_CHAIN_BYTES,
  LOG_FACT_BYTES,
  LOG_ROW_BYTES,
  ROW_COMMITTED,
  type StoreLayout,
  WORDS_FREE,
} from './layout.ts';

/** What the reader of the image offers. */
export interface ImageReader<Code extends string> {
  find(code: Code, at: string | number): void;
  word(address: number): number;
  bytes(address: number, length: number): Bytes;
  isAll(address: number, length: number, value: number): boolean;
}

export type LogFinding =
  | 'log_chain_broken'
  | 'log_row_unfinished'
  | 'log_row_after_end'
  | 'log_event_unknown'
  | 'log_counters_impossible'
  | 'log_counters_differ'
  | 'log_checkpoint_invalid'
  | 'log_checkpoint_differs';

/** The words of the vocabulary that a box writes. */
export const EVENTS: ReadonlyMap<number, records.LogEvent> = new Map([
  [10, 'opened'],
  [13, 'doors_closed'],
  [14, 'closed'],
  [31, 'ballot_printed'],
  [32, 'ballot_cast'],
  [33, 'ballot_rejected'],
  [34, 'ballot_retained'],
  [40, 'paper_jammed'],
  [44, 'power_restored'],
]);

export interface LogLine {
  readonly event: records.LogEvent;
  /** hours of power since opening */
  readonly bucket: number;
  readonly votes: number;
  readonly papers: number;
}

export interface ImageLog {
  readonly lines: readonly LogLine[];
  readonly head: Bytes;
  /** rows that power cuts spoiled */
  readonly torn: number;
}

const W_COMMIT = LOG_ROW_BYTES - 4;

function readLine(reader: ImageReader<LogFinding>, at: number, row: number): LogLine | undefined {
  const word = reader.word(at);
  const event = EVENTS.get(word & 0xffff);
  if (event === undefined) reader.find('log_event_unknown', row);
  return event && { event, bucket: word >>> 16, votes: reader.word(at + 4), papers: reader.word(at + 8) };
}

/** A count grows by its own event, or over a loss of power by what the cut left without its row. */
function checkStep(
  reader: ImageReader<LogFinding>,
  before: LogLine | undefined,
  line: LogLine,
  row: number,
): void {
  const votes = line.votes - (before?.votes ?? 0);
  const papers = line.papers - (before?.papers ?? 0);
  const restored = line.event === 'power_restored';
  const may = (grown: number, event: records.LogEvent): boolean =>
    line.event === event ? grown === 1 : grown === 0 || (restored && grown === 1);
  if (!may(votes, 'ballot_cast') || !may(papers, 'ballot_printed') || line.bucket < (before?.bucket ?? 0))
    reader.find('log_counters_impossible', row);
}

export function readLog(
  reader: ImageReader<LogFinding>,
  crypto: Pick<Crypto, 'sha256'>,
  layout: StoreLayout,
): ImageLog {
  let head: Bytes = new Uint8Array(LOG_CHAIN_BYTES);
  const lines: LogLine[] = [];
  let torn = 0;
  let row = 0;
  for (; row < layout.logRows; row++) {
    const at = layout.log + row * LOG_ROW_BYTES;
    if (reader.isAll(at, LOG_ROW_BYTES, 0xff)) break;
    if (reader.isAll(at, LOG_ROW_BYTES, 0)) {
      torn++;
      continue;
    }
    if (reader.word(at + W_COMMIT) !== ROW_COMMITTED) {
      reader.find('log_row_unfinished', row);
      continue;
    }
    const chain = crypto.sha256(concatBytes(head, reader.bytes(at, LOG_FACT_BYTES)));
    head = reader.bytes(at + LOG_FACT_BYTES, LOG_CHAIN_BYTES);
    if (!equalBytes(chain, head)) reader.find('log_chain_broken', row);
    const line = readLine(reader, at, row);
    if (line === undefined) continue;
    checkStep(reader, lines.at(-1), line, row);
    lines.push(line);
  }
  const end = layout.log + layout.logRows * LOG_ROW_BYTES;
  const rest = layout.log + row * LOG_ROW_BYTES;
  if (rest < end && !reader.isAll(rest, end - rest, 0xff)) reader.find('log_row_after_end', row);
  return { lines, head, torn };
}

/** The last line against what the rows of the store say. In a running box one fact may still be without its line. */
export function checkLogCounters(
  reader: ImageReader<LogFinding>,
  log: ImageLog,
  counted: { readonly votes: number; readonly papers: number },
  slack: number,
): void {
  const last = log.lines.at(-1);
  const differs = (now: number, said: number): boolean => now < said || now > said + slack;
  if (differs(counted.votes, last?.votes ?? 0)) reader.find('log_counters_differ', 'votes');
  if (differs(counted.papers, last?.papers ?? 0)) reader.find('log_counters_differ', 'papers');
}

/** At close: the signed head is the head of these lines, and the last of them says closed. */
export function checkLogHead(
  reader: ImageReader<LogFinding>,
  crypto: Pick<Crypto, 'verify'>,
  layout: StoreLayout,
  log: ImageLog,
  boxKey: Bytes,
): void {
  const length = reader.word(layout.logHead);
  const parsed =
    length === WORDS_FREE || length > layout.end - layout.logHead - 16
      ? undefined
      : parseTyped(reader.bytes(layout.logHead + 16, length), 'log-checkpoint', records.logCheckpointShape);
  if (parsed?.ok !== true || !verifyRecord(crypto, boxKey, parsed.value.record)) {
    reader.find('log_checkpoint_invalid', layout.logHead);
    return;
  }
  const { lines, head } = parsed.value.value;
  if (lines !== log.lines.length || !equalBytes(head, log.head)) reader.find('log_checkpoint_differs', lines);
  if (log.lines.at(-1)?.event !== 'closed') reader.find('log_checkpoint_differs', 'closed');
}
