/**
 * What every card has in common: SELECT, long answers in pieces, and an applet as a pure step from state and command to
 * state and answer. What must survive the card's leaving the field is `state`; `session` is lost with the field.
 */
import {
  APDU_DATA_BYTES_MAX,
  type Bytes,
  CHAINED_CLA,
  type Crypto,
  concatBytes,
  equalBytes,
  GET_RESPONSE_INS,
  INS,
  type RandomBytes,
  STATUS_WORDS,
} from '@sandoq/protocol';
import { type CommandApdu, parseCommand } from './apdu-command.ts';

export interface CardPorts {
  readonly crypto: Crypto;
  readonly random: RandomBytes;
}

export interface Step<State, Session> {
  /** the same object where nothing that lasts has changed */
  readonly state: State;
  readonly session: Session;
  readonly data: Bytes;
  readonly statusWord: number;
}

export interface Applet<State, Session> {
  readonly aid: Bytes;
  readonly selectAnswer: Bytes;
  readonly freshSession: Session;
  execute(state: State, session: Session, command: CommandApdu, ports: CardPorts): Step<State, Session>;
}

const NOTHING = new Uint8Array(0);

/** Steps in which nothing, only the session, or also the lasting state has changed. */
export const refuse = <State, Session>(
  state: State,
  session: Session,
  statusWord: number,
): Step<State, Session> => ({ state, session, data: NOTHING, statusWord });
export const answer = <State, Session>(
  state: State,
  session: Session,
  data: Bytes = NOTHING,
): Step<State, Session> => ({ state, session, data, statusWord: STATUS_WORDS.ok });

/** A piece of plastic: what a reader or pad holds in its field. */
export interface Card {
  /** Power comes or goes with the field: PINs and selections are forgotten. */
  reset(): void;
  /** Any bytes in, an answer with a status word out. Never throws. */
  transmit(apdu: Bytes): Bytes;
}

/** A shorter one would name too many applets. SP 800-73 selects by the first nine of eleven bytes. */
const AID_BYTES_MIN = 5;
const SELECT_BY_NAME = 0x04;

const respond = (data: Bytes, statusWord: number): Bytes =>
  concatBytes(data, Uint8Array.of(statusWord >> 8, statusWord & 0xff));

const names = (wanted: Bytes, aid: Bytes): boolean =>
  wanted.length >= AID_BYTES_MIN && wanted.length <= aid.length
    ? equalBytes(wanted, aid.subarray(0, wanted.length))
    : wanted.length > aid.length && equalBytes(wanted.subarray(0, aid.length), aid);

/** @param persist is called before the answer is given, as a chip writes its memory before it answers. */
export function createCard<State, Session>(
  applet: Applet<State, Session>,
  initial: State,
  ports: CardPorts,
  persist: (state: State) => void,
): Card {
  let state = initial;
  let session = applet.freshSession;
  let selected = false;
  let pending: Bytes = NOTHING;
  let chain: CommandApdu | undefined;
  const reset = (): void => {
    session = applet.freshSession;
    selected = false;
    pending = NOTHING;
    chain = undefined;
  };
  /** @returns the command whole, or the word for a link of it. ISO 7816-4 section 5.3.3. */
  const joinChain = (link: CommandApdu): CommandApdu | number => {
    const isMore = (link.cla & CHAINED_CLA) !== 0;
    const before = chain;
    chain = undefined;
    if (before === undefined && !isMore) return link;
    const cla = link.cla & ~CHAINED_CLA;
    const isSame =
      before === undefined ||
      (before.cla === cla && before.ins === link.ins && before.p1 === link.p1 && before.p2 === link.p2);
    if (!isSame) return STATUS_WORDS.last_link_expected;
    const data = before === undefined ? link.data : concatBytes(before.data, link.data);
    if (data.length > APDU_DATA_BYTES_MAX) return STATUS_WORDS.wrong_length;
    const joined = { ...link, cla, data };
    if (!isMore) return joined;
    chain = joined;
    return STATUS_WORDS.ok;
  };
  const inPieces = (data: Bytes, statusWord: number, answerBytesMax: number): Bytes => {
    if (data.length <= answerBytesMax) return respond(data, statusWord);
    pending = data.slice(answerBytesMax);
    return respond(data.subarray(0, answerBytesMax), 0x6100 | Math.min(pending.length, 0xff));
  };
  const select = (command: CommandApdu): Bytes => {
    reset();
    if (command.p1 !== SELECT_BY_NAME) return respond(NOTHING, STATUS_WORDS.wrong_p1p2);
    if (!names(command.data, applet.aid)) return respond(NOTHING, STATUS_WORDS.not_found);
    selected = true;
    return inPieces(applet.selectAnswer, STATUS_WORDS.ok, command.answerBytesMax);
  };
  return {
    reset,
    transmit(apdu) {
      const link = parseCommand(apdu);
      if (link === undefined) return respond(NOTHING, STATUS_WORDS.wrong_length);
      const command = joinChain(link);
      if (typeof command === 'number') return respond(NOTHING, command);
      const rest = pending;
      pending = NOTHING;
      if (command.ins === GET_RESPONSE_INS && rest.length > 0)
        return inPieces(rest, STATUS_WORDS.ok, command.answerBytesMax);
      if (command.ins === INS.select) return select(command);
      if (!selected) return respond(NOTHING, STATUS_WORDS.conditions_not_satisfied);
      const step = applet.execute(state, session, command, ports);
      if (step.state !== state) persist(step.state);
      state = step.state;
      session = step.session;
      return inPieces(step.data, step.statusWord, command.answerBytesMax);
    },
  };
}
