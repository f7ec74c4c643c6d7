/**
 * Packs: a large publication's small files, many in one, so that a nation is hundreds of files and not hundreds of
 * thousands. A pack is a CBOR sequence (RFC 8742) of `[path, bytes]`; what it holds counts as if it lay in the folder
 * by itself: the index names it, its digest is there, and no bit of a pack is free.
 */
import { type Bytes, fromUtf8, utf8 } from '../codec/bytes.ts';
import { type Fault, PUBLISHER, type PublicationReader } from './publication.ts';

export const PACKS_FOLDER = 'packs/';
/** An election of more stations is published in packs, a smaller one as single files. */
export const SINGLE_FILES_STATIONS_MAX = 1000;
export const STATIONS_PER_PACK = 256;
export type PackKind = 'stations' | 'slips';
export const packFile = (kind: PackKind, number: number): string =>
  `${PACKS_FOLDER}${kind}-${String(number).padStart(5, '0')}.pack`;
/** What each kind holds: another path in it is no file of a pack. */
const HELD: Readonly<Record<PackKind, RegExp>> = {
  stations: /^package\/stations\/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.cose$/,
  slips: /^(?:slips|receipts|corrections)\/[^/]+$/,
};
const PACK_FILE = /^packs\/(?:stations|slips)-[0-9]{5}\.pack$/;

const PAIR = 0x82;
const BYTE_STRING = 2;
const TEXT_STRING = 3;
const HEAD_BYTES_MAX = 5;
/** Ours are `corrections/ID.99.bundle` at the longest. */
const PATH_BYTES_MAX = 200;

function putHead(out: Bytes, at: number, major: number, length: number): number {
  if (length < 24) {
    out[at] = (major << 5) | length;
    return at + 1;
  }
  const width = length < 256 ? 1 : length < 65_536 ? 2 : 4;
  out[at] = (major << 5) | (width === 1 ? 24 : width === 2 ? 25 : 26);
  for (let i = width, rest = length; i > 0; i--, rest = Math.floor(rest / 256)) out[at + i] = rest % 256;
  return at + 1 + width;
}

/** One item of a pack; a pack is its items one after another. */
export function packItem(path: string, bytes: Bytes): Bytes {
  const name = utf8(path);
  const out = new Uint8Array(1 + 2 * HEAD_BYTES_MAX + name.length + bytes.length);
  out[0] = PAIR;
  let at = putHead(out, 1, TEXT_STRING, name.length);
  out.set(name, at);
  at = putHead(out, at + name.length, BYTE_STRING, bytes.length);
  out.set(bytes, at);
  return out.subarray(0, at + bytes.length);
}

/** A definite string's head in its shortest form. @returns undefined for anything else, or more than is there */
function stringAt(bytes: Bytes, at: number, major: number): { from: number; to: number } | undefined {
  const head = bytes[at];
  if (head === undefined || head >> 5 !== major) return undefined;
  const info = head & 31;
  if (info < 24) return at + 1 + info <= bytes.length ? { from: at + 1, to: at + 1 + info } : undefined;
  if (info > 26) return undefined;
  const width = 1 << (info - 24);
  let length = 0;
  for (let i = 1; i <= width; i++) length = length * 256 + (bytes[at + i] ?? 0);
  const from = at + 1 + width;
  const least = info === 24 ? 24 : info === 25 ? 256 : 65_536;
  return length < least || from + length > bytes.length ? undefined : { from, to: from + length };
}

export interface Unpacked {
  readonly items: readonly { readonly path: string; readonly bytes: Bytes }[];
  /** where the pack stops being one; undefined where it is whole */
  readonly brokenAt?: number;
}

/** Total: any bytes give the items up to where they stop being a pack. Contents are views into the pack. */
export function readPack(pack: Bytes): Unpacked {
  const items: { path: string; bytes: Bytes }[] = [];
  for (let at = 0; at < pack.length; ) {
    const name = pack[at] === PAIR ? stringAt(pack, at + 1, TEXT_STRING) : undefined;
    const content = name === undefined ? undefined : stringAt(pack, name.to, BYTE_STRING);
    if (name === undefined || content === undefined || name.to - name.from > PATH_BYTES_MAX)
      return { items, brokenAt: at };
    const path = fromUtf8(pack.subarray(name.from, name.to));
    if (path === undefined) return { items, brokenAt: at };
    items.push({ path, bytes: pack.subarray(content.from, content.to) });
    at = content.to;
  }
  return { items };
}

/** A folder with packs, read as if what they hold lay in it by itself; packs that are none are named. */
export function unpacking(reader: PublicationReader): PublicationReader {
  const packs = reader.names().filter((name) => PACK_FILE.test(name));
  if (packs.length === 0) return reader;
  const names = reader.names().filter((name) => !PACK_FILE.test(name));
  const faults: Fault[] = [...(reader.faults ?? [])];
  const wrong = (code: string, file: string, at: string, wanted: string): void => {
    faults.push({ code, file, at, whose: PUBLISHER, wanted });
  };
  const packed = new Map<string, Bytes>();
  const single = new Set(names);
  for (const pack of packs) {
    const { items, brokenAt } = readPack(reader.read(pack) ?? new Uint8Array(0));
    if (items.length === 0 && brokenAt === undefined) wrong('pack_malformed', pack, '', 'at least one file');
    if (brokenAt !== undefined)
      wrong('pack_malformed', pack, `byte ${brokenAt}`, 'a path and the bytes of a file');
    const held = HELD[pack.startsWith(`${PACKS_FOLDER}stations`) ? 'stations' : 'slips'];
    for (const { path, bytes } of items)
      if (!held.test(path)) wrong('pack_malformed', pack, path, 'a path that belongs into it');
      else if (single.has(path) || packed.has(path)) wrong('file_repeated', pack, path, 'each file once');
      else packed.set(path, bytes);
  }
  const all = [...names, ...packed.keys()].sort();
  return {
    names: () => all,
    read: (name) => packed.get(name) ?? (single.has(name) ? reader.read(name) : undefined),
    faults,
  };
}
