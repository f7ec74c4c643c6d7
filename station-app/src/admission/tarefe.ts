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

export interface TarefePad {
  present(): boolean;
  /** grows whenever another card may lie there */
  laid(): number;
  /** @throws Refused where no tarefe card lies there */
  select(): Promise<void>;
  /** @returns a new arming nonce. @throws Refused `tarefe_armed` where the card is armed */
  prepare(): Promise<Bytes>;
  arm(data: ArmData): Promise<CardResult<Bytes>>;
  /** The card's state, over a fresh challenge, under the station's tarefe key. @throws Refused */
  state(): Promise<records.Tarefe>;
  void(approvals: readonly [Bytes, Bytes]): Promise<CardResult<Bytes>>;
  digestOf(statement: records.ArmStatement): Bytes;
}

export const sameStatement = (a: records.ArmStatement, b: records.ArmStatement): boolean =>
  equalBytes(encode(records.armStatementShape, a), encode(records.armStatementShape, b));

export function createTarefePad(context: DeskContext): TarefePad {
  const card = cardIn(context.reader, ADMISSION_SLOTS.tarefe);
  const slot = () => context.reader.status().slots[ADMISSION_SLOTS.tarefe];
  return {
    present: () => slot()?.present === true,
    laid: () => slot()?.laid ?? 0,
    async select() {
      const selected = await selectCard(card, 'tarefe_card');
      if (!selected.ok) throw tarefeRefusal(selected.fault);
    },
    async prepare() {
      const nonce = await prepareTarefe(card);
      if (!nonce.ok) throw tarefeRefusal(nonce.fault);
      return nonce.value;
    },
    arm: (data) => armTarefe(card, data),
    async state() {
      const challenge = context.random(CHALLENGE_BYTES);
      const answer = await readTarefe(card, challenge);
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
    },
    void: (approvals) => voidTarefe(card, approvals),
    digestOf: (statement) => context.crypto.sha256(encode(records.armStatementShape, statement)),
  };
}
