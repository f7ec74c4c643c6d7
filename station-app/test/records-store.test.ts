/** The store with no memory: for a given draw of slots, every order of casting leaves the same bytes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bytes, setRoot, toHex } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecordsStore, type RecordsLayout } from '../src/stores/records-store.ts';
import { createSlotMap, uniformBelowFrom } from '../src/stores/slot-map.ts';

const layout: RecordsLayout = {
  packageDigest: new Uint8Array(32).fill(1),
  contests: 2,
  sealedBytes: 140,
  votesMax: 40,
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandoq-records-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const uniformBelow = uniformBelowFrom(nodeRandomness);
const ballot = (vote: number): readonly Bytes[] =>
  [0, 1].map((contest) => new Uint8Array(layout.sealedBytes).fill(16 * (vote + 1) + contest));
const signatures = (vote: number): readonly Bytes[] =>
  [0, 1].map((contest) => new Uint8Array(64).fill(128 + 16 * vote + contest));
const file = (name: string): string => join(folder, name);
const open = (name: string, draw = uniformBelow) =>
  openRecordsStore(file(name), layout, { crypto: nodeCrypto, uniformBelow: draw });

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((one, i) => permutations(items.toSpliced(i, 1)).map((rest) => [one, ...rest]));
}

/** Bytes 24–27 and 92–95 of an SQLite header count transactions: a public counter. */
function masked(path: string): string {
  const bytes = readFileSync(path);
  bytes.fill(0, 24, 28);
  bytes.fill(0, 92, 96);
  return toHex(nodeCrypto.sha256(bytes));
}

describe('the records store', () => {
  it('is its process’s alone once something was written, and the recount’s after the close', () => {
    const store = open('alone.sqlite');
    store.writePending(ballot(1));
    store.storePending(signatures(1));
    const read = (): unknown => {
      const other = new Database(file('alone.sqlite'), { readonly: true, timeout: 0 });
      try {
        return other.prepare('SELECT count(*) FROM slot').pluck().get();
      } finally {
        other.close();
      }
    };
    expect(read).toThrow(/locked/);
    store.share();
    expect(read()).toBe(layout.votesMax * layout.contests);
    store.close();
  });

  it('leaves the same bytes for every order of four votes, whatever was pending in between', () => {
    // The draw is fixed for each vote: vote v goes to slots 20 - 7v and 21 + 5v, in whatever order it is cast.
    const slotsOf = (vote: number): readonly number[] => [20 - 5 * vote, 21 + 7 * vote];
    const digests = new Set<string>();
    for (const [i, order] of permutations([0, 1, 2, 3]).entries()) {
      const taken = new Set<number>();
      let queue: number[] = [];
      const store = open(`${i}.sqlite`, () => {
        const slot = queue.shift() as number;
        return slot - [...taken].filter((other) => other < slot).length; // its rank among the free
      });
      for (const [turn, vote] of order.entries()) {
        if (turn % 2 === 1) {
          store.writePending(ballot(9)); // a rejected paper leaves nothing
          store.clearPending();
        }
        queue = [...slotsOf(vote)];
        store.writePending(ballot(vote));
        store.storePending(signatures(vote));
        for (const slot of slotsOf(vote)) taken.add(slot);
      }
      expect(store.count()).toBe(8);
      store.close();
      digests.add(masked(file(`${i}.sqlite`)));
      expect(readFileSync(file(`${i}.sqlite-pending`)).every((byte) => byte === 0)).toBe(true);
    }
    expect(digests.size).toBe(1);
    for (const name of readdirSync(folder).filter((one) => one.includes('journal')))
      expect(readFileSync(file(name)).length).toBe(0);
  });

  it('finds the pending ballot and every record again, and commits to the set in no order', () => {
    const store = open('a.sqlite');
    store.beginSession(new Uint8Array(16).fill(5));
    store.writePending(ballot(1));
    store.storePending(signatures(1));
    store.writePending(ballot(2));
    store.close();
    const again = open('a.sqlite');
    expect(again.sessionId()).toEqual(new Uint8Array(16).fill(5));
    expect(again.count()).toBe(2);
    expect(again.pending()).toEqual(ballot(2));
    again.storePending(signatures(2));
    expect(again.pending()).toBeUndefined();
    const sealed = [...ballot(2), ...ballot(1)];
    expect(again.setRoot()).toEqual(setRoot(nodeCrypto, sealed));
    for (const { sealed: record, signature } of again.records()) {
      const vote = ((record[0] as number) >> 4) - 1;
      expect(signature).toEqual(signatures(vote)[(record[0] as number) & 15]);
    }
    again.close();
  });

  it('leaves no byte of a ballot that was cleared', () => {
    const store = open('a.sqlite');
    const planted = [0, 1].map(() => nodeRandomness(layout.sealedBytes));
    store.writePending(planted);
    expect(readFileSync(file('a.sqlite-pending')).includes(Buffer.from(planted[0] as Bytes))).toBe(true);
    store.clearPending();
    for (const name of readdirSync(folder))
      expect(readFileSync(file(name)).includes(Buffer.from((planted[0] as Bytes).subarray(0, 16)))).toBe(
        false,
      );
    store.close();
  });

  it('takes a ballot that is stored already for stored: the crash came before the zeroing', () => {
    const store = open('a.sqlite');
    store.writePending(ballot(1));
    const before = readFileSync(file('a.sqlite-pending'));
    store.storePending(signatures(1));
    store.close();
    writeFileSync(file('a.sqlite-pending'), before);
    const again = open('a.sqlite');
    expect(again.pending()).toBeUndefined();
    expect(again.count()).toBe(2);
    expect(readFileSync(file('a.sqlite-pending')).every((byte) => byte === 0)).toBe(true);
    again.close();
  });

  it('believes no ballot that was torn at any byte, and no store without its file', () => {
    const store = open('a.sqlite');
    store.writePending(ballot(1));
    store.close();
    const whole = readFileSync(file('a.sqlite-pending'));
    const old = Buffer.alloc(whole.length);
    for (let cut = 0; cut < whole.length; cut += 7) {
      writeFileSync(file('a.sqlite-pending'), Buffer.concat([whole.subarray(0, cut), old.subarray(cut)]));
      const again = open('a.sqlite');
      expect(again.pending()).toBeUndefined();
      again.close();
    }
    rmSync(file('a.sqlite-pending'));
    expect(() => open('a.sqlite')).toThrow('ENOENT');
  });

  it('refuses half a ballot among its records', () => {
    const store = open('a.sqlite');
    store.writePending(ballot(1));
    store.storePending(signatures(1));
    store.writePending([ballot(1)[0] as Bytes, ballot(2)[1] as Bytes]);
    store.close();
    expect(() => open('a.sqlite')).toThrow('half a ballot');
  });

  it('holds exactly votesMax votes', () => {
    const store = open('a.sqlite');
    for (let vote = 0; vote < layout.votesMax; vote++) {
      store.writePending(ballot(vote % 6));
      store.storePending(signatures(vote % 6));
    }
    expect(store.count()).toBe(layout.votesMax * layout.contests);
    expect(() => store.writePending(ballot(1))).toThrow('full');
    store.close();
  });

  it('refuses a second pending ballot, a ballot of another size and a session under votes', () => {
    const store = open('a.sqlite');
    store.writePending(ballot(1));
    expect(() => store.writePending(ballot(2))).toThrow('another ballot');
    store.clearPending();
    expect(() => store.writePending([ballot(1)[0] as Bytes])).toThrow('wrong size');
    store.writePending(ballot(1));
    expect(() => store.storePending([new Uint8Array(64)])).toThrow('one signature');
    store.storePending(signatures(1));
    expect(() => store.beginSession(new Uint8Array(16))).toThrow('not empty');
    store.close();
  });

  it('refuses the file of another package', () => {
    open('a.sqlite').close();
    const other = { ...layout, packageDigest: new Uint8Array(32).fill(2) };
    expect(() => openRecordsStore(file('a.sqlite'), other, { crypto: nodeCrypto, uniformBelow })).toThrow(
      'another package',
    );
  });
});

describe('the draw of slots', () => {
  it('is uniform over the free slots', () => {
    const map = createSlotMap(70, uniformBelow);
    for (const slot of [0, 3, 31, 32, 33, 69]) map.take(slot);
    const counts = new Array<number>(70).fill(0);
    const draws = 64_000;
    for (let i = 0; i < draws; i++) {
      const slot = map.draw(1)[0] as number;
      counts[slot] = (counts[slot] as number) + 1;
    }
    expect([0, 3, 31, 32, 33, 69].every((slot) => counts[slot] === 0)).toBe(true);
    // chi-square over 64 free slots: 63 degrees of freedom, 1 in 10^6 above 130
    const expected = draws / 64;
    const chiSquare = counts
      .filter((_, slot) => ![0, 3, 31, 32, 33, 69].includes(slot))
      .reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(130);
  });

  it('draws different slots for one vote, down to the last', () => {
    const map = createSlotMap(8, uniformBelow);
    expect(new Set(map.draw(8)).size).toBe(8);
    for (const slot of map.draw(8)) map.take(slot);
    expect(map.free()).toBe(0);
    expect(() => map.draw(1)).toThrow('not enough');
    expect(() => map.take(0)).toThrow('not free');
  });

  it('rejects what would favour small numbers', () => {
    const bytes = [new Uint8Array([255, 255, 255, 255]), new Uint8Array([0, 0, 0, 7])];
    expect(uniformBelowFrom(() => bytes.shift() as Bytes)(10)).toBe(7);
  });
});
