// A second entry over the same modules, for published vectors and measurements only: it never becomes an image.
// Memory from BUFFER on is the caller's.
export { sha256_final, sha256_init, sha256_update } from './crypto/sha256';
export { sha512_final, sha512_init, sha512_update } from './crypto/sha512';
export { hkdf_expand, hkdf_extract, hmac_begin, hmac_finish, hmac_update } from './crypto/hkdf';
export { ed25519_key_is_sound, ed25519_public_key, ed25519_sign, ed25519_verify } from './crypto/ed25519';
export { x25519, x25519_public_key } from './crypto/x25519';
export { aead_open, aead_seal } from './crypto/chacha20poly1305';
export { hpke_derive_secret, hpke_seal } from './crypto/hpke';
export { crc32 } from './codec/crc32';
export { cobs_decode_in_place, cobs_encode } from './codec/cobs';
export { cbor_check, cbor_find, cbor_skip, cbor_uint } from './codec/cbor_reader';
export { write_array, write_bool, write_bytes, write_map, write_negative, write_null, write_text, write_uint, writer_bytes, writer_open } from './codec/cbor_writer';
export { SCRATCH, SCRATCH_BYTES, wipe_scratch } from './scratch';

export const BUFFER_BYTES: usize = 40960;
export const BUFFER: usize = memory.data(40960, 16);
export function memory_bytes(): usize {
  return __heap_base;
}
