/** One admission as 24 bytes, every cell of one size and every byte a function of the admission. */
import { type Bytes, CLAIM_TURN_MAX, type records, TERMINALS_MAX } from '@sandoq/protocol';
import { type NationalCode, parseNationalCode } from '@sandoq/protocol/persian';

export interface Admission {
  readonly nationalCode: NationalCode;
  readonly document: records.DocumentKind;
  /** index into the package's styles */
  readonly style: number;
  readonly visiting: boolean;
  readonly helped: boolean;
  /** admitted while the province could not be asked */
  readonly offline: boolean;
  /** epoch seconds: the start of the time bucket of the first admission */
  readonly bucket: number;
  /** released: the unused card came back and the person may be admitted again */
  readonly state: 'admitted' | 'released';
  /** tarefe cards armed for this person, replacements included */
  readonly armings: number;
  readonly spoiled: number;
  readonly returned: number;
  /** how many times this journal has claimed the person at the province; 0: never */
  readonly turn: number;
  /** what the province has answered for, of this turn */
  readonly told: keyof typeof TOLD;
  /** another station has admitted the person too: a number, never subtracted */
  readonly doubled: boolean;
  /** of several terminals, the one that wrote this line last; absent with one */
  readonly terminal?: number;
  /** admitted by a terminal that was cut off from most others: a line of its own beside the station's (TERMINALS.md) */
  readonly apart?: boolean;
}

/** What a journal keeps one line of: a person, or a person as a terminal that was cut off has admitted her. */
export type LineKey = string & { readonly __brand: 'LineKey' };

export const lineKey = ({
  nationalCode,
  terminal,
  apart,
}: Pick<Admission, 'nationalCode' | 'terminal' | 'apart'>): LineKey =>
  (apart === true ? `${nationalCode}/${terminal}` : nationalCode) as string as LineKey;

export const CELL_BYTES = 24;
/** A card that spoils more often than this is no accident. */
export const ARMINGS_MAX = 20;
/** 2^40 seconds last until the year 36,812. */
const BUCKET_MAX = 2 ** 40 - 1;

const DOCUMENTS = {
  national_card: 1,
  national_card_chipless: 2,
  shenasnameh: 3,
  passport: 4,
  driving_licence: 5,
  military_card: 6,
  code_only: 7,
} as const satisfies Record<records.DocumentKind, number>;
const STATES = { admitted: 1, released: 2 } as const;
const FLAGS = { visiting: 1, helped: 2, offline: 4, doubled: 8, apart: 16 } as const;
const TOLD = { nothing: 0, claimed: 1, released: 2 } as const;

const nameOf = <Name extends string>(codes: Readonly<Record<Name, number>>, code: number): Name | undefined =>
  (Object.keys(codes) as Name[]).find((name) => codes[name] === code);

export const EMPTY_CELL = new Uint8Array(CELL_BYTES);

/** @throws RangeError for values outside the cell's bounds: the caller checks ARMINGS_MAX before. */
export function encodeCell(admission: Admission): Bytes {
  const { armings, spoiled, returned, bucket, style, turn } = admission;
  if (
    turn > CLAIM_TURN_MAX ||
    armings > ARMINGS_MAX ||
    spoiled + returned > armings ||
    style > 0xff ||
    bucket > BUCKET_MAX
  )
    throw new RangeError('an admission outside the bounds of its cell');
  const cell = Buffer.alloc(CELL_BYTES);
  cell.writeUInt8(STATES[admission.state], 0);
  cell.writeUIntBE(Number(admission.nationalCode), 1, 5);
  cell.writeUInt8(DOCUMENTS[admission.document], 6);
  cell.writeUInt8(style, 7);
  cell.writeUInt8(
    (admission.visiting ? FLAGS.visiting : 0) |
      (admission.helped ? FLAGS.helped : 0) |
      (admission.offline ? FLAGS.offline : 0) |
      (admission.doubled ? FLAGS.doubled : 0) |
      (admission.apart === true ? FLAGS.apart : 0),
    8,
  );
  cell.writeUInt8(armings, 9);
  cell.writeUInt8(spoiled, 10);
  cell.writeUInt8(returned, 11);
  cell.writeUIntBE(bucket, 12, 5);
  cell.writeUInt8(turn, 17);
  cell.writeUInt8(TOLD[admission.told], 18);
  cell.writeUInt8(admission.terminal ?? 0, 19);
  return new Uint8Array(cell);
}

/** @returns undefined for an empty cell. @throws where the cell is damaged. */
export function decodeCell(bytes: Bytes): Admission | undefined {
  const cell = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (cell.length !== CELL_BYTES) throw new Error('a journal cell of wrong length');
  if (cell.every((byte) => byte === 0)) return undefined;
  const code = parseNationalCode(String(cell.readUIntBE(1, 5)).padStart(10, '0'), { length: 'exact' });
  const state = nameOf(STATES, cell.readUInt8(0));
  const document = nameOf(DOCUMENTS, cell.readUInt8(6));
  const told = nameOf(TOLD, cell.readUInt8(18));
  if (!code.ok || state === undefined || document === undefined || told === undefined)
    throw new Error('a damaged journal cell');
  const flags = cell.readUInt8(8);
  const terminal = cell.readUInt8(19);
  if (terminal > TERMINALS_MAX) throw new Error('a damaged journal cell');
  return {
    nationalCode: code.value,
    document,
    style: cell.readUInt8(7),
    visiting: (flags & FLAGS.visiting) !== 0,
    helped: (flags & FLAGS.helped) !== 0,
    offline: (flags & FLAGS.offline) !== 0,
    bucket: cell.readUIntBE(12, 5),
    state,
    armings: cell.readUInt8(9),
    spoiled: cell.readUInt8(10),
    returned: cell.readUInt8(11),
    turn: cell.readUInt8(17),
    told,
    doubled: (flags & FLAGS.doubled) !== 0,
    ...(terminal === 0 ? {} : { terminal }),
    ...((flags & FLAGS.apart) === 0 ? {} : { apart: true }),
  };
}

/**
 * Which of two lines of one key is the later: a turn begins, cards are armed and come back, the province is told; none of
 * these is ever undone. So the later of two is the same wherever and in whatever order they meet.
 * @returns above zero where `a` is later
 */
export function compareLines(a: Admission, b: Admission): number {
  const rank = (one: Admission): readonly number[] => [
    one.turn,
    one.armings + one.spoiled + one.returned,
    one.state === 'released' ? 1 : 0,
    TOLD[one.told],
    one.doubled ? 1 : 0,
    one.offline ? 1 : 0,
    one.terminal ?? 0,
  ];
  const [left, right] = [rank(a), rank(b)];
  for (const [i, value] of left.entries()) {
    const difference = value - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Cards armed for this person that are neither spoiled nor returned: at most one. */
export const cardsOut = (admission: Admission): number =>
  admission.armings - admission.spoiled - admission.returned;
