/**
 * The candidates' pictures, read once when the package is loaded and held in memory: afterwards nothing on the disk,
 * neither an access time nor an order of reading, can tell at whom a voter looked. A picture that is missing, too long,
 * or not the one that the signed candidate list names is none: the card shows its placeholder, and nobody waits.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Bytes,
  type Crypto,
  equalBytes,
  PICTURE_BYTES_MAX,
  type PictureKind,
  pictureFile,
  pictureKind,
  type records,
  toHex,
} from '@sandoq/protocol';

/** Held by one voting process, and by the voter's page again: 3,500 portraits of 9 KB. Those beyond it are not shown. */
export const HELD_PICTURES_BYTES_MAX = 32 * 1024 * 1024;
/** Of one answer, before base64 makes it a third longer: a line of the contract holds 1 MiB. */
export const ANSWER_PICTURES_BYTES_MAX = 512 * 1024;

export interface CandidatePicture {
  readonly kind: PictureKind;
  readonly bytes: Bytes;
}

export interface CandidatePictures {
  /** each once, in the order of the ballot */
  readonly pictures: readonly CandidatePicture[];
  /** by contest, by candidate: the place in `pictures`, or null where there is none to show */
  readonly placeOf: readonly (readonly (number | null)[])[];
}
export const NO_PICTURES: CandidatePictures = { pictures: [], placeOf: [] };

const KINDS: readonly PictureKind[] = ['png', 'jpg'];

/** A plain file of a picture's length, or undefined: a pipe of this name would never end. */
function readShort(path: string): Bytes | undefined {
  try {
    const status = statSync(path);
    if (!status.isFile() || status.size > PICTURE_BYTES_MAX) return undefined;
    const bytes = new Uint8Array(readFileSync(path));
    return bytes.length <= PICTURE_BYTES_MAX ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function readPicture(
  folder: string,
  digest: Bytes,
  crypto: Pick<Crypto, 'sha256'>,
): CandidatePicture | undefined {
  for (const kind of KINDS) {
    const bytes = readShort(join(folder, pictureFile(digest, kind)));
    if (bytes !== undefined && pictureKind(bytes) === kind && equalBytes(crypto.sha256(bytes), digest))
      return { kind, bytes };
  }
  return undefined;
}

/** @param lists of the package as its signature was checked; only what they name is opened */
export function readCandidatePictures(
  folder: string,
  lists: readonly records.CandidateList[],
  crypto: Pick<Crypto, 'sha256'>,
  heldBytesMax = HELD_PICTURES_BYTES_MAX,
): CandidatePictures {
  const pictures: CandidatePicture[] = [];
  const places = new Map<string, number | null>();
  let held = 0;
  const place = (digest: Bytes | undefined): number | null => {
    if (digest === undefined) return null;
    const known = places.get(toHex(digest));
    if (known !== undefined) return known;
    const picture = held < heldBytesMax ? readPicture(folder, digest, crypto) : undefined;
    const isHeld = picture !== undefined && held + picture.bytes.length <= heldBytesMax;
    places.set(toHex(digest), isHeld ? pictures.length : null);
    if (!isHeld) return null;
    held += picture.bytes.length;
    return pictures.push(picture) - 1;
  };
  const placeOf = lists.map(({ candidates }) => candidates.map(({ pictureDigest }) => place(pictureDigest)));
  return { pictures, placeOf };
}

/** The pictures from one place on, as many as an answer holds, and the place of the next answer. */
export function picturesFrom(
  { pictures }: CandidatePictures,
  from: number,
): { readonly pictures: { kind: PictureKind; base64: string }[]; readonly next: number | null } {
  const answer: { kind: PictureKind; base64: string }[] = [];
  let length = 0;
  for (const { kind, bytes } of pictures.slice(from)) {
    length += bytes.length;
    if (length > ANSWER_PICTURES_BYTES_MAX) break;
    answer.push({
      kind,
      base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
    });
  }
  const next = from + answer.length;
  return { pictures: answer, next: next < pictures.length ? next : null };
}
