/**
 * Several commands to the card in one slot as one message, for a reader that says in its INIT answer that it knows them
 * (`READER_CAPABILITIES.scripts`). The reader sends them in order and stops behind the first answer whose status word is
 * not 9000, or where the card is gone: what stands in the message never says what the card shall do after a refusal.
 *
 * Script: `slot(1) | command...`, answer: `slot(1) | stop(1) | answer...`; a command and an answer are each `length(2) |
 * bytes`. `stop` is 0, or the code of HID_ERRORS why the next command got no answer. A script of which no command was
 * answered ends by `error`, as a single APDU does.
 */
import type { Bytes } from '../codec/bytes.ts';
import { STATUS_WORDS } from './apdu.ts';
import { HID_MESSAGE_BYTES_MAX } from './hid.ts';

export const SCRIPT_COMMANDS_MAX = 4;
/** Whole script, and whole answer: what one message carries. */
export const SCRIPT_BYTES_MAX = HID_MESSAGE_BYTES_MAX;
/** CLA, INS, P1, P2 */
const COMMAND_BYTES_MIN = 4;
const LENGTH_BYTES = 2;
const SCRIPT_HEAD_BYTES = 1;
const ANSWER_HEAD_BYTES = 2;

export interface ReaderScript {
  readonly slot: number;
  readonly commands: readonly Bytes[];
}

export interface ReaderScriptAnswer {
  readonly slot: number;
  /** 0, or a code of HID_ERRORS */
  readonly stop: number;
  /** each with its status word at its end; a card may answer too little to have one */
  readonly answers: readonly Bytes[];
}

const sizeOf = (headBytes: number, items: readonly Bytes[]): number =>
  items.reduce((sum, item) => sum + LENGTH_BYTES + item.length, headBytes);

function writeItems(into: Bytes, headBytes: number, items: readonly Bytes[]): Bytes {
  let at = headBytes;
  for (const item of items) {
    into[at++] = item.length >> 8;
    into[at++] = item.length & 0xff;
    into.set(item, at);
    at += item.length;
  }
  return into;
}

/** @returns the items that fill the bytes exactly, as views of them; undefined for anything else. Total. */
function readItems(bytes: Bytes, headBytes: number): readonly Bytes[] | undefined {
  if (bytes.length > SCRIPT_BYTES_MAX) return undefined;
  const items: Bytes[] = [];
  let at = headBytes;
  while (at < bytes.length) {
    if (items.length === SCRIPT_COMMANDS_MAX || at + LENGTH_BYTES > bytes.length) return undefined;
    const start = at + LENGTH_BYTES;
    const end = start + (((bytes[at] as number) << 8) | (bytes[at + 1] as number));
    if (end > bytes.length) return undefined;
    items.push(bytes.subarray(start, end));
    at = end;
  }
  return items.length === 0 ? undefined : items;
}

/** @throws RangeError for a script that no reader may be sent: too many commands, none, one that is none, too many bytes. */
export function encodeScript({ slot, commands }: ReaderScript): Bytes {
  if (commands.length === 0 || commands.length > SCRIPT_COMMANDS_MAX)
    throw new RangeError(`a script has 1 to ${SCRIPT_COMMANDS_MAX} commands`);
  if (commands.some((command) => command.length < COMMAND_BYTES_MIN))
    throw new RangeError(`a command has at least ${COMMAND_BYTES_MIN} bytes`);
  const bytes = sizeOf(SCRIPT_HEAD_BYTES, commands);
  if (bytes > SCRIPT_BYTES_MAX) throw new RangeError(`script above ${SCRIPT_BYTES_MAX} bytes`);
  const script = new Uint8Array(bytes);
  script[0] = slot;
  return writeItems(script, SCRIPT_HEAD_BYTES, commands);
}

/** @returns undefined for anything that `encodeScript` does not give. Total. */
export function decodeScript(bytes: Bytes): ReaderScript | undefined {
  const slot = bytes[0];
  const commands = readItems(bytes, SCRIPT_HEAD_BYTES);
  if (slot === undefined || commands === undefined) return undefined;
  return commands.some((command) => command.length < COMMAND_BYTES_MIN) ? undefined : { slot, commands };
}

/** Whether the answers so far and one more fit into one message: what does not is told by `answer_too_long`. */
export const scriptAnswerFits = (answers: readonly Bytes[]): boolean =>
  sizeOf(ANSWER_HEAD_BYTES, answers) <= SCRIPT_BYTES_MAX;

/** @throws RangeError where the answers do not fit */
export function encodeScriptAnswer({ slot, stop, answers }: ReaderScriptAnswer): Bytes {
  if (!scriptAnswerFits(answers)) throw new RangeError(`answer of a script above ${SCRIPT_BYTES_MAX} bytes`);
  const answer = new Uint8Array(sizeOf(ANSWER_HEAD_BYTES, answers));
  answer[0] = slot;
  answer[1] = stop;
  return writeItems(answer, ANSWER_HEAD_BYTES, answers);
}

/** The script goes on behind this answer. */
export const isScriptAnswerOk = (answer: Bytes): boolean =>
  answer.length >= 2 &&
  (answer[answer.length - 2] as number) === STATUS_WORDS.ok >> 8 &&
  (answer[answer.length - 1] as number) === (STATUS_WORDS.ok & 0xff);

/**
 * @param commandCount of the script that was sent
 * @returns undefined for what no reader may answer to it: stopped too early, too late, or without a reason. Total.
 */
export function decodeScriptAnswer(bytes: Bytes, commandCount: number): ReaderScriptAnswer | undefined {
  const [slot, stop] = bytes;
  const answers = readItems(bytes, ANSWER_HEAD_BYTES);
  if (slot === undefined || stop === undefined || answers === undefined) return undefined;
  if (answers.length > commandCount) return undefined;
  const last = answers.length - 1;
  if (!answers.every((answer, index) => index === last || isScriptAnswerOk(answer))) return undefined;
  const isLastOk = isScriptAnswerOk(answers[last] as Bytes);
  const isWhole = answers.length === commandCount || !isLastOk;
  return isWhole === (stop === 0) ? { slot, stop, answers } : undefined;
}
