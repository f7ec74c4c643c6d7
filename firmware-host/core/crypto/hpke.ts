// HPKE base mode (RFC 9180), one shot: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20Poly1305
// 0x0003. The ephemeral key is derived from key material that the caller gives (§7.1.3), so a seal can be repeated
// and compared byte for byte.
import { HPKE, HPKE_BYTES } from '../scratch';
import { aead_seal } from './chacha20poly1305';
import { hkdf_expand, hmac_begin, hmac_finish, hmac_update } from './hkdf';
import { x25519, x25519_public_key } from './x25519';

export const HPKE_OVERHEAD_BYTES: usize = 48; // enc 32, tag 16
/** Bound of `info`: a protocol label. */
export const HPKE_INFO_BYTES_MAX: usize = 256;

const EPHEMERAL: usize = HPKE; // 32
const SHARED: usize = HPKE + 32; // 32
const PRK: usize = HPKE + 64; // 32
const KEY: usize = HPKE + 96; // 32
const BASE_NONCE: usize = HPKE + 128; // 16
const KEM_CONTEXT: usize = HPKE + 144; // 64: enc, recipient
const SCHEDULE: usize = HPKE + 208; // 65, rounded 72: mode, psk_id_hash, info_hash
const LABELED: usize = HPKE + 280; // longest labelled info: 2 + 7 + 10 + 13 + 65

// "HPKE-v1", suite ids, labels; ASCII in the data segment.
const VERSION: usize = memory.data<u8>([0x48, 0x50, 0x4b, 0x45, 0x2d, 0x76, 0x31]);
const KEM_SUITE: usize = memory.data<u8>([0x4b, 0x45, 0x4d, 0x00, 0x20]);
const KEM_SUITE_BYTES: usize = 5;
const SUITE: usize = memory.data<u8>([0x48, 0x50, 0x4b, 0x45, 0x00, 0x20, 0x00, 0x01, 0x00, 0x03]);
const SUITE_BYTES: usize = 10;
const DKP_PRK: usize = memory.data<u8>([0x64, 0x6b, 0x70, 0x5f, 0x70, 0x72, 0x6b]); // dkp_prk
const SK: usize = memory.data<u8>([0x73, 0x6b]); // sk
const EAE_PRK: usize = memory.data<u8>([0x65, 0x61, 0x65, 0x5f, 0x70, 0x72, 0x6b]); // eae_prk
const SHARED_SECRET: usize = memory.data<u8>([0x73, 0x68, 0x61, 0x72, 0x65, 0x64, 0x5f, 0x73, 0x65, 0x63, 0x72, 0x65, 0x74]); // shared_secret
const PSK_ID_HASH: usize = memory.data<u8>([0x70, 0x73, 0x6b, 0x5f, 0x69, 0x64, 0x5f, 0x68, 0x61, 0x73, 0x68]); // psk_id_hash
const INFO_HASH: usize = memory.data<u8>([0x69, 0x6e, 0x66, 0x6f, 0x5f, 0x68, 0x61, 0x73, 0x68]); // info_hash
const SECRET: usize = memory.data<u8>([0x73, 0x65, 0x63, 0x72, 0x65, 0x74]); // secret
const KEY_LABEL: usize = memory.data<u8>([0x6b, 0x65, 0x79]); // key
const NONCE_LABEL: usize = memory.data<u8>([0x62, 0x61, 0x73, 0x65, 0x5f, 0x6e, 0x6f, 0x6e, 0x63, 0x65]); // base_nonce

function labeled_extract(salt: usize, salt_bytes: usize, kem: bool, label: usize, label_bytes: usize, ikm: usize, ikm_bytes: usize, out: usize): void {
  hmac_begin(salt, salt_bytes);
  hmac_update(VERSION, 7);
  if (kem) hmac_update(KEM_SUITE, KEM_SUITE_BYTES);
  else hmac_update(SUITE, SUITE_BYTES);
  hmac_update(label, label_bytes);
  hmac_update(ikm, ikm_bytes);
  hmac_finish(out);
}

function labeled_expand(prk: usize, kem: bool, label: usize, label_bytes: usize, info: usize, info_bytes: usize, out: usize, out_bytes: usize): void {
  let p = LABELED;
  store<u8>(p, 0, 0);
  store<u8>(p, out_bytes as u8, 1);
  p += 2;
  memory.copy(p, VERSION, 7);
  p += 7;
  const suite_bytes = kem ? KEM_SUITE_BYTES : SUITE_BYTES;
  memory.copy(p, kem ? KEM_SUITE : SUITE, suite_bytes);
  p += suite_bytes;
  memory.copy(p, label, label_bytes);
  p += label_bytes;
  memory.copy(p, info, info_bytes);
  p += info_bytes;
  hkdf_expand(prk, LABELED, p - LABELED, out, out_bytes);
}

/** DeriveKeyPair (RFC 9180 §7.1.3) for `ikm` of 32 bytes or more: the secret key, 32 bytes. */
export function hpke_derive_secret(ikm: usize, ikm_bytes: usize, secret: usize): void {
  labeled_extract(0, 0, true, DKP_PRK, 7, ikm, ikm_bytes, PRK);
  labeled_expand(PRK, true, SK, 2, 0, 0, secret, 32);
}

/**
 * Seals `plaintext` to `recipient` (32 bytes): `out` receives enc (32) ‖ ciphertext ‖ tag (16). `out` must not overlap
 * the plaintext. False, with nothing useful in `out`, where the recipient's key is of small order.
 */
export function hpke_seal(
  recipient: usize, ikm: usize, ikm_bytes: usize, info: usize, info_bytes: usize, aad: usize, aad_bytes: usize,
  plaintext: usize, bytes: usize, out: usize,
): bool {
  assert(info_bytes <= HPKE_INFO_BYTES_MAX);
  hpke_derive_secret(ikm, ikm_bytes, EPHEMERAL);
  x25519_public_key(EPHEMERAL, out);
  memory.copy(KEM_CONTEXT, out, 32);
  memory.copy(KEM_CONTEXT + 32, recipient, 32);
  const sound = x25519(EPHEMERAL, recipient, SHARED);
  if (sound) {
    labeled_extract(0, 0, true, EAE_PRK, 7, SHARED, 32, PRK);
    labeled_expand(PRK, true, SHARED_SECRET, 13, KEM_CONTEXT, 64, SHARED, 32);
    store<u8>(SCHEDULE, 0); // mode_base
    labeled_extract(0, 0, false, PSK_ID_HASH, 11, 0, 0, SCHEDULE + 1);
    labeled_extract(0, 0, false, INFO_HASH, 9, info, info_bytes, SCHEDULE + 33);
    labeled_extract(SHARED, 32, false, SECRET, 6, 0, 0, PRK);
    labeled_expand(PRK, false, KEY_LABEL, 3, SCHEDULE, 65, KEY, 32);
    labeled_expand(PRK, false, NONCE_LABEL, 10, SCHEDULE, 65, BASE_NONCE, 12);
    aead_seal(KEY, BASE_NONCE, aad, aad_bytes, plaintext, bytes, out + 32); // sequence number 0
  }
  memory.fill(HPKE, 0, HPKE_BYTES);
  return sound;
}
