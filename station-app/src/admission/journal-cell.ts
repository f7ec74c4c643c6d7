/** One admission as 24 bytes, every cell of one size and every byte a function of the admission. */
import { type Bytes, CLAIM_TURN_MAX, type records } from '@sandoq/protocol';
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
}

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
const FLAGS = { visiting: 1, helped: 2, offline: 4, doubled: 8 } as const;
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
      (admission.doubled ? FLAGS.doubled : 0),
    8,
  );
  cell.writeUInt8(armings, 9);
  cell.writeUInt8(spoiled, 10);
  cell.writeUInt8(returned, 11);
  cell.writeUIntBE(bucket, 12, 5);
  cell.writeUInt8(turn, 17);
  cell.writeUInt8(TOLD[admission.told], 18);
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
  };
}

/** Cards armed for this person that are neither spoiled nor returned: at most one. */
export const cardsOut = (admission: Admission): number =>
  admission.armings - admission.spoiled - admission.returned;
