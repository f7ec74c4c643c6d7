/**
 * Lots as a function of a public seed, drawn after the numbers are fixed: nobody can choose the winner,
 * and everybody can repeat the draw. LAW.md §8 states the rule.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../codec/bytes.ts';
import { compareIds } from './exact.ts';

export const LOT_RULE = 'sandoq-lot-1';

export interface Lottery {
  readonly seed: string;
  readonly election: string;
  readonly contest: string;
}

/** What is drawn for: `['seats']`, or with the particulars that tell one draw from another, `['namesakes', box, name]`. */
export type DrawName = readonly string[];

export interface Lot {
  readonly id: string;
  /** SHA-256 in hexadecimal; the lowest is drawn first. */
  readonly lot: string;
}

export function lotOf(lottery: Lottery, draw: DrawName, id: string): string {
  // No part can hold a line break, so no two different draws have one input.
  return toHex(
    sha256(utf8([LOT_RULE, lottery.seed, lottery.election, lottery.contest, ...draw, id].join('\n'))),
  );
}

export function drawLots(lottery: Lottery, draw: DrawName, ids: readonly string[]): Lot[] {
  return ids
    .map((id) => ({ id, lot: lotOf(lottery, draw, id) }))
    .sort((a, b) => compareIds(a.lot, b.lot) || compareIds(a.id, b.id));
}
