/** The tarefe card on the desk's pad: prepared, armed, asked for its state, voided. Its nonce lives in memory only. */
import {
  ADMISSION_SLOTS,
  type ArmData,
  type Bytes,
  checkSignature,
  encode,
  equalBytes,
  parseTyped,
  records,
  success,
  TAREFE_BYTES_MAX,
  tarefeSubject,
} from '@sandoq/protocol';
import {
  armTarefe,
  type CardResult,
  cardIn,
  prepareTarefe,
  readTarefe,
  selectCard,
  voidTarefe,
} from '../devices/cards.ts';
import { type DeskContext, nowSeconds } from './context.ts';
import { refused, tarefeRefusal } from './faults.ts';

const CHALLENGE_BYTES = 32;

/** What the card says of itself, and of which laying. */
export type TarefeWord = records.Tarefe & { readonly laid: number };

export interface TarefePad {
  present(): boolean;
  /** grows whenever another card may lie there */
  laid(): number;
  /** @throws Refused where no tarefe card lies there */
  select(): Promise<void>;
  /**
   * Selects the card. @returns a new arming nonce, and of which laying it is. @throws Refused `tarefe_armed` where the card
   * is armed
   */
  prepare(): Promise<{ readonly armingNonce: Bytes; readonly laid: number }>;
  /**
   * Arms the card that is selected. @returns its state afterwards, as `look` has it, or why it has not armed. @throws
   * Refused where it armed and then said nothing, or not the truth
   */
  arm(data: ArmData): Promise<CardResult<TarefeWord>>;
  /** Selects the card. @returns its state, over a fresh challenge, under the station's tarefe key. @throws Refused */
  look(): Promise<TarefeWord>;
  void(approvals: readonly [Bytes, Bytes]): Promise<CardResult<Bytes>>;
  digestOf(statement: records.ArmStatement): Bytes;
}

export const sameStatement = (a: records.ArmStatement, b: records.ArmStatement): boolean =>
  equalBytes(encode(records.armStatementShape, a), encode(records.armStatementShape, b));

export function createTarefePad(context: DeskContext): TarefePad {
  const card = cardIn(context.reader, ADMISSION_SLOTS.tarefe);
  const slot = () => context.reader.status().slots[ADMISSION_SLOTS.tarefe];
  /** @throws Refused where it is no word of a card of ours on this challenge */
  const checked = (answer: CardResult<Bytes>, challenge: Bytes): records.Tarefe => {
    if (!answer.ok) throw tarefeRefusal(answer.fault);
    const parsed = parseTyped(answer.value, 'tarefe', records.tarefeShape, TAREFE_BYTES_MAX);
    if (!parsed.ok) throw refused('tarefe_refused');
    const { record, value } = parsed.value;
    const { election, crypto } = context;
    const ours =
      record.signer === tarefeSubject(election.station.id) &&
      checkSignature(crypto, election.directory, election.election, nowSeconds(context), record).ok;
    if (!ours) throw refused('tarefe_of_other_station');
    if (!equalBytes(value.challenge, challenge)) throw refused('tarefe_refused');
    return value;
  };
  return {
    present: () => slot()?.present === true,
    laid: () => slot()?.laid ?? 0,
    async select() {
      const selected = await selectCard(card, 'tarefe_card');
      if (!selected.ok) throw tarefeRefusal(selected.fault);
    },
    async prepare() {
      const prepared = await prepareTarefe(card);
      if (!prepared.ok) throw tarefeRefusal(prepared.fault);
      return prepared.value;
    },
    async arm(data) {
      const challenge = context.random(CHALLENGE_BYTES);
      const { armed, said, laid } = await armTarefe(card, data, challenge);
      return armed.ok ? success({ ...checked(said, challenge), laid }) : armed;
    },
    async look() {
      const challenge = context.random(CHALLENGE_BYTES);
      const read = await readTarefe(card, challenge);
      if (!read.ok) throw tarefeRefusal(read.fault);
      const { data, laid } = read.value;
      return { ...checked(success(data), challenge), laid };
    },
    void: (approvals) => voidTarefe(card, approvals),
    digestOf: (statement) => context.crypto.sha256(encode(records.armStatementShape, statement)),
  };
}
