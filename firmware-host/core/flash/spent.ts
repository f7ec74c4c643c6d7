// The spent cards: one row a vote, taken by its commit. A second word value says that the card itself was seen burnt;
// until then it may still say "armed" of itself, and the box owes it its burning.
import { election_is_loaded } from '../election/load';
import { BURNT, COMMITTED, ROW_BYTES, ROW_NAME_BYTES, SECTOR_BYTES, spent_base, spent_rows } from './layout';
import { IO, program_word, read_flash, read_word } from './nor';
import { find_row } from './rows';

/** Cards of votes cast here that were not yet seen burnt. Follows the rows. */
export let cards_unburnt: u32 = 0;

/** At boot, after the intents were finished, and where the rows were erased. */
export function count_unburnt(): void {
  cards_unburnt = 0;
  if (!election_is_loaded()) return;
  const bytes = spent_rows * ROW_BYTES;
  for (let at: u32 = 0; at < bytes; at += SECTOR_BYTES) {
    const n = min<u32>(SECTOR_BYTES, bytes - at);
    read_flash(spent_base + at, IO, n);
    for (let i: u32 = 0; i < n; i += ROW_BYTES) if (load<u32>(IO + i, 12) == COMMITTED) cards_unburnt++;
  }
}

/** A vote was committed: its card is spent here, and not burnt yet. */
export function spent_added(): void {
  cards_unburnt++;
}

/** Whether a vote was committed with this arming, whatever the card says of itself. */
export function is_card_spent(hash: usize): bool {
  return find_row(spent_base, spent_rows, hash, 0) >= 0;
}

/** The card of this hash said under its signature that it is spent. One atomic word; of a card never seen here, none. */
export function mark_burnt(hash: usize): void {
  const row = find_row(spent_base, spent_rows, hash, 0);
  if (row < 0) return;
  const at = spent_base + (row as u32) * ROW_BYTES + ROW_NAME_BYTES;
  if (read_word(at) != COMMITTED) return;
  program_word(at, BURNT);
  assert(cards_unburnt > 0);
  cards_unburnt--;
}
