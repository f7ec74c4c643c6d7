/**
 * Where an admission stands in the journal: a function of the set of admissions alone. Linear probing whose entries
 * stand in the order of (home, key of the line) has one layout for each set, whatever order they came in (the ordered
 * hash table of Amble and Knuth, 1974): each stands at its home or directly behind the one before it.
 *
 * There is no wrap-around: `SLACK_SLOTS` behind the last home take what overflows.
 */

/** Half of the homes stay free, so that a run of neighbours, which one insertion moves by one, stays short. */
export const HOMES_PER_ADMISSION = 2;
/**
 * Runs in a half-full table of 40,000 homes stay below some sixty; the table refuses by name where even this is not
 * enough.
 */
export const SLACK_SLOTS = 256;

export const slotsFor = (admissionsMax: number): number => admissionsMax * HOMES_PER_ADMISSION + SLACK_SLOTS;

export interface Placed {
  readonly home: number;
  readonly key: string;
}

const isBefore = (a: Placed, b: Placed): boolean => a.home < b.home || (a.home === b.home && a.key < b.key);

export interface Insertion<Entry> {
  readonly slot: number;
  /** what now stands in each changed slot, from `slot` on */
  readonly written: readonly Entry[];
}

/** Finds the entry's slot and moves what stands behind it by one. @returns undefined where there is no room. */
export function insertPlaced<Entry extends Placed>(
  slots: (Entry | undefined)[],
  entry: Entry,
): Insertion<Entry> | undefined {
  let slot = entry.home;
  for (let there = slots[slot]; there !== undefined && isBefore(there, entry); there = slots[slot]) slot++;
  let free = slot;
  while (free < slots.length && slots[free] !== undefined) free++;
  if (free >= slots.length) return undefined;
  slots.copyWithin(slot + 1, slot, free);
  slots[slot] = entry;
  return { slot, written: slots.slice(slot, free + 1) as Entry[] };
}
