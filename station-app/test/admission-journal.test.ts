import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { NationalCode } from '@sandoq/protocol/persian';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Journal, openJournal } from '../src/admission/journal.ts';
import {
  type Admission,
  ARMINGS_MAX,
  CELL_BYTES,
  decodeCell,
  encodeCell,
} from '../src/admission/journal-cell.ts';
import { insertPlaced, type Placed } from '../src/admission/journal-layout.ts';
import { ledgerOf } from '../src/admission/ledger.ts';
import { codeOf } from './admission-world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aj-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PACKAGE = nodeCrypto.sha256(utf8('package'));
const open = (name: string, admissionsMax: number, packageDigest = PACKAGE): Journal =>
  openJournal({
    path: join(folder, name),
    crypto: nodeCrypto,
    // One key for all files of a test: what is compared is the order, not the key.
    random: (length) => nodeCrypto.sha512(utf8('journal key')).slice(0, length),
    packageDigest,
    admissionsMax,
  });

const admissionOf = (number: number, more: Partial<Admission> = {}): Admission => ({
  nationalCode: codeOf(number) as NationalCode,
  document: number % 3 === 0 ? 'shenasnameh' : 'national_card',
  style: number % 2,
  visiting: number % 2 === 1,
  helped: false,
  turn: 1,
  told: 'nothing',
  doubled: false,
  offline: true,
  bucket: 1_800_000_000,
  state: 'admitted',
  armings: 1,
  spoiled: 0,
  returned: 0,
  ...more,
});

/** The file with SQLite's two public counters masked (file format, section 1.3: offsets 24 and 92). */
function maskedBytes(name: string): string {
  const bytes = readFileSync(join(folder, name));
  bytes.fill(0, 24, 28);
  bytes.fill(0, 92, 96);
  return bytes.toString('base64');
}

const permutations = <Item>(items: readonly Item[]): Item[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap((item, i) =>
        permutations(items.filter((_, other) => other !== i)).map((rest) => [item, ...rest]),
      );

test('the bytes of the file do not depend on the order of admissions: all orders of four', () => {
  const seen = new Set<string>();
  for (const [i, order] of permutations([1, 2, 3, 4]).entries()) {
    // A table so small that every order makes neighbours move.
    const journal = open(`j${i}`, 4);
    for (const number of order) expect(journal.put(admissionOf(number))).toBe(true);
    journal.close();
    seen.add(maskedBytes(`j${i}`));
  }
  expect(seen.size).toBe(1);
});

test('nor do replaced, returned and released cards leave their order: sampled orders of twenty', () => {
  let expected: string | undefined;
  let file = 0;
  fc.assert(
    fc.property(fc.shuffledSubarray([...Array(20).keys()], { minLength: 20 }), (order) => {
      const name = `s${file++}`;
      const journal = open(name, 20);
      for (const number of order) {
        journal.put(admissionOf(number));
        if (number % 7 === 0) journal.put(admissionOf(number, { armings: 2, spoiled: 1 }));
      }
      for (const number of [...order].reverse())
        if (number % 11 === 0) journal.put(admissionOf(number, { state: 'released', returned: 1 }));
      journal.close();
      const bytes = maskedBytes(name);
      expected ??= bytes;
      expect(bytes === expected).toBe(true);
    }),
    { numRuns: 6 },
  );
});

test('the layout is a function of the set: any order of any set', () => {
  const entry = fc.record({ home: fc.nat(30), key: fc.stringMatching(/^[0-9]{10}$/) });
  fc.assert(
    fc.property(
      fc
        .uniqueArray(entry, { selector: (one) => one.key, maxLength: 40 })
        .chain((set) => fc.tuple(fc.constant(set), fc.shuffledSubarray(set, { minLength: set.length }))),
      ([set, shuffled]) => {
        const layout = (order: readonly Placed[]): (Placed | undefined)[] => {
          const slots: (Placed | undefined)[] = Array.from({ length: 80 });
          for (const one of order) expect(insertPlaced(slots, one)).toBeDefined();
          return slots;
        };
        const slots = layout(set);
        expect(layout(shuffled)).toEqual(slots);
        for (const one of set) {
          const at = slots.indexOf(one);
          // Nobody stands before her home, and no gap lies between: a search from the home finds her.
          expect(at).toBeGreaterThanOrEqual(one.home);
          expect(slots.slice(one.home, at).every((other) => other !== undefined)).toBe(true);
        }
      },
    ),
  );
});

test('a different set gives different bytes', () => {
  for (const [name, numbers] of [
    ['a', [1, 2]],
    ['b', [1, 3]],
  ] as const) {
    const journal = open(name, 5);
    for (const number of numbers) journal.put(admissionOf(number));
    journal.close();
  }
  expect(maskedBytes('a')).not.toBe(maskedBytes('b'));
});

test('no page of before is left in SQLite’s journal beside the file', () => {
  const journal = open('alone', 5);
  journal.put(admissionOf(1));
  for (const name of readdirSync(folder).filter((one) => one !== 'alone'))
    expect(readFileSync(join(folder, name)), name).toHaveLength(0);
  journal.close();
});

test('what was put is found after opening again, and the ledger is counted from it', () => {
  const journal = open('kept', 20);
  for (let number = 0; number < 20; number++) journal.put(admissionOf(number));
  journal.put(admissionOf(0, { state: 'released', returned: 1 }));
  journal.put(admissionOf(1, { armings: 2, spoiled: 1 }));
  journal.setStation({ phase: 'open', mode: 'rehearsal', abandoned: 3 });
  journal.close();
  const again = open('kept', 20);
  expect(again.station()).toEqual({ phase: 'open', mode: 'rehearsal', abandoned: 3 });
  expect(again.find(codeOf(1) as NationalCode)).toEqual(admissionOf(1, { armings: 2, spoiled: 1 }));
  expect(again.find(codeOf(99) as NationalCode)).toBeUndefined();
  const ledger = again.ledger();
  expect(ledger).toMatchObject({ admitted: 19, issued: 21, returned: 1, spoiled: 1, abandoned: 3 });
  // The slip's own rules (RECORDS.md, "Ledgers").
  expect(ledger.issued - ledger.returned - ledger.spoiled).toBeLessThanOrEqual(ledger.admitted);
  expect(ledger.local + ledger.visiting).toBe(ledger.admitted);
  expect([...ledger.byDocument.values()].reduce((a, b) => a + b)).toBe(ledger.admitted);
  expect(ledgerOf(again.admissions(), 3)).toEqual(ledger);
  expect(again.issued()).toBe(ledger.issued);
  again.put(admissionOf(2, { armings: 3, spoiled: 2 }));
  expect(again.issued()).toBe(ledger.issued + 2);
  expect(again.ledger().issued).toBe(again.issued());
  again.close();
});

test('the journal is full at its bound and says so; those in it can still change', () => {
  const journal = open('full', 3);
  for (let number = 0; number < 3; number++) expect(journal.put(admissionOf(number))).toBe(true);
  expect(journal.put(admissionOf(3))).toBe(false);
  expect(journal.put(admissionOf(2, { armings: 2, spoiled: 1 }))).toBe(true);
  expect(journal.admissions()).toHaveLength(3);
  journal.close();
});

test('a journal of another package is not opened', () => {
  open('other', 3).close();
  expect(() => open('other', 3, nodeCrypto.sha256(utf8('another')))).toThrow('another package');
});

test('a full run to the end of the table has no room, by its answer', () => {
  const slots: (Placed | undefined)[] = Array.from({ length: 2 });
  const at = (key: string): Placed => ({ home: 0, key });
  expect(insertPlaced(slots, at('2'))).toMatchObject({ slot: 0 });
  expect(insertPlaced(slots, at('1'))).toMatchObject({ slot: 0, written: [at('1'), at('2')] });
  expect(insertPlaced(slots, at('3'))).toBeUndefined();
  expect(slots).toEqual([at('1'), at('2')]);
});

test('a cell is read back as it was written, and no damaged one is read', () => {
  fc.assert(
    fc.property(
      fc.nat(900_000),
      fc.integer({ min: 0, max: ARMINGS_MAX }),
      fc.boolean(),
      fc.boolean(),
      (number, armings, helped, released) => {
        const admission = admissionOf(number, {
          armings,
          spoiled: Math.floor(armings / 2),
          helped,
          state: released ? 'released' : 'admitted',
        });
        const cell = encodeCell(admission);
        expect(cell).toHaveLength(CELL_BYTES);
        expect(decodeCell(cell)).toEqual(admission);
      },
    ),
  );
  expect(() => encodeCell(admissionOf(1, { armings: ARMINGS_MAX + 1 }))).toThrow(RangeError);
  const cell = encodeCell(admissionOf(1));
  cell[5] = (cell[5] as number) ^ 1; // the check digit no longer holds
  expect(() => decodeCell(cell)).toThrow();
});
