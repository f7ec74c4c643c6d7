/** The roll: a permutation, a code, blocks, a file that refuses every flipped byte. */
import { readFileSync } from 'node:fs';
import {
  authorityEntry,
  type Bytes,
  concatBytes,
  directoryOf,
  type ElectionId,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  BLOCK_INDEX_BYTES,
  ballotStyle,
  blockHolds,
  buildRollDelta,
  classCount,
  codeLengthsFor,
  createPermutation,
  createRollBuilder,
  decodeEntries,
  type EntryForm,
  encodeEntries,
  findEntry,
  indexBits,
  openRollDelta,
  openRollHead,
  openRollIndex,
  packChange,
  prefixCode,
  ROLL_MAGIC,
  ROLL_PREFIX_BYTES,
  type RollChange,
  type RollFileFault,
  readPrefix,
  unpackChange,
} from '@sandoq/protocol/roll';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contest, Package } from '../src/records/generated.ts';

const KEY = nodeCrypto.sha256(utf8('roll test key'));
const SECRET = nodeCrypto.sha256(utf8('roll test authority'));
const ELECTION = 'roll-test' as ElectionId;
const CONSTITUENCIES = ['east', 'west', 'north'];
const trust = {
  crypto: nodeCrypto,
  directory: directoryOf([authorityEntry(nodeCrypto.signingPublicKey(SECRET))]),
  election: ELECTION,
  at: 0,
};
const nine = fc.integer({ min: 0, max: 999_999_999 });
const home = fc.integer({ min: 0, max: CONSTITUENCIES.length - 1 });
const standing = fc.oneof(
  fc.record({ status: fc.constantFrom('eligible', 'dead', 'not_eligible'), home }),
  fc.record({ status: fc.constant('voted' as const), home, firstRound: home }),
) as fc.Arbitrary<Exclude<RollChange, { status: 'off_roll' }>>;

const order = {
  key: KEY,
  election: ELECTION,
  asOf: 1_700_000_000,
  votingAgeYears: 18,
  constituencies: CONSTITUENCIES,
};

function fileOf(people: ReadonlyMap<number, Exclude<RollChange, { status: 'off_roll' }>>) {
  const builder = createRollBuilder(order);
  for (const [code, change] of people) builder.add(code, change);
  const built = builder.finish(nodeCrypto, SECRET);
  if (!built.ok) throw new Error(built.fault.code);
  return { ...built.value, bytes: concatBytes(...built.value.pieces) };
}

const permutations = new Map<Bytes, ReturnType<typeof createPermutation>>();
/** Filling its tables takes 20 ms: once for each key. */
function permutationOf(key: Bytes) {
  const known = permutations.get(key) ?? createPermutation(key);
  permutations.set(key, known);
  return known;
}

type Answer = RollChange | 'absent' | RollFileFault;

/** A station's reader over bytes in memory. @returns the fault's name where what is read at opening is not as signed */
function openBytes(file: Bytes, key = KEY): RollFileFault | ((code: number) => Answer) {
  const length = readPrefix(file.subarray(0, ROLL_PREFIX_BYTES), ROLL_MAGIC);
  if (length === undefined) return 'roll_malformed';
  const indexAt = ROLL_PREFIX_BYTES + length;
  const roll = openRollHead(file.subarray(ROLL_PREFIX_BYTES, indexAt), key, trust);
  if (!roll.ok) return roll.fault;
  const { head, form } = roll.value;
  const blocksAt = indexAt + head.blocks * BLOCK_INDEX_BYTES;
  const index = openRollIndex(head, file.subarray(indexAt, blocksAt), file.length - blocksAt);
  if (!index.ok) return index.fault;
  const { offsets } = index.value;
  return (code) => {
    const position = permutationOf(key).positionOf(code);
    const block = Math.floor(position / head.blockSpan);
    const bytes = file.subarray(
      blocksAt + (offsets[block] as number),
      blocksAt + (offsets[block + 1] as number),
    );
    if (!blockHolds(index.value, block, concatBytes(Uint8Array.of(0), bytes), nodeCrypto))
      return 'roll_block_damaged';
    const found = findEntry(form, bytes, block * head.blockSpan, position);
    if (found.kind === 'absent') return 'absent';
    if (found.kind === 'malformed') return 'roll_malformed';
    return unpackChange(found.packed, CONSTITUENCIES.length) ?? 'roll_malformed';
  };
}

function ask(file: Bytes, code: number, key = KEY): Answer {
  const opened = openBytes(file, key);
  return typeof opened === 'string' ? opened : opened(code);
}

describe('the permutation', () => {
  const permutation = createPermutation(KEY);
  it('is one to one, and its inverse its inverse', () => {
    fc.assert(
      fc.property(nine, (code) => {
        const position = permutation.positionOf(code);
        expect(position).toBeGreaterThanOrEqual(0);
        expect(position).toBeLessThan(1_000_000_000);
        expect(permutation.nineOf(position)).toBe(code);
      }),
      { numRuns: 2000 },
    );
  });
  it('scatters one office’s codes over all blocks', () => {
    const blocks = new Set<number>();
    for (let serial = 1; serial <= 1000; serial++)
      blocks.add(Math.floor(permutation.positionOf(1_000_000 + serial) / 1e7));
    // A thousand throws into a hundred cells leave hardly any empty.
    expect(blocks.size).toBeGreaterThan(95);
  });
  it('is another one under another key', () => {
    const other = createPermutation(nodeCrypto.sha256(KEY));
    const same = Array.from({ length: 1000 }, (_, code) => code).filter(
      (code) => other.positionOf(code) === permutation.positionOf(code),
    );
    expect(same).toEqual([]);
  });
  it('refuses what is no nine digits', () => {
    for (const wrong of [-1, 1e9, 0.5, Number.NaN])
      expect(() => permutation.positionOf(wrong)).toThrow(RangeError);
    expect(() => createPermutation(KEY.subarray(1))).toThrow(RangeError);
  });
});

describe('the prefix code', () => {
  it('has no word above fifteen bits, and every symbol that comes has one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 ** 31 }), { minLength: 1, maxLength: 400 }),
        (counts) => {
          const lengths = codeLengthsFor(counts);
          expect(prefixCode(lengths)).toBeDefined();
          for (const [symbol, count] of counts.entries())
            expect((lengths[symbol] as number) > 0).toBe(count > 0);
        },
      ),
      { numRuns: 100 },
    );
    const steep = Array.from({ length: 40 }, (_, i) => 2 ** i);
    expect(Math.max(...codeLengthsFor(steep))).toBeLessThanOrEqual(15);
  });
  it('of too many words is none', () => {
    expect(prefixCode(Uint8Array.of(1, 1, 1))).toBeUndefined();
    expect(prefixCode(Uint8Array.of(16))).toBeUndefined();
  });
});

const form = (riceBits: number): EntryForm => ({
  riceBits,
  code: prefixCode(codeLengthsFor(new Array(classCount(3)).fill(1))) as EntryForm['code'],
  indexBits: indexBits(3),
});

describe('blocks', () => {
  it('give back what was written, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.integer({ min: 1000, max: 400_000 }), standing), {
          selector: ([at]) => at,
        }),
        fc.integer({ min: 0, max: 20 }),
        (people, riceBits) => {
          const entries = people
            .map(([position, change]) => ({ position, packed: packChange(change, 3) }))
            .sort((a, b) => a.position - b.position);
          const lists = {
            positions: Uint32Array.from(entries, ({ position }) => position),
            packed: Uint32Array.from(entries, ({ packed }) => packed),
          };
          const bytes = encodeEntries(form(riceBits), 1000, lists, entries.length);
          for (const { position, packed } of entries)
            expect(findEntry(form(riceBits), bytes, 1000, position)).toEqual({ kind: 'found', packed });
          const free = [999, 1000, 400_001].filter((at) => !entries.some(({ position }) => position === at));
          for (const at of free) expect(findEntry(form(riceBits), bytes, 1000, at).kind).toBe('absent');
          const list = decodeEntries(form(riceBits), bytes, 1000, entries.length);
          expect([...(list?.positions ?? [])]).toEqual(entries.map(({ position }) => position));
        },
      ),
      { numRuns: 100 },
    );
  });
  it('of any bytes give an answer, and reserve nothing for a count that they cannot hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 30 }), (bytes, riceBits) => {
        const found = findEntry(form(riceBits), bytes, 0, 77_777);
        expect(['found', 'absent', 'malformed']).toContain(found.kind);
        const list = decodeEntries(form(riceBits), bytes, 0, 2 ** 31);
        expect(list === undefined || list.positions.length <= bytes.length * 4).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a roll', () => {
  it('answers for everybody on it and for nobody else, in whatever order it was made', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(nine, standing), { selector: ([code]) => code, maxLength: 60 }),
        (list) => {
          const people = new Map(list);
          const file = fileOf(people);
          expect(fileOf(new Map([...list].reverse())).bytes).toEqual(file.bytes);
          const answer = openBytes(file.bytes);
          if (typeof answer === 'string') throw new Error(answer);
          for (const [code, change] of list) expect(answer(code)).toEqual(change);
          for (const code of [0, 1, 999_999_999]) if (!people.has(code)) expect(answer(code)).toBe('absent');
        },
      ),
      { numRuns: 30 },
    );
  });

  const crowd = new Map(
    Array.from({ length: 1500 }, (_, i) => [
      1_000_001 + i * 7919,
      { status: 'eligible', home: i % 3 } as const,
    ]),
  );
  const file = fileOf(crowd);

  it('refuses every flipped byte: prefix, head, index, and the block that it lies in', () => {
    expect(file.head.blocks).toBeGreaterThan(2);
    const codes = [...crowd.keys()];
    const length = readPrefix(file.bytes.subarray(0, ROLL_PREFIX_BYTES), ROLL_MAGIC) as number;
    const blocksAt = ROLL_PREFIX_BYTES + length + file.head.blocks * BLOCK_INDEX_BYTES;
    const names = new Set<string>();
    for (let at = 0; at < file.bytes.length; at += at < blocksAt ? 1 : 37) {
      const bent = file.bytes.slice();
      bent[at] = (bent[at] as number) ^ (1 << (at % 8));
      const opened = openBytes(bent);
      // Of a flip in a block only those who stand in it are told: among these somebody does.
      const answers =
        typeof opened === 'string' ? [opened] : codes.filter((_, i) => i % 20 === 0).map(opened);
      const refusals = answers.filter((answer) => typeof answer === 'string');
      expect(refusals.length, `byte ${at}`).toBeGreaterThan(0);
      for (const refusal of refusals) names.add(refusal);
    }
    expect([...names].sort()).toEqual([
      'roll_block_damaged',
      'roll_index_damaged',
      'roll_malformed',
      'roll_not_signed',
    ]);
  });

  it('refuses what is cut off or longer, another key, another election, another signer', () => {
    const code = 1_000_001;
    expect(ask(file.bytes, code)).toEqual({ status: 'eligible', home: 0 });
    expect(ask(file.bytes.subarray(0, file.bytes.length - 1), code)).toBe('roll_index_damaged');
    expect(ask(concatBytes(file.bytes, Uint8Array.of(0)), code)).toBe('roll_index_damaged');
    expect(ask(file.bytes, code, nodeCrypto.sha256(KEY))).toBe('roll_key_wrong');
    const record = file.pieces[2] as Bytes;
    expect(openRollHead(record, KEY, { ...trust, election: 'other' as ElectionId })).toEqual({
      ok: false,
      fault: 'roll_not_signed',
    });
    const stranger = directoryOf([authorityEntry(nodeCrypto.signingPublicKey(KEY))]);
    expect(openRollHead(record, KEY, { ...trust, directory: stranger }).ok).toBe(false);
  });

  it('of two people with one code, or of a constituency that is not there, is not made', () => {
    const twice = createRollBuilder(order);
    for (let i = 0; i < 2; i++) twice.add(5, { status: 'eligible', home: 0 });
    expect(twice.finish(nodeCrypto, SECRET)).toEqual({ ok: false, fault: { code: 'code_repeated' } });
    const lost = createRollBuilder(order);
    lost.add(5, { status: 'eligible', home: 3 });
    expect(lost.finish(nodeCrypto, SECRET)).toEqual({ ok: false, fault: { code: 'constituency_unknown' } });
  });

  it('without its key says of nobody whether she is on it', () => {
    // The same codes under two keys: not one block in common, and lengths that tell nothing of who is where.
    const other = createRollBuilder({ ...order, key: nodeCrypto.sha256(KEY) });
    for (const [code, change] of crowd) other.add(code, change);
    const built = other.finish(nodeCrypto, SECRET);
    if (!built.ok) throw new Error(built.fault.code);
    const mine = new Set(file.pieces.slice(4).map((block) => Buffer.from(block).toString('hex')));
    expect(built.value.pieces.slice(4).some((block) => mine.has(Buffer.from(block).toString('hex')))).toBe(
      false,
    );
  });

  const delta = (sequence: number, previous: Bytes, changes: { nine: number; change: RollChange }[]) => {
    const built = buildRollDelta(
      {
        key: KEY,
        election: ELECTION,
        asOf: 1,
        head: file.head,
        roll: file.payload,
        previous,
        sequence,
        changes,
      },
      nodeCrypto,
      SECRET,
    );
    if (!built.ok) throw new Error(built.fault.code);
    return built.value;
  };
  const opened = openRollHead(file.pieces[2] as Bytes, KEY, trust);
  if (!opened.ok) throw new Error(opened.fault);
  const before = { payload: file.payload, sequence: 0 };

  it('is followed by deltas, each in its turn and whole', () => {
    const first = delta(1, file.payload, [
      { nine: 1_000_001, change: { status: 'dead', home: 1 } },
      { nine: 77, change: { status: 'off_roll' } },
      { nine: 78, change: { status: 'voted', home: 2, firstRound: 0 } },
    ]);
    const got = openRollDelta(first.bytes, opened.value, before, trust);
    if (!got.ok) throw new Error(got.fault);
    const permutation = createPermutation(KEY);
    const said = new Map(
      [...got.value.entries.positions].map((position, i) => [
        permutation.nineOf(position),
        unpackChange(got.value.entries.packed[i] as number, 3),
      ]),
    );
    expect(said).toEqual(
      new Map<number, RollChange>([
        [1_000_001, { status: 'dead', home: 1 }],
        [77, { status: 'off_roll' }],
        [78, { status: 'voted', home: 2, firstRound: 0 }],
      ]),
    );
    for (let at = 0; at < first.bytes.length; at++) {
      const bent = first.bytes.slice();
      bent[at] = (bent[at] as number) ^ 0x10;
      expect(openRollDelta(bent, opened.value, before, trust).ok, `byte ${at}`).toBe(false);
    }
    const second = delta(2, first.payload, []);
    expect(openRollDelta(second.bytes, opened.value, before, trust)).toEqual({
      ok: false,
      fault: 'delta_out_of_turn',
    });
    expect(openRollDelta(second.bytes, opened.value, { payload: first.payload, sequence: 1 }, trust).ok).toBe(
      true,
    );
  });
});

describe('the ballot style', () => {
  const contest = (law: Contest['law'], district?: string) =>
    (district === undefined ? { law } : { law, district }) as Contest;
  const election = (contests: readonly Contest[], styles: number[][]) =>
    ({ contests, styles: styles.map((one) => ({ contests: one })) }) as unknown as Package;
  const day = election([contest('president'), contest('majles', 'east')], [[0, 1], [0]]);
  const here = { constituency: 'east' };

  it('a visitor votes for president, and not here for the Majles', () => {
    expect(ballotStyle(day, here, { home: 'east' })).toEqual({ ok: true, value: 0 });
    expect(ballotStyle(day, here, { home: 'west' })).toEqual({ ok: true, value: 1 });
    expect(ballotStyle(day, { constituency: 'west' }, { home: 'west' })).toEqual({ ok: true, value: 1 });
  });
  it('nobody votes where nothing is hers', () => {
    const majles = election([contest('majles', 'east')], [[0]]);
    expect(ballotStyle(majles, here, { home: 'west' })).toEqual({ ok: false, fault: 'other_constituency' });
  });
  it('a runoff is bound to where the first vote was, not to where she belongs', () => {
    const runoff = election([contest('runoff', 'east')], [[0]]);
    const asked = (home: string, firstRound?: string) => ballotStyle(runoff, here, { home, firstRound });
    expect(asked('east', 'east').ok).toBe(true);
    expect(asked('west', 'east').ok).toBe(true);
    expect(asked('east').ok).toBe(true);
    expect(asked('east', 'west')).toEqual({ ok: false, fault: 'runoff_elsewhere' });
    expect(asked('west')).toEqual({ ok: false, fault: 'other_constituency' });
  });
  it('a first round asks nothing of an earlier one, and a runoff without a district binds nobody', () => {
    expect(ballotStyle(day, here, { home: 'east', firstRound: 'west' })).toEqual({ ok: true, value: 0 });
    const president = election([contest('runoff')], [[0]]);
    expect(ballotStyle(president, here, { home: 'west', firstRound: 'north' })).toEqual({
      ok: true,
      value: 0,
    });
  });
  it('a package that forgot a style is told so', () => {
    expect(ballotStyle(election(day.contests, [[1]]), here, { home: 'east' })).toEqual({
      ok: false,
      fault: 'no_ballot_style',
    });
  });
});

it('the format’s page names every fault that a reader gives', () => {
  const page = readFileSync(new URL('../docs/ROLL.md', import.meta.url), 'utf8');
  for (const name of ['roll_key_wrong', 'roll_block_damaged', 'delta_out_of_turn', 'roll_not_signed'])
    expect(page).toContain(name);
});
