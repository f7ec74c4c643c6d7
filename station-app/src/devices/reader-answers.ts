/** What a reader's messages say, for whoever asked it: the card's answers, or by which name there are none. Pure. */
import {
  type ApduAnswer,
  type Bytes,
  decodeScriptAnswer,
  failure,
  HID_ERRORS,
  parseApduAnswer,
  type Result,
  success,
} from '@sandoq/protocol';

export type ReaderFault =
  /** there is no device or socket at the path */
  | 'reader_absent'
  /** the link ended, or was not up */
  | 'reader_lost'
  /** no answer in time; whether the card acted is unknown */
  | 'reader_timeout'
  /** reports out of form or out of turn */
  | 'reader_malformed'
  /** a reader, but of the other kind */
  | 'reader_of_other_kind'
  | 'reader_busy'
  | 'reader_refused'
  /** given up because we asked so; the card never got it */
  | 'reader_cancelled'
  | 'queue_full'
  | 'no_card'
  /** something lies there and does not answer: plastic without a chip, or a broken one */
  | 'card_mute'
  | 'slot_unknown';

/** What the card in a slot said to some commands given to it together. */
export interface ScriptOutcome {
  /** At least one; none behind a status word other than 9000. */
  readonly answers: readonly ApduAnswer[];
  /** why the command behind the last answer has none; whether the card acted is unknown */
  readonly stopped: ReaderFault | undefined;
  /** of the slot when these answers came: behind every report of cards that came and went before them */
  readonly laid: number;
}

/** @param code of HID_ERRORS */
export function faultOfError(code: number | undefined): ReaderFault {
  if (code === HID_ERRORS.no_card) return 'no_card';
  if (code === HID_ERRORS.slot_unknown) return 'slot_unknown';
  if (code === HID_ERRORS.timeout) return 'card_mute';
  if (code === HID_ERRORS.cancelled) return 'reader_cancelled';
  return 'reader_refused';
}

/** @param message `slot(1) | answer` */
export function readAnswer(message: Bytes): Result<ApduAnswer, ReaderFault> {
  // Too short for a status word is the card's doing: it must not cost the link and the PINs given through it.
  const answer = parseApduAnswer(message.subarray(1));
  return answer === undefined ? failure('card_mute') : success(answer);
}

/** @returns undefined where no reader may say so to a script of so many commands. */
export function readScript(
  message: Bytes,
  commandCount: number,
  laid: number,
): Result<ScriptOutcome, ReaderFault> | undefined {
  const said = decodeScriptAnswer(message, commandCount);
  if (said === undefined) return undefined;
  const answers = said.answers.map(parseApduAnswer).filter((one) => one !== undefined);
  // As above; a script ends behind such an answer, so that only the last can be one.
  const isMute = answers.length < said.answers.length;
  if (isMute && answers.length === 0) return failure('card_mute');
  const stopped = isMute ? 'card_mute' : said.stop === 0 ? undefined : faultOfError(said.stop);
  return success({ answers, stopped, laid });
}
