// The one ballot in hand: from the card that began it to the paper's fall. What could tell the choice (plaintext,
// nonces) is wiped as soon as the page is on paper; what remains is sealed.
import { contests } from '../election/package';

export const PHASE_NONE: i32 = 0;
export const PHASE_BEGUN: i32 = 1;
/** PRINT was checked; the card is being asked whether it is still the one. */
export const PHASE_CHECKING: i32 = 2;
export const PHASE_PRINTING: i32 = 3;
export const PHASE_IN_WINDOW: i32 = 4;
/** The commit word is programmed; the card is being burnt or the paper dropped. */
export const PHASE_COMMITTED: i32 = 5;
export const PHASE_REJECTING: i32 = 6;
export const PHASE_RETAINING: i32 = 7;

export let phase: i32 = PHASE_NONE;
export let style: u32 = 0;
export const STATION_COMMITMENT: usize = memory.data(32, 8);
export const BOX_NONCE: usize = memory.data(32, 8);
/** First 12 bytes of the SHA-256 of the card's arming nonce. */
export const CARD_HASH: usize = memory.data(16, 8);
/** SHA-256 of the card's ArmStatement. */
export const CARD_STATEMENT: usize = memory.data(32, 8);

export const SEALED_STRIDE: usize = 168;
export const SEALED: usize = memory.data(8 * 168, 8);
export const NAMES: usize = memory.data(8 * 16, 8);
export const PLAINTEXT_STRIDE: usize = 68;
export const PLAINTEXT: usize = memory.data(8 * 68, 8);

/** The card on the pad is the one that began this ballot, seen since it was last laid. */
export let card_confirmed: bool = false;

// Papers that the card now or last in use has had rejected.
const REJECTED_CARD: usize = memory.data(16, 8);
let rejections: u32 = 0;

export function set_phase(v: i32): void {
  phase = v;
}
export function set_style(v: u32): void {
  style = v;
}
export function set_card_confirmed(v: bool): void {
  card_confirmed = v;
}

export function card_rejections(): u32 {
  return memory.compare(REJECTED_CARD, CARD_HASH, 12) == 0 ? rejections : 0;
}

export function add_rejection(): void {
  const so_far = card_rejections();
  memory.copy(REJECTED_CARD, CARD_HASH, 12);
  rejections = so_far + 1;
}

/** Plaintext and nonces: gone once the page is printed, or the ballot is given up. */
export function wipe_secrets(): void {
  memory.fill(PLAINTEXT, 0, 8 * PLAINTEXT_STRIDE);
  memory.fill(BOX_NONCE, 0, 32);
}

/** No ballot is in hand. */
export function ballot_forget(): void {
  wipe_secrets();
  memory.fill(SEALED, 0, 8 * SEALED_STRIDE);
  memory.fill(NAMES, 0, 8 * 16);
  memory.fill(STATION_COMMITMENT, 0, 32);
  memory.fill(CARD_HASH, 0, 16);
  memory.fill(CARD_STATEMENT, 0, 32);
  card_confirmed = false;
  phase = PHASE_NONE;
}

/** Whether `names` (16 bytes each) are those of the ballot in hand, in its order. */
export function is_ballot_in_hand(names: usize, count: u32): bool {
  if (phase < PHASE_CHECKING || count != contests) return false;
  return memory.compare(names, NAMES, (count as usize) << 4) == 0;
}
