/**
 * What the terminals of one station say to each other, after both have proved who they are. A type, then fields of fixed
 * size; total and bounded: anything else is no message, and ends the link (protocol/docs/TERMINALS.md).
 */
import type { Bytes } from '@sandoq/protocol';
import { type NationalCode, parseNationalCode } from '@sandoq/protocol/persian';
import { type Admission, CELL_BYTES, decodeCell, EMPTY_CELL, encodeCell } from '../journal-cell.ts';
import { SHARED_STATE_BYTES } from './shared-state.ts';

/** Lines in one message: below MESSAGE_BYTES_MAX. */
export const LINES_MAX = 2_000;
export const MESSAGE_BYTES_MAX = 64 * 1024;
const CODE_BYTES = 5;

export type Verdict = 'granted' | 'held' | 'differs';
const VERDICTS: readonly Verdict[] = ['granted', 'held', 'differs'];

export type Message =
  /** phase and mode are indices: `shared-state.ts` */
  | { readonly type: 'state'; readonly shared: Bytes; readonly phase: number; readonly mode: number }
  | {
      readonly type: 'lines';
      readonly sequence: number;
      /** the last of what the sender had when the link began */
      readonly isAll: boolean;
      readonly lines: readonly Admission[];
    }
  /** everything up to this sequence is durable here */
  | { readonly type: 'ack'; readonly sequence: number }
  | {
      readonly type: 'reserve';
      readonly id: number;
      readonly nationalCode: NationalCode;
      readonly known: number;
    }
  | {
      readonly type: 'answer';
      readonly id: number;
      readonly verdict: Verdict;
      readonly terminal: number;
      readonly lines: readonly Admission[];
    }
  | { readonly type: 'unlock'; readonly nationalCode: NationalCode }
  /** what a terminal is doing to a card now; undefined: nothing */
  | { readonly type: 'in_hand'; readonly terminal: number; readonly line: Admission | undefined }
  | { readonly type: 'ping' }
  | { readonly type: 'close'; readonly id: number }
  | { readonly type: 'closed'; readonly id: number; readonly ok: boolean };

const TYPES = {
  state: 1,
  lines: 2,
  ack: 3,
  reserve: 4,
  answer: 5,
  unlock: 6,
  in_hand: 7,
  ping: 8,
  close: 9,
  closed: 10,
} as const satisfies Record<Message['type'], number>;

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const code = (nationalCode: NationalCode): Buffer => {
  const bytes = Buffer.alloc(CODE_BYTES);
  bytes.writeUIntBE(Number(nationalCode), 0, CODE_BYTES);
  return bytes;
};
const cells = (lines: readonly Admission[]): Uint8Array[] => lines.map((line) => encodeCell(line));

function bodyOf(message: Message): readonly Uint8Array[] {
  switch (message.type) {
    case 'state':
      return [message.shared, Uint8Array.of(message.phase, message.mode)];
    case 'lines':
      return [u32(message.sequence), Uint8Array.of(message.isAll ? 1 : 0), ...cells(message.lines)];
    case 'ack':
      return [u32(message.sequence)];
    case 'reserve':
      return [u32(message.id), code(message.nationalCode), u32(message.known)];
    case 'answer':
      return [
        u32(message.id),
        Uint8Array.of(VERDICTS.indexOf(message.verdict), message.terminal),
        ...cells(message.lines),
      ];
    case 'unlock':
      return [code(message.nationalCode)];
    case 'in_hand':
      return [
        Uint8Array.of(message.terminal),
        message.line === undefined ? EMPTY_CELL : encodeCell(message.line),
      ];
    case 'ping':
      return [];
    case 'close':
      return [u32(message.id)];
    case 'closed':
      return [u32(message.id), Uint8Array.of(message.ok ? 1 : 0)];
  }
}

/** @throws RangeError above LINES_MAX: the caller cuts long lists */
export function encodeMessage(message: Message): Bytes {
  if ('lines' in message && message.lines.length > LINES_MAX) throw new RangeError('above LINES_MAX');
  return new Uint8Array(Buffer.concat([Uint8Array.of(TYPES[message.type]), ...bodyOf(message)]));
}

class Malformed extends Error {}

class Fields {
  readonly #bytes: Buffer;
  #at = 1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new Malformed();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  u8 = (max = 0xff): number => {
    const value = this.take(1).readUInt8(0);
    if (value > max) throw new Malformed();
    return value;
  };

  u32 = (): number => this.take(4).readUInt32BE(0);

  code(): NationalCode {
    const parsed = parseNationalCode(
      String(this.take(CODE_BYTES).readUIntBE(0, CODE_BYTES)).padStart(10, '0'),
      {
        length: 'exact',
      },
    );
    if (!parsed.ok) throw new Malformed();
    return parsed.value;
  }

  cell(): Admission | undefined {
    return decodeCell(new Uint8Array(this.take(CELL_BYTES)));
  }

  lines(): readonly Admission[] {
    const count = (this.#bytes.length - this.#at) / CELL_BYTES;
    if (count > LINES_MAX) throw new Malformed();
    return Array.from({ length: Math.ceil(count) }, () => {
      const line = this.cell();
      if (line === undefined) throw new Malformed();
      return line;
    });
  }

  end<Value>(value: Value): Value {
    if (this.#at !== this.#bytes.length) throw new Malformed();
    return value;
  }
}

function read(type: Message['type'], fields: Fields): Message {
  switch (type) {
    case 'state':
      return {
        type,
        shared: new Uint8Array(fields.take(SHARED_STATE_BYTES)),
        phase: fields.u8(3),
        mode: fields.u8(2),
      };
    case 'lines':
      return { type, sequence: fields.u32(), isAll: fields.u8(1) === 1, lines: fields.lines() };
    case 'ack':
      return { type, sequence: fields.u32() };
    case 'reserve':
      return { type, id: fields.u32(), nationalCode: fields.code(), known: fields.u32() };
    case 'answer': {
      const id = fields.u32();
      const verdict = VERDICTS[fields.u8(VERDICTS.length - 1)] as Verdict;
      return { type, id, verdict, terminal: fields.u8(), lines: fields.lines() };
    }
    case 'unlock':
      return { type, nationalCode: fields.code() };
    case 'in_hand':
      return { type, terminal: fields.u8(), line: fields.cell() };
    case 'ping':
      return { type };
    case 'close':
      return { type, id: fields.u32() };
    case 'closed':
      return { type, id: fields.u32(), ok: fields.u8(1) === 1 };
  }
}

const NAMES = new Map(Object.entries(TYPES).map(([name, type]) => [type as number, name as Message['type']]));

/** @returns undefined for anything that is no message, whatever it is */
export function decodeMessage(bytes: Bytes): Message | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const name = buffer.length === 0 ? undefined : NAMES.get(buffer.readUInt8(0));
  if (name === undefined || buffer.length > MESSAGE_BYTES_MAX) return undefined;
  try {
    const fields = new Fields(buffer);
    return fields.end(read(name, fields));
  } catch {
    // Malformed, or a cell that says what no journal holds.
    return undefined;
  }
}
