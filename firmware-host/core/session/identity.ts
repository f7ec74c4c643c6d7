// What the box is: its key, made inside, whom it trusts and what it is called. Written once.
import { entropy } from '../board';
import { ed25519_key_is_sound, ed25519_public_key } from '../crypto/ed25519';
import { IDENTITY, SECTOR_BYTES } from '../flash/layout';
import { erase_range, program_words, read_flash } from '../flash/nor';
import * as k from '../generated/constants';

// As in flash: seed 32, public key 32, authority key 32, subject's length 4, subject 64.
const IMAGE_BYTES: u32 = 164;
const IMAGE: usize = memory.data(164, 4);
export const BOX_SEED: usize = IMAGE;
export const BOX_KEY: usize = IMAGE + 32;
export const AUTHORITY_KEY: usize = IMAGE + 64;
export const BOX_SUBJECT: usize = IMAGE + 100;

export function box_subject_bytes(): usize {
  return load<u32>(IMAGE + 96);
}

export function load_identity(): void {
  read_flash(IDENTITY, IMAGE, IMAGE_BYTES);
  assert(box_subject_bytes() <= (k.SUBJECT_BYTES_MAX as usize));
}

export function forget_identity(): void {
  memory.fill(IMAGE, 0, IMAGE_BYTES);
}

/** Makes the key and writes the identity; false where the authority's key is not sound. */
export function make_identity(authority_key: usize, subject: usize, subject_bytes: usize): bool {
  if (!ed25519_key_is_sound(authority_key)) return false;
  memory.fill(IMAGE, 0, IMAGE_BYTES);
  entropy(BOX_SEED, 32);
  ed25519_public_key(BOX_SEED, BOX_KEY);
  memory.copy(AUTHORITY_KEY, authority_key, 32);
  store<u32>(IMAGE + 96, subject_bytes as u32);
  memory.copy(BOX_SUBJECT, subject, subject_bytes);
  // A power cut before the lifecycle's word leaves half of this: it is then made anew.
  erase_range(IDENTITY, SECTOR_BYTES);
  program_words(IDENTITY, IMAGE, IMAGE_BYTES);
  return true;
}
