// Events may be lost: everything they say can be asked. They go to a host that has proved itself.
import { write_map } from '../codec/cbor_writer';
import { lid_is_open, paper_path } from '../cast/paper';
import { pad_has_card } from '../cast/pad';
import * as k from '../generated/constants';
import { host_is_proved } from './hello';
import { event_open, message_send, write_field_bool, write_field_uint } from './messages';

export function send_state_event(): void {
  if (!host_is_proved()) return;
  event_open(k.MESSAGE_STATE_EVENT);
  write_map(3);
  write_field_uint(k.STATE_EVENT__PAPER, paper_path());
  write_field_uint(k.STATE_EVENT__PAD, pad_has_card ? k.PAD_CARD : k.PAD_EMPTY);
  write_field_bool(k.STATE_EVENT__LID_OPEN, lid_is_open);
  message_send();
}

export function send_key_event(key: u32): void {
  if (!host_is_proved()) return;
  event_open(k.MESSAGE_KEY_EVENT);
  write_map(1);
  write_field_uint(k.KEY_EVENT__KEY, key);
  message_send();
}
