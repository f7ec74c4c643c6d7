/** What the station's stores are made to do in the guest, deed by deed, and what must stand on the disk after each. */
import type { Bytes } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';

export const GUEST_CONTESTS = 2;
export const GUEST_SEALED_BYTES = 150;
export const GUEST_VOTES_MAX = 600;

/** Of one vote, in order. A ballot in four is corrected: cleared instead of stored. */
export const DEEDS = ['in_hand', 'journal', 'started', 'pending', 'fate', 'ended'] as const;
export const isCleared = (vote: number): boolean => vote % 4 === 3;

/** What the stores say after they were opened. */
export interface GuestStores {
  /** votes whose records are stored, in order */
  readonly stored: readonly number[];
  readonly pending: number | null;
  readonly lines: number;
  /** admissions, in order */
  readonly journal: readonly number[];
  readonly inHand: number | null;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** @param done deeds, over all votes */
export function storesAfter(done: number): Omit<GuestStores, 'inHand'> {
  const vote = Math.floor(done / DEEDS.length);
  const of = done % DEEDS.length;
  return {
    stored: upTo(of >= 5 ? vote + 1 : vote).filter((one) => !isCleared(one)),
    pending: of === 4 ? vote : null,
    lines: 2 * vote + (of >= 3 ? 1 : 0),
    journal: upTo(of >= 2 ? vote + 1 : vote),
  };
}

/** @returns what does not hold of what was found after `acknowledged` deeds had been reported as durable */
export function judgeStores(found: GuestStores, acknowledged: number): string | undefined {
  const { inHand, ...stores } = found;
  const said = JSON.stringify(stores);
  const allowed = [acknowledged, acknowledged + 1].map((done) => JSON.stringify(storesAfter(done)));
  if (!allowed.includes(said))
    return `lost: after ${acknowledged} deeds ${said}, wanted ${allowed.join(' or ')}`;
  const vote = Math.floor(acknowledged / DEEDS.length);
  // Until its clearing has begun the file names who is in hand; afterwards it may, of her or of whoever came before.
  const isInHand = acknowledged % DEEDS.length === 1;
  if (isInHand ? inHand !== vote : inHand !== null && inHand > vote)
    return `lost: in hand after ${acknowledged} deeds is ${inHand}`;
  return undefined;
}

/** The deed to go on with, of what stands on the disk. */
export function nextDeed({ stored, pending, lines, journal }: GuestStores): number {
  const vote = Math.floor(lines / 2);
  if (lines % 2 === 0) return vote * DEEDS.length + (journal.includes(vote) ? 2 : 0);
  if (pending === vote) return vote * DEEDS.length + 4;
  return vote * DEEDS.length + (stored.includes(vote) ? 5 : 3);
}

export const guestBytes = (name: string, length: number): Bytes =>
  Uint8Array.from(
    { length },
    (_, i) => nodeCrypto.sha256(Buffer.from(`${name} ${i >> 5}`))[i & 31] as number,
  );
export const sealedOf = (vote: number): Bytes[] =>
  upTo(GUEST_CONTESTS).map((contest) => guestBytes(`sealed ${vote} ${contest}`, GUEST_SEALED_BYTES));
