/**
 * Cards on disk: one file of fixed slots, a card written in place in one write, so that a killed bench leaves each card
 * as it was before or after. A slot: text length u32, CRC-32 u32 (little-endian), the text, zeros.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Bytes, crc32, fromUtf8, utf8 } from '@sandoq/protocol';
import { type CardState, decodeCardState, encodeCardState } from './card-state.ts';

export const CARD_SLOT_BYTES = 4096;
export const CARDS_STORED_MAX = 25_000;
const HEAD_BYTES = 8;

export interface StoredCard {
  readonly id: string;
  readonly state: CardState;
}

export interface CardStore {
  readonly cards: readonly StoredCard[];
  /** @throws RangeError above CARDS_STORED_MAX cards. */
  write(id: string, state: CardState): void;
  remove(id: string): void;
  close(): void;
}

function readSlot(slot: Bytes, number: number): StoredCard | undefined {
  const view = new DataView(slot.buffer, slot.byteOffset, slot.length);
  const length = view.getUint32(0, true);
  if (length === 0) return undefined;
  const text = slot.subarray(HEAD_BYTES, HEAD_BYTES + length);
  if (text.length !== length || crc32(text) !== view.getUint32(4, true))
    throw new Error(`card slot ${number} is damaged`);
  const [id = '', ...rest] = (fromUtf8(text) ?? '').split('\n');
  return { id, state: decodeCardState(rest.join('\n')) };
}

export function openCardStore(path: string): CardStore {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+', 0o600);
  closeSync(file);
  const handle = openSync(path, 'r+');
  const slots = Math.floor(fstatSync(handle).size / CARD_SLOT_BYTES);
  const slotOf = new Map<string, number>();
  const free: number[] = [];
  const cards: StoredCard[] = [];
  const buffer = new Uint8Array(CARD_SLOT_BYTES);
  for (let number = 0; number < slots; number++) {
    readSync(handle, buffer, 0, CARD_SLOT_BYTES, number * CARD_SLOT_BYTES);
    const card = readSlot(buffer, number);
    if (card === undefined) free.push(number);
    else {
      slotOf.set(card.id, number);
      cards.push(card);
    }
  }
  let next = slots;
  /** Up to where each slot has been written by us: from there on it is zeros. */
  const writtenTo = new Map<number, number>();
  const writeSlot = (number: number, text: Bytes): void => {
    if (text.length > CARD_SLOT_BYTES - HEAD_BYTES) throw new RangeError('a card state is above its slot');
    const end = HEAD_BYTES + text.length;
    const length = Math.max(end, writtenTo.get(number) ?? CARD_SLOT_BYTES);
    writtenTo.set(number, end);
    const view = new DataView(buffer.buffer);
    view.setUint32(0, text.length, true);
    view.setUint32(4, crc32(text), true);
    buffer.set(text, HEAD_BYTES);
    buffer.fill(0, end, length);
    writeSync(handle, buffer, 0, length, number * CARD_SLOT_BYTES);
  };
  return {
    cards,
    write(id, state) {
      let number = slotOf.get(id);
      if (number === undefined) {
        number = free.pop() ?? next++;
        if (number >= CARDS_STORED_MAX) throw new RangeError('more than CARDS_STORED_MAX cards');
        slotOf.set(id, number);
      }
      writeSlot(number, utf8(`${id}\n${encodeCardState(state)}`));
    },
    remove(id) {
      const number = slotOf.get(id);
      if (number === undefined) return;
      writeSlot(number, new Uint8Array(0));
      slotOf.delete(id);
      free.push(number);
    },
    close: () => closeSync(handle),
  };
}
