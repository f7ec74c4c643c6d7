// A card whose vote is cast and whose burning was cut short, by a hand or by the power: it is burnt as soon as it lies
// here again, asked for or not. Until then the box says how many such cards there are.
import { is_card_spent, mark_burnt } from '../flash/spent';
import { send_state_event } from '../link/events';
import { on_begin_burnt } from './begin';
import { FOUND_HASH, found_spent, read_armed_card } from './card';
import { CHALLENGE, FOR_LATE_BURN, pad_has_card, pad_start } from './pad';

/** Whether the card last read as armed voted here. */
export function burning_is_owed(): bool {
  return pad_has_card && is_card_spent(FOUND_HASH);
}

/** Believes a burning only where the card signs that it is spent; its silence may have been the burning too. */
export function note_burnt(p: usize, bytes: usize, refusal: i32): void {
  if (refusal != 0) return;
  read_armed_card(p, bytes, CHALLENGE);
  if (found_spent) mark_burnt(FOUND_HASH);
}

/** The card on the pad was asked while a burning was owed. */
export function on_look_card(p: usize, bytes: usize, refusal: i32): void {
  if (refusal != 0) return;
  const armed = read_armed_card(p, bytes, CHALLENGE) == 0;
  if (found_spent) {
    mark_burnt(FOUND_HASH);
    send_state_event();
  } else if (armed && burning_is_owed()) {
    pad_start(FOR_LATE_BURN);
  }
}

export function on_late_burnt(p: usize, bytes: usize, refusal: i32): void {
  note_burnt(p, bytes, refusal);
  send_state_event();
  on_begin_burnt();
}
