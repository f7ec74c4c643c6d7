/**
 * Signed notes and checkpoints: C2SP signed-note and tlog-checkpoint, Ed25519 (type 1) of the log's own key, and
 * tlog-cosignature (type 4) of witnesses. Total parsers: any bytes give a value or undefined.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, equalBytes, fromHex, fromUtf8, toHex, utf8 } from '../codec/bytes.ts';
import { MERKLE_DEPTH_MAX } from '../codec/merkle.ts';
import { enrolPublicKey } from '../crypto/enrol.ts';
import { type Crypto, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../crypto/ports.ts';

/** A checkpoint with its cosignatures; the format's own advice is far below. */
export const NOTE_BYTES_MAX = 16 * 1024;
export const NOTE_SIGNATURES_MAX = 64;
const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function toBase64(bytes: Bytes): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a << 16) | (b << 8) | c;
    const digits = [word >> 18, (word >> 12) & 63, (word >> 6) & 63, word & 63];
    out += digits.map((digit, k) => (i + k > bytes.length ? '=' : ALPHABET[digit])).join('');
  }
  return out;
}

/** Canonical only: what would not be written back the same is refused. */
export function fromBase64(text: string): Bytes | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const digits = text.replace(/=+$/, '');
  const out = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const digit of digits) {
    held = ((held << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (held >> bits) & 0xff;
    }
  }
  return toBase64(out) === text ? out : undefined;
}

export interface NoteKey {
  readonly name: string;
  readonly type: 'log' | 'witness';
  readonly key: Bytes;
}

const keyType = (key: NoteKey): number => (key.type === 'log' ? ED25519 : COSIGNATURE);
const isKeyName = (name: string): boolean => /^[^\s+\p{Cc}]{1,255}$/u.test(name);

export const keyIdOf = (key: NoteKey): Bytes =>
  sha256(concatBytes(utf8(`${key.name}\n`), Uint8Array.of(keyType(key)), key.key)).slice(0, KEY_ID_BYTES);

/** `name+hash+base64(type || key)`: how keys of logs and witnesses are handed from person to person. */
export const encodeNoteKey = (key: NoteKey): string =>
  `${key.name}+${toHex(keyIdOf(key))}+${toBase64(concatBytes(Uint8Array.of(keyType(key)), key.key))}`;

export function parseNoteKey(text: string): NoteKey | undefined {
  // Base64 may hold a plus sign, a name may not.
  const [, name, hash, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? [];
  if (name === undefined || hash === undefined || encoded === undefined || !isKeyName(name)) return undefined;
  const bytes = fromBase64(encoded);
  if (bytes === undefined || bytes.length !== 1 + PUBLIC_KEY_BYTES) return undefined;
  if (bytes[0] !== ED25519 && bytes[0] !== COSIGNATURE) return undefined;
  const type = bytes[0] === ED25519 ? 'log' : 'witness';
  const key: NoteKey = { name, type, key: bytes.slice(1) };
  return equalBytes(fromHex(hash) as Bytes, keyIdOf(key)) && enrolPublicKey(key.key) ? key : undefined;
}

export interface Checkpoint {
  /** the log's name, unique to it */
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

export interface SignedCheckpoint extends Checkpoint {
  /** what is signed, its last line break included */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const DASH = '\u2014 ';

export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${toBase64(root)}\n`;

const signatureLine = (name: string, id: Bytes, signature: Bytes): string =>
  `${DASH}${name} ${toBase64(concatBytes(id, signature))}\n`;

/** @param name of the log's key; the origin, as is usual */
export function signCheckpoint(
  crypto: Pick<Crypto, 'sign' | 'signingPublicKey'>,
  secretKey: Bytes,
  checkpoint: Checkpoint,
): Bytes {
  if (!isKeyName(checkpoint.origin)) throw new RangeError('an origin without spaces and plus signs');
  const text = checkpointText(checkpoint);
  const key: NoteKey = { name: checkpoint.origin, type: 'log', key: crypto.signingPublicKey(secretKey) };
  return utf8(`${text}\n${signatureLine(key.name, keyIdOf(key), crypto.sign(secretKey, utf8(text)))}`);
}

/** Extra lines of a checkpoint are allowed by the format and refused here: ours has none. */
export function parseCheckpoint(bytes: Bytes): SignedCheckpoint | undefined {
  if (bytes.length > NOTE_BYTES_MAX) return undefined;
  const note = fromUtf8(bytes);
  if (note === undefined || note.startsWith('\ufeff')) return undefined;
  const [, text, origin, digits, base64, rest] =
    /^(([^\n\p{Cc}]{1,255})\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]{44})\n)\n((?:\u2014 [^\n]+\n)+)$/u.exec(
      note,
    ) ?? [];
  if (text === undefined || origin === undefined || base64 === undefined || rest === undefined)
    return undefined;
  const size = Number(digits);
  const root = fromBase64(base64);
  if (root === undefined || root.length !== 32 || size > 2 ** MERKLE_DEPTH_MAX) return undefined;
  const lines = rest.slice(0, -1).split('\n');
  if (lines.length > NOTE_SIGNATURES_MAX) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [, name, encoded] = /^\u2014 (\S+) (\S+)$/u.exec(line) ?? [];
    const raw = encoded === undefined ? undefined : fromBase64(encoded);
    if (name === undefined || raw === undefined || raw.length <= KEY_ID_BYTES) return undefined;
    signatures.push({ name, keyId: raw.slice(0, KEY_ID_BYTES), signature: raw.slice(KEY_ID_BYTES) });
  }
  return { origin, size, root, text, signatures };
}

const ofKey = (checkpoint: SignedCheckpoint, key: NoteKey): readonly NoteSignature[] =>
  checkpoint.signatures.filter((one) => one.name === key.name && equalBytes(one.keyId, keyIdOf(key)));

const cosigned = (time: number, text: string): Bytes => utf8(`cosignature/v1\ntime ${time}\n${text}`);

function timeOf(bytes: Bytes): number {
  let time = 0;
  for (const byte of bytes) time = time * 256 + byte;
  return time;
}

/** Whether the log's key or a witness's signed this checkpoint; a signature of that key that fails is a failure. */
export function checkpointSignedBy(
  crypto: Pick<Crypto, 'verify'>,
  key: NoteKey,
  checkpoint: SignedCheckpoint,
): boolean {
  const found = ofKey(checkpoint, key);
  return (
    found.length > 0 &&
    found.every(({ signature }) => {
      if (key.type === 'log') return crypto.verify(key.key, utf8(checkpoint.text), signature);
      if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return false;
      const time = timeOf(signature.subarray(0, TIME_BYTES));
      if (!Number.isSafeInteger(time)) return false;
      return crypto.verify(key.key, cosigned(time, checkpoint.text), signature.subarray(TIME_BYTES));
    })
  );
}

/** When a witness says that it saw this checkpoint, in epoch seconds. */
export function witnessedAt(checkpoint: SignedCheckpoint, key: NoteKey): number | undefined {
  const signature = ofKey(checkpoint, key)[0]?.signature;
  return signature?.length === TIME_BYTES + SIGNATURE_BYTES
    ? timeOf(signature.subarray(0, TIME_BYTES))
    : undefined;
}

/**
 * Adds a witness's word to a checkpoint. The witness has first checked that the checkpoint continues the last one
 * that it signed: that check is the caller's, with `consistencyHolds`.
 * @param atSeconds epoch seconds
 */
export function cosignCheckpoint(
  crypto: Pick<Crypto, 'sign' | 'signingPublicKey'>,
  secretKey: Bytes,
  name: string,
  note: Bytes,
  atSeconds: number,
): Bytes {
  const checkpoint = parseCheckpoint(note);
  if (checkpoint === undefined || !isKeyName(name)) throw new RangeError('a checkpoint, and a name of a key');
  const key: NoteKey = { name, type: 'witness', key: crypto.signingPublicKey(secretKey) };
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(atSeconds));
  const signature = crypto.sign(secretKey, cosigned(atSeconds, checkpoint.text));
  return concatBytes(note, utf8(signatureLine(name, keyIdOf(key), concatBytes(time, signature))));
}
