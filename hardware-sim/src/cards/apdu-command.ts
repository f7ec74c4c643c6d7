/** ISO 7816-4 command APDUs, short and extended (section 5.2, cases 1 to 4). Total: any bytes give a command or a refusal. */
import { APDU_DATA_BYTES_MAX, type Bytes } from '@sandoq/protocol';

export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Bytes;
  /** bytes the host will take in one answer: 256 in short form, 65536 in extended */
  readonly answerBytesMax: number;
}

const SHORT_ANSWER_BYTES_MAX = 256;
const EXTENDED_ANSWER_BYTES_MAX = 65_536;
const HEAD_BYTES = 4;

/** @returns undefined where the lengths do not add up: the card answers 6700. */
export function parseCommand(bytes: Bytes): CommandApdu | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const [cla, ins, p1, p2] = bytes as unknown as [number, number, number, number];
  const command = (data: Bytes, answerBytesMax: number): CommandApdu => ({
    cla,
    ins,
    p1,
    p2,
    data,
    answerBytesMax,
  });
  const body = bytes.subarray(HEAD_BYTES);
  const nothing = new Uint8Array(0);
  if (body.length === 0) return command(nothing, SHORT_ANSWER_BYTES_MAX);
  const first = body[0] as number;
  if (body.length === 1) return command(nothing, first === 0 ? SHORT_ANSWER_BYTES_MAX : first);
  if (first !== 0) {
    const rest = body.length - 1 - first;
    if (rest !== 0 && rest !== 1) return undefined;
    const expected = rest === 1 ? (body.at(-1) as number) : 0;
    return command(body.slice(1, 1 + first), expected === 0 ? SHORT_ANSWER_BYTES_MAX : expected);
  }
  if (body.length < 3) return undefined;
  const length = ((body[1] as number) << 8) | (body[2] as number);
  if (body.length === 3) return command(nothing, length === 0 ? EXTENDED_ANSWER_BYTES_MAX : length);
  const rest = body.length - 3 - length;
  if (length === 0 || length > APDU_DATA_BYTES_MAX || (rest !== 0 && rest !== 2)) return undefined;
  const expected = rest === 2 ? ((body.at(-2) as number) << 8) | (body.at(-1) as number) : 0;
  return command(body.slice(3, 3 + length), expected === 0 ? EXTENDED_ANSWER_BYTES_MAX : expected);
}
