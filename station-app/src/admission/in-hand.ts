/**
 * What is being done to a card right now, so that a crash in the middle is carried to its end: written and synced before
 * the journal's line, zeroed when the card has answered. One small file of fixed size, written in place; at rest it is
 * all zeros, so that it does not tell who came last. It holds the admission's cell, never a nonce or an approval.
 *
 * Once a card is armed the file says `armed` until the card has left the pad, so that a process that dies in between tells
 * the officers whose card lies there instead of refusing her.
 *
 * After an arming, zeroing is synced a moment later, or with the next intent: after a power cut within that moment an old
 * intent may reappear. It is then compared with the journal and the card, and the officers are asked, as after a crash.
 * After a taking back it is synced at once: an intent that reappears would release a person whose card is armed again.
 */
import { closeSync, constants, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32, equalBytes } from '@sandoq/protocol';
import type { Clock } from '../devices/clock.ts';
import { type Admission, CELL_BYTES, decodeCell, EMPTY_CELL, encodeCell } from './journal-cell.ts';

export type InHand =
  /** this admission stands or will stand in the journal; its card is to be armed */
  | { readonly kind: 'arm'; readonly admission: Admission }
  /** her armed card lies on the pad and has not been taken yet: nothing is to be done but to hand it to her */
  | { readonly kind: 'armed'; readonly admission: Admission }
  /** the card on the pad is to be voided, then this is the person's new line */
  | { readonly kind: 'take_back'; readonly admission: Admission }
  /** the card on the pad is to be voided, then this is the number of abandoned cards */
  | { readonly kind: 'abandon'; readonly abandoned: number };

export interface InHandFile {
  /** what a crash left, read when the file was opened; of another terminal's, what it has in hand now */
  readonly left: InHand | undefined;
  /** Durable when the promise resolves. */
  write(inHand: InHand): Promise<void>;
  /** For another terminal: durable when it returns, and `left` from now on. */
  keep(inHand: InHand): void;
  /** The card is armed and lies there still: synced within CLEAR_SYNC_MS. */
  armed(admission: Admission): void;
  /** Nothing is in hand: synced within CLEAR_SYNC_MS. */
  clear(): void;
  /** Durable when the promise resolves. */
  clearDurably(): Promise<void>;
  close(): void;
}

const KINDS = { arm: 1, take_back: 2, abandon: 3, armed: 4 } as const;
const BODY_BYTES = 1 + CELL_BYTES + 4;
export const IN_HAND_BYTES = BODY_BYTES + 4;
const NOTHING = new Uint8Array(IN_HAND_BYTES);

/** Quicker than a hand can take the card away; long enough that a busy desk's next intent syncs for both. */
export const CLEAR_SYNC_MS = 50;
const NOTHING_TO_CANCEL = (): void => undefined;

/** How the file's bytes reach the disk; the offset is always 0. A simulator has a disk of its own. */
export interface InHandDisk {
  write(file: number, bytes: Uint8Array): Promise<void>;
  sync(file: number): Promise<void>;
}

/** At once, like the journal's own writes: the desk serves one person, and a pool of threads costs more than the wait. */
export const systemDisk: InHandDisk = {
  async write(file, bytes) {
    writeSync(file, bytes, 0, bytes.length, 0);
  },
  async sync(file) {
    fdatasyncSync(file);
  },
};

function encode(inHand: InHand): Buffer {
  const bytes = Buffer.alloc(IN_HAND_BYTES);
  bytes.writeUInt8(KINDS[inHand.kind], 0);
  bytes.set(inHand.kind === 'abandon' ? EMPTY_CELL : encodeCell(inHand.admission), 1);
  bytes.writeUInt32BE(inHand.kind === 'abandon' ? inHand.abandoned : 0, 1 + CELL_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, BODY_BYTES)), BODY_BYTES);
  return bytes;
}

/** A torn or empty file: the journal's line was not yet written, since it waits for this file. */
function decode(bytes: Buffer): InHand | undefined {
  if (equalBytes(bytes, NOTHING) || crc32(bytes.subarray(0, BODY_BYTES)) !== bytes.readUInt32BE(BODY_BYTES))
    return undefined;
  if (bytes[0] === KINDS.abandon) return { kind: 'abandon', abandoned: bytes.readUInt32BE(1 + CELL_BYTES) };
  const admission = decodeCell(new Uint8Array(bytes.subarray(1, 1 + CELL_BYTES)));
  if (admission === undefined) return undefined;
  if (bytes[0] === KINDS.armed) return { kind: 'armed', admission };
  return { kind: bytes[0] === KINDS.arm ? 'arm' : 'take_back', admission };
}

export function openInHandFile(path: string, clock: Clock, disk: InHandDisk = systemDisk): InHandFile {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const found = Buffer.alloc(IN_HAND_BYTES);
  if (readSync(file, found, 0, IN_HAND_BYTES, 0) !== IN_HAND_BYTES) {
    writeSync(file, NOTHING, 0, IN_HAND_BYTES, 0);
    fdatasyncSync(file);
  }
  let cancelSync = NOTHING_TO_CANCEL;
  let left = decode(found);
  const writeSoon = (bytes: Uint8Array): void => {
    writeSync(file, bytes, 0, IN_HAND_BYTES, 0);
    cancelSync();
    cancelSync = clock.after(CLEAR_SYNC_MS, () => {
      // Where it fails the kernel writes it later: a stale intent is compared before it is believed.
      disk.sync(file).catch(() => undefined);
    });
  };
  return {
    get left() {
      return left;
    },
    keep(inHand) {
      cancelSync();
      cancelSync = NOTHING_TO_CANCEL;
      left = inHand;
      writeSync(file, encode(inHand), 0, IN_HAND_BYTES, 0);
      fdatasyncSync(file);
    },
    async write(inHand) {
      cancelSync();
      cancelSync = NOTHING_TO_CANCEL;
      await disk.write(file, encode(inHand));
      await disk.sync(file);
    },
    armed: (admission) => writeSoon(encode({ kind: 'armed', admission })),
    clear() {
      left = undefined;
      writeSoon(NOTHING);
    },
    async clearDurably() {
      cancelSync();
      cancelSync = NOTHING_TO_CANCEL;
      await disk.write(file, NOTHING);
      await disk.sync(file);
    },
    close() {
      cancelSync();
      fdatasyncSync(file);
      closeSync(file);
    },
  };
}
