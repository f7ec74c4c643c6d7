/** The roll as a file on the station's disk: asked, changed by deltas, damaged, hostile. */
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityEntry, type Bytes, directoryOf } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  buildRollDelta,
  openRollHead,
  ROLL_FAULTS,
  ROLL_MAGIC,
  ROLL_PREFIX_BYTES,
  readPrefix,
} from '@sandoq/protocol/roll';
import { createRegister, REGISTER_CONSTITUENCIES, type RollPerson, seedRoll } from '@sandoq/seeds';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { deltaPath, openRollFile, readRollKey } from '../src/admission/roll-file.ts';
import { ROLL_KEY_FILE } from '../src/admission/start.ts';
import { openRoom } from './admission-room.ts';
import { AUTHORITY, AUTHORITY_KEY, codeOf, ELECTION, ROLL_KEY, testRoll } from './admission-world.ts';

const PEOPLE = 3000;
const VIEW_WAIT = { timeout: 20_000, interval: 50 };
const register = createRegister({ seed: 7, people: PEOPLE, today: Date.UTC(2026, 4, 2), votingAgeYears: 18 });
const trust = {
  crypto: nodeCrypto,
  directory: directoryOf([authorityEntry(AUTHORITY_KEY)]),
  election: ELECTION,
  at: 0,
};

let folder: string;
let path: string;
let whole: Bytes;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rf-'));
  path = join(folder, 'people.roll');
  const people: RollPerson[] = Array.from({ length: PEOPLE }, (_, number) => register.person(number)).map(
    ({ national_code, birth_date, constituency, status }) => ({
      national_code,
      birth_date,
      constituency,
      alive: status !== 'dead',
      eligible: status !== 'not_eligible',
    }),
  );
  const order = { key: ROLL_KEY, election: ELECTION, electionDate: '2026-05-02', votingAgeYears: 18, people };
  whole = seedRoll(order, nodeCrypto, AUTHORITY.slice());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  writeFileSync(path, whole);
});

const open = () => openRollFile(path, ROLL_KEY, trust);
function opened() {
  const file = open();
  if (!file.ok) throw new Error(file.fault.code);
  return file.value;
}

test('every person of a register is found as she is in it, and nobody else', () => {
  const file = opened();
  let onRoll = 0;
  for (let number = 0; number < PEOPLE; number++) {
    const { national_code: code, status, constituency } = register.person(number);
    const found = file.lookup(code);
    if (!found.ok) throw new Error(found.fault);
    const standing = found.value;
    if (standing !== undefined) onRoll++;
    expect(standing?.status ?? 'under_age').toBe(status);
    if (standing !== undefined && 'home' in standing)
      expect(file.constituencies[standing.home]).toBe(constituency);
  }
  expect(onRoll).toBe(file.entries);
  expect(REGISTER_CONSTITUENCIES).toEqual(expect.arrayContaining([...file.constituencies]));
  for (let number = 0; number < 500; number++)
    expect(file.lookup(codeOf(number))).toEqual({ ok: true, value: undefined });
  file.close();
});

function headOf() {
  const length = readPrefix(whole.subarray(0, ROLL_PREFIX_BYTES), ROLL_MAGIC) as number;
  const head = openRollHead(whole.subarray(ROLL_PREFIX_BYTES, ROLL_PREFIX_BYTES + length), ROLL_KEY, trust);
  if (!head.ok) throw new Error(head.fault);
  return head.value;
}

const someone = Array.from({ length: PEOPLE }, (_, n) => register.person(n)).find(
  (one) => one.status === 'eligible',
);
const code = someone?.national_code as string;

test('a later day says otherwise, and a day that is not the next one is refused', () => {
  const { head, payload } = headOf();
  const day = (sequence: number, previous: Bytes, status: 'dead' | 'off_roll') => {
    const change = status === 'dead' ? ({ status, home: 0 } as const) : ({ status } as const);
    const built = buildRollDelta(
      {
        ...{ key: ROLL_KEY, election: ELECTION, asOf: sequence, head, roll: payload, previous, sequence },
        changes: [{ nine: Number(code.slice(0, 9)), change }],
      },
      nodeCrypto,
      AUTHORITY.slice(),
    );
    if (!built.ok) throw new Error(built.fault.code);
    return built.value;
  };
  const first = day(1, payload, 'dead');
  const second = day(2, first.payload, 'off_roll');
  writeFileSync(deltaPath(path, 1), first.bytes);
  let file = opened();
  expect(file.changes).toBe(1);
  expect(file.lookup(code)).toEqual({ ok: true, value: { status: 'dead', home: 0 } });
  file.close();
  writeFileSync(deltaPath(path, 2), second.bytes);
  file = opened();
  expect(file.lookup(code)).toEqual({ ok: true, value: { status: 'off_roll' } });
  file.close();
  writeFileSync(deltaPath(path, 1), second.bytes);
  expect(open()).toEqual({ ok: false, fault: { code: 'delta_out_of_turn', detail: 'delta 1' } });
  // The first day was lost on its way: the second is not quietly left out with it.
  rmSync(deltaPath(path, 1));
  expect(open()).toEqual({ ok: false, fault: { code: 'delta_out_of_turn', detail: 'delta 2' } });
  writeFileSync(deltaPath(path, 1), first.bytes);
  writeFileSync(deltaPath(path, 367), second.bytes);
  expect(open()).toEqual({ ok: false, fault: { code: 'delta_out_of_turn', detail: 'delta 367' } });
});

test('a block that is damaged after opening is refused when it is read, and the others are read as ever', () => {
  const file = opened();
  const { at, length } = file.blockOf(code);
  const disk = openSync(path, 'r+');
  writeSync(disk, Uint8Array.of((whole[at + length - 1] as number) ^ 1), 0, 1, at + length - 1);
  closeSync(disk);
  expect(file.lookup(code)).toEqual({ ok: false, fault: 'roll_block_damaged' });
  const other = Array.from({ length: PEOPLE }, (_, n) => register.person(n).national_code).find(
    (one) => file.blockOf(one).at !== at,
  ) as string;
  expect(file.lookup(other).ok).toBe(true);
  file.close();
});

test('any bytes in the place of roll or delta give a named fault; nothing falls, no file stays open, nothing grows', () => {
  const openFiles = (): number => readdirSync('/proc/self/fd').length;
  const before = openFiles();
  const heapBefore = process.memoryUsage().arrayBuffers;
  const bent = fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((flips) => {
      const bytes = whole.slice();
      for (const [at, by] of flips) bytes[at] = (bytes[at] as number) ^ by;
      return bytes;
    });
  const cut = fc.nat(whole.length - 1).map((length) => whole.subarray(0, length));
  const huge = fc
    .tuple(fc.constant(ROLL_MAGIC), fc.uint8Array({ minLength: 4, maxLength: 200 }))
    .map(([magic, rest]) => Uint8Array.from([...magic, ...rest]));
  const hostile = fc.oneof(bent, cut, huge, fc.uint8Array({ maxLength: 4000 }));
  fc.assert(
    fc.property(hostile, fc.boolean(), (bytes, asDelta) => {
      writeFileSync(path, asDelta ? whole : bytes);
      if (asDelta) writeFileSync(deltaPath(path, 1), bytes);
      else rmSync(deltaPath(path, 1), { force: true });
      const file = open();
      if (!file.ok) {
        expect(ROLL_FAULTS).toContain(file.fault.code);
        return;
      }
      const found = file.value.lookup(code);
      if (!found.ok) expect(ROLL_FAULTS).toContain(found.fault);
      file.value.close();
    }),
    { numRuns: 150 },
  );
  expect(openFiles()).toBe(before);
  // One roll's buffers may wait for the collector; not a hundred and fifty.
  expect(process.memoryUsage().arrayBuffers - heapBefore).toBeLessThan(200 * 1024 * 1024);
});

test('without its key, with another, or without the file, a roll is named as missing or wrong', () => {
  expect(readRollKey(join(folder, 'no.key'))).toBeUndefined();
  writeFileSync(join(folder, 'short.key'), ROLL_KEY.subarray(1));
  expect(readRollKey(join(folder, 'short.key'))).toBeUndefined();
  expect(openRollFile(path, nodeCrypto.sha256(ROLL_KEY), trust)).toMatchObject({
    fault: { code: 'roll_key_wrong' },
  });
  expect(openRollFile(join(folder, 'none'), ROLL_KEY, trust)).toMatchObject({
    fault: { code: 'roll_missing' },
  });
});

test('the key of the roll is erased when the desk has made its sums, and the sums can be asked for again', async () => {
  const room = await openRoom({ roll: [] });
  try {
    const key = join(room.data, ROLL_KEY_FILE);
    await room.open();
    await room.call('doors.close', {});
    expect(existsSync(key)).toBe(true);
    const { record } = await room.call('admission.summary', {});
    await vi.waitFor(() => expect(existsSync(key)).toBe(false));
    await room.restart();
    expect(await room.call('admission.summary', {})).toEqual({ record });
  } finally {
    await room.close();
  }
});

test('a roll that is not there, not signed or short of a day is named to the officers; put right, the desk goes on by itself', async () => {
  const room = await openRoom({ roll: [] });
  const roll = join(room.folder, 'roll');
  const key = join(room.data, ROLL_KEY_FILE);
  const [whole, bent, other] = [readFileSync(roll), readFileSync(roll), nodeCrypto.sha256(ROLL_KEY)];
  bent[ROLL_PREFIX_BYTES + 30] = (bent[ROLL_PREFIX_BYTES + 30] as number) ^ 1;
  const broken: readonly [string, () => void][] = [
    ['roll_missing', () => rmSync(roll)],
    ['roll_refused', () => writeFileSync(roll, bent)],
    ['roll_key_wrong', () => writeFileSync(key, other)],
    ['roll_key_wrong', () => rmSync(key)],
    ['roll_day_refused', () => writeFileSync(deltaPath(roll, 2), 'no day at all')],
  ];
  try {
    for (const [code, breakIt] of broken) {
      await room.stop();
      breakIt();
      const started = room.start();
      const view = await vi.waitFor(() => room.until((one) => one.fault?.code === code), VIEW_WAIT);
      expect(view).toMatchObject({ phase: 'no_package', next: { who: 'both', code: 'restore_roll' } });
      expect(await room.refusalOf(room.call('person.read', {}))).toBe('no_package');
      writeFileSync(roll, whole);
      writeFileSync(key, ROLL_KEY);
      rmSync(deltaPath(roll, 2), { force: true });
      await started;
      expect((await room.until((one) => one.phase === 'set_up')).fault).toBeUndefined();
    }
  } finally {
    await room.close();
  }
}, 60_000);

test('at the desk a damaged block admits nobody, by name, and the desk stands', async () => {
  const rollPath = join(folder, 'desk.roll');
  const person = (number: number): RollPerson => ({
    national_code: codeOf(number),
    birth_date: '1990-01-01',
    constituency: 'here',
    alive: true,
  });
  const bytes = testRoll([person(1), person(2)]);
  writeFileSync(rollPath, bytes);
  const room = await openRoom({ rollPath });
  try {
    await room.open();
    expect((await room.identify(1)).state).toBe('identified');
    await room.call('person.cancel', {});
    const at = statSync(rollPath).size - 1;
    const disk = openSync(rollPath, 'r+');
    writeSync(disk, Uint8Array.of((readFileSync(rollPath)[at] as number) ^ 1), 0, 1, at);
    closeSync(disk);
    expect(await room.refusalOf(room.identify(2))).toBe('roll_damaged');
    expect((await room.until((view) => view.state === 'idle')).ledger.admitted).toBe(0);
  } finally {
    await room.close();
  }
});
