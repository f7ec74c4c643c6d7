/** The bulletin: appended in any portions it is one log; after a crash it goes on; its notes are read strictly. */
import { type Bytes, enrolPublicKey, equalBytes, fromUtf8, toHex, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendEntries,
  bulletinOrigin,
  bulletinRoot,
  decodeEntry,
  emptyBulletin,
  encodeEntry,
  resumeBulletin,
} from '../src/bulletin/bulletin.ts';
import {
  checkpointSignedBy,
  cosignCheckpoint,
  encodeNoteKey,
  fromBase64,
  NOTE_SIGNATURES_MAX,
  type NoteKey,
  parseCheckpoint,
  parseNoteKey,
  signCheckpoint,
  toBase64,
  witnessedAt,
} from '../src/bulletin/note.ts';
import { decodeEntryTile, encodeEntryTile, tilePath, tilesOf } from '../src/bulletin/tiles.ts';

const secretKey = nodeCrypto.sha256(utf8('test key log'));
const signer = { crypto: nodeCrypto, secretKey };
const origin = bulletinOrigin('demo-1405');
const logKey: NoteKey = { name: origin, type: 'log', key: nodeCrypto.signingPublicKey(secretKey) };
const entry = (i: number): Bytes =>
  encodeEntry({ kind: 'slip', digest: nodeCrypto.sha256(utf8(`${i}`)), at: 1000 + i, stationId: `s${i}` });
const entries = Array.from({ length: 700 }, (_, i) => entry(i));

describe('appending', () => {
  it('in any portions gives the same log, tile for tile', () => {
    const whole = appendEntries(emptyBulletin(origin), entries, signer);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }), (portions) => {
        let state = emptyBulletin(origin);
        const disk = new Map<string, Bytes>();
        let checkpoint: Bytes | undefined;
        for (const portion of [...portions, entries.length]) {
          const appended = appendEntries(state, entries.slice(state.size, state.size + portion), signer);
          for (const [path, bytes] of appended.tiles) disk.set(path, bytes);
          ({ state, checkpoint } = appended);
        }
        expect(checkpoint).toEqual(whole.checkpoint);
        for (const { kind, index, width } of tilesOf(entries.length))
          expect(disk.get(tilePath(kind, index, width))).toEqual(
            whole.tiles.get(tilePath(kind, index, width)),
          );
      }),
      { numRuns: 20 },
    );
  });

  it('goes on after a crash at any file: the old checkpoint stands until the new one is written', () => {
    const disk = new Map<string, Bytes>();
    const first = appendEntries(emptyBulletin(origin), entries.slice(0, 250), signer);
    for (const [path, bytes] of first.tiles) disk.set(path, bytes);
    const second = appendEntries(first.state, entries.slice(250, 520), signer);
    for (let written = 0; written <= second.tiles.size; written++) {
      const torn = new Map(disk);
      for (const [path, bytes] of [...second.tiles].slice(0, written)) torn.set(path, bytes);
      const checkpoint = parseCheckpoint(first.checkpoint);
      const state = checkpoint && resumeBulletin({ read: (path) => torn.get(path) }, checkpoint);
      expect(state).toEqual(first.state);
      const again = appendEntries(state ?? emptyBulletin(origin), entries.slice(250, 520), signer);
      expect(again.checkpoint).toEqual(second.checkpoint);
      expect(again.tiles).toEqual(second.tiles);
    }
  });

  it('does not go on from tiles that do not lead to the checkpoint', () => {
    const log = appendEntries(emptyBulletin(origin), entries.slice(0, 300), signer);
    const checkpoint = parseCheckpoint(log.checkpoint);
    if (checkpoint === undefined) throw new Error('no checkpoint');
    for (const path of [tilePath('entries', 1, 44), tilePath(0, 1, 44), tilePath(1, 0, 1)]) {
      const bent = new Map(log.tiles);
      const tile = Uint8Array.from(bent.get(path) as Bytes);
      tile[5] = (tile[5] as number) ^ 1;
      bent.set(path, tile);
      expect(resumeBulletin({ read: (name) => bent.get(name) }, checkpoint)).toBeUndefined();
      bent.delete(path);
      expect(resumeBulletin({ read: (name) => bent.get(name) }, checkpoint)).toBeUndefined();
    }
    expect(toHex(bulletinRoot(log.state))).toBe(toHex(checkpoint.root));
  });

  it('names tiles as the layout does', () => {
    expect(tilePath(0, 5, 256)).toBe('tile/0/005');
    expect(tilePath('entries', 1234067, 8)).toBe('tile/entries/x001/x234/067.p/8');
    expect([...tilesOf(300)].map(({ kind, index, width }) => tilePath(kind, index, width))).toEqual([
      'tile/entries/000',
      'tile/entries/001.p/44',
      'tile/0/000',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
    ]);
  });

  it('reads entries and entry tiles strictly', () => {
    const tile = encodeEntryTile([entry(1), entry(2)]);
    expect(decodeEntryTile(tile, 2)).toEqual([entry(1), entry(2)]);
    expect(decodeEntryTile(tile, 1)).toBeUndefined();
    expect(decodeEntryTile(tile, 3)).toBeUndefined();
    expect(decodeEntryTile(tile.slice(0, -1), 2)).toBeUndefined();
    expect(decodeEntry(entry(7))).toMatchObject({ kind: 'slip', at: 1007, stationId: 's7' });
    expect(decodeEntry(encodeEntry({ kind: 'slip', digest: new Uint8Array(32), at: 1 }))).toBeUndefined();
    expect(decodeEntry(new Uint8Array(200))).toBeUndefined();
  });
});

describe('checkpoints', () => {
  const { checkpoint } = appendEntries(emptyBulletin(origin), entries.slice(0, 3), signer);
  const signed = (note: Bytes, key = logKey): boolean => {
    const parsed = parseCheckpoint(note);
    return parsed !== undefined && checkpointSignedBy(nodeCrypto, key, parsed);
  };

  it('carry origin, size, root and a signature in the note format', () => {
    expect(fromUtf8(checkpoint)).toMatch(
      /^sandoq\.bulletin\/demo-1405\n3\n[A-Za-z0-9+/]{43}=\n\n— sandoq\.bulletin\/demo-1405 [A-Za-z0-9+/]+=*\n$/u,
    );
    expect(signed(checkpoint)).toBe(true);
    expect(
      signed(checkpoint, { ...logKey, key: nodeCrypto.signingPublicKey(nodeCrypto.sha256(utf8('b'))) }),
    ).toBe(false);
  });

  it('lose their signature or their form with any bit', () => {
    for (let bit = 0; bit < checkpoint.length * 8; bit++) {
      const bent = Uint8Array.from(checkpoint);
      bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(signed(bent), `bit ${bit}`).toBe(false);
    }
  });

  it('are cosigned by witnesses, whose keys are handed over as text', () => {
    const witnessSecret = nodeCrypto.sha256(utf8('test key witness'));
    const witness: NoteKey = {
      name: 'observer.example',
      type: 'witness',
      key: nodeCrypto.signingPublicKey(witnessSecret),
    };
    const note = cosignCheckpoint(nodeCrypto, witnessSecret, witness.name, checkpoint, 1_795_000_123);
    expect(signed(note)).toBe(true);
    expect(signed(note, witness)).toBe(true);
    expect(signed(checkpoint, witness)).toBe(false);
    expect(witnessedAt(parseCheckpoint(note) as never, witness)).toBe(1_795_000_123);
    expect(parseNoteKey(encodeNoteKey(witness))).toEqual(witness);
    expect(parseNoteKey(encodeNoteKey(logKey))).toEqual(logKey);
    expect(parseNoteKey(encodeNoteKey(witness).replace('observer', 'observed'))).toBeUndefined();
    expect(enrolPublicKey(witness.key)).toBe(true);
  });

  it('are refused beyond their bounds', () => {
    const line = (fromUtf8(checkpoint) as string).split('\n').at(-2) as string;
    const many = (count: number) =>
      parseCheckpoint(utf8((fromUtf8(checkpoint) as string) + `${line}\n`.repeat(count - 1)));
    expect(many(NOTE_SIGNATURES_MAX)).toBeDefined();
    expect(many(NOTE_SIGNATURES_MAX + 1)).toBeUndefined();
    expect(() =>
      signCheckpoint(nodeCrypto, secretKey, { origin: 'a b', size: 0, root: new Uint8Array(32) }),
    ).toThrow();
  });

  it('base64 is canonical both ways', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(equalBytes(fromBase64(toBase64(bytes)) as Bytes, bytes)).toBe(true);
      }),
    );
    for (const text of ['AB==', 'A', 'AAA', '=AAA', 'AA=A', 'A A=', 'AAB='])
      expect(fromBase64(text)).toBeUndefined();
  });
});
