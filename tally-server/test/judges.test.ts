/** The queue before the judges: what fits is judged, on this thread or on others, and what does not is refused by name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBundle } from '@sandoq/protocol';
import { keptSigner, nodeCrypto } from '@sandoq/protocol/node';
import { afterAll, describe, expect, it } from 'vitest';
import { BULLETIN_MIGRATIONS, createBulletin } from '../src/bulletin/log.ts';
import { openDatabase } from '../src/database/database.ts';
import { createIntake, type Intake } from '../src/intake/intake.ts';
import { type Job, judgeJob } from '../src/intake/judgement.ts';
import { createJudges, QUEUE_BYTES_MAX, QUEUE_MAX } from '../src/intake/judges.ts';
import { INTAKE_MIGRATIONS, type IntakeStore, intakeStore } from '../src/intake/store.ts';
import { BundleBuilder, votesOf } from './bundle-builder.ts';
import { NOW_SECONDS, provinceOf, secretOf, stationNamed } from './province.ts';

const { provisioning } = provinceOf(Array.from({ length: 40 }, (_, i) => stationNamed(`s${i + 1}`)));
const { election } = provisioning;
const secretKey = secretOf('intake');
const at = NOW_SECONDS + 40_000;
const jobOf = (bytes: Uint8Array): Job => ({ election, bytes, at, amendments: 0, receipt: true });
const folder = mkdtempSync(join(tmpdir(), 'sandoq-judges-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function intakeOver(name: string, bent: (store: IntakeStore) => IntakeStore, threads = 0) {
  const data = join(folder, name);
  const database = openDatabase(join(data, 'province.sqlite'), [INTAKE_MIGRATIONS, BULLETIN_MIGRATIONS]);
  const failures: string[] = [];
  const intake: Intake = createIntake({
    store: bent(intakeStore(database)),
    bulletin: createBulletin({ database, folder: join(data, 'bulletin'), secretKey }),
    judges: createJudges({ secretKey, threads }),
    crypto: nodeCrypto,
    secretKey,
    now: () => at,
    onFailure: (reason) => failures.push(reason),
  });
  return { intake, database, failures };
}

describe('a job of several bundles', () => {
  it('names the first fault of each, whatever signature of another does not hold', () => {
    const signer = { crypto: nodeCrypto, sign: keptSigner(secretKey) };
    const sound = Array.from({ length: 6 }, (_, i) =>
      new BundleBuilder(provisioning, `s${i + 1}`).build(votesOf(20 + i, i)),
    );
    // One byte of each bundle in turn: mostly a signature or what is signed, and whatever else there is.
    const whole = sound[2] as Uint8Array;
    const seen = new Set<string>();
    for (let place = 7; place < whole.length; place += 97) {
      const bent = Uint8Array.from(whole);
      bent[place] = (bent[place] as number) ^ 1;
      const bundles = [sound[0], bent, sound[1], bent, sound[3]] as readonly Uint8Array[];
      const parts: number[] = [];
      let end = 0;
      for (const { length } of bundles) {
        parts.push(end, end + length);
        end += length;
      }
      const bytes = Uint8Array.from(Buffer.concat(bundles));
      const { found } = judgeJob(provisioning, signer, { ...jobOf(bytes), parts });
      const alone = checkBundle(provisioning, nodeCrypto, bent, at);
      if (alone.ok) throw new Error('a changed bit that nobody sees');
      seen.add(alone.fault.code);
      expect(found.map((one) => ('code' in one ? one : one.station))).toEqual([
        's1',
        alone.fault,
        's2',
        alone.fault,
        's4',
      ]);
    }
    expect([...seen]).toContain('signature_invalid');
    expect(seen.size).toBeGreaterThan(2);
  });
});

describe('the queue', () => {
  it('takes QUEUE_MAX bundles and refuses the next one', async () => {
    const judges = createJudges({ secretKey, threads: 0 });
    await judges.load(provisioning);
    const waiting = Array.from({ length: QUEUE_MAX }, () => judges.judge(jobOf(new Uint8Array(1))));
    expect(waiting.every((one) => one !== undefined)).toBe(true);
    expect(judges.judge(jobOf(new Uint8Array(1)))).toBeUndefined();
    for (const verdict of await Promise.all(waiting)) expect(verdict?.fault?.code).toBe('bundle_malformed');
    expect(judges.waiting).toBe(0);
    const again = judges.judge(jobOf(new Uint8Array(1)));
    expect((await again)?.fault?.code).toBe('bundle_malformed');
  });

  it('takes QUEUE_BYTES_MAX and not a byte more', async () => {
    const judges = createJudges({ secretKey, threads: 0 });
    await judges.load(provisioning);
    const first = judges.judge(jobOf(new Uint8Array(QUEUE_BYTES_MAX)));
    expect(judges.judge(jobOf(new Uint8Array(1)))).toBeUndefined();
    expect((await first)?.fault?.code).toBe('too_long');
    const again = judges.judge(jobOf(new Uint8Array(1)));
    expect((await again)?.fault?.code).toBe('bundle_malformed');
  });

  it('full, is told to the sender as what it is', async () => {
    const { intake, database } = intakeOver('full', (store) => store);
    await intake.load(provisioning);
    const answers = await Promise.all(
      Array.from({ length: QUEUE_MAX + 5 }, () => intake.receive(provisioning, new Uint8Array(1))),
    );
    const codes = answers.map((answer) =>
      answer.ok ? 'taken' : `${answer.fault.status} ${answer.fault.code}`,
    );
    expect(codes.filter((code) => code === '503 intake_full')).toHaveLength(5);
    expect(codes.filter((code) => code === '400 bundle_malformed')).toHaveLength(QUEUE_MAX);
    await intake.close();
    database.close();
  });
});

describe('many at once', () => {
  const bundles = [...provisioning.stations.keys()].map((id, i) =>
    new BundleBuilder(provisioning, id).build(votesOf(30 + i, i)),
  );

  it('threads take the same slips with the same receipts as this thread, each station once', async () => {
    const receipts: string[][] = [];
    for (const threads of [0, 2]) {
      const { intake, database } = intakeOver(`threads-${threads}`, (store) => store, threads);
      await intake.load(provisioning);
      // Every slip twice in the same moment: one is new and the other repeated, and both have one receipt.
      const answers = await Promise.all(
        [...bundles, ...bundles].map((bytes) => intake.receive(provisioning, Uint8Array.from(bytes))),
      );
      const taken = answers.map((answer) => (answer.ok ? answer.value : undefined));
      expect(taken.filter((one) => one?.repeated === false)).toHaveLength(bundles.length);
      expect(taken.filter((one) => one?.repeated === true)).toHaveLength(bundles.length);
      const hex = taken.map((one) => Buffer.from(one?.receipt ?? []).toString('hex'));
      expect(hex.slice(0, bundles.length)).toEqual(hex.slice(bundles.length));
      receipts.push(hex);
      expect(intake.held(provisioning)).toHaveLength(bundles.length);
      await intake.close();
      database.close();
    }
    expect(receipts[0]).toEqual(receipts[1]);
  });

  it('threads that end take their jobs with them and nothing else: the queue is as wide as before, and others judge', async () => {
    const judges = createJudges({ secretKey, threads: 2 });
    await judges.load(provisioning);
    const strange = { ...jobOf(new Uint8Array(1000)), election: 'nobody-loaded-it' };
    for (let round = 0; round < 3; round++) {
      const lost = Array.from({ length: 40 }, () =>
        judges.judge({ ...strange, bytes: new Uint8Array(1000) }),
      );
      const outcomes = await Promise.allSettled(lost);
      expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
      expect(judges.waiting).toBe(0);
    }
    // Also one that is being told of an election while it ends.
    const told = judges.load(provisioning);
    const verdicts = await Promise.all(bundles.map((bytes) => judges.judge(jobOf(Uint8Array.from(bytes)))));
    await told;
    expect(verdicts.every((verdict) => verdict?.fault === undefined && verdict !== undefined)).toBe(true);
    const full = Array.from({ length: QUEUE_MAX }, () => judges.judge(jobOf(new Uint8Array(1))));
    expect(full.every((one) => one !== undefined)).toBe(true);
    await Promise.all(full);
    await judges.close();
  });

  it('a disk that cannot be written is told to every sender, and nothing of the group is kept', async () => {
    let isFull = true;
    const { intake, database, failures } = intakeOver('no-disk', (store) => ({
      ...store,
      transaction: (work) =>
        store.transaction(() => {
          work();
          if (isFull) throw new Error('database or disk is full');
        }),
    }));
    await intake.load(provisioning);
    const send = () =>
      Promise.all(bundles.slice(0, 3).map((bytes) => intake.receive(provisioning, Uint8Array.from(bytes))));
    for (const answer of await send())
      expect(answer).toMatchObject({ fault: { status: 503, code: 'not_stored' } });
    expect(failures.length).toBeGreaterThan(0);
    expect(intake.held(provisioning)).toEqual([]);
    isFull = false;
    for (const answer of await send()) expect(answer).toMatchObject({ ok: true, value: { repeated: false } });
    await intake.close();
    database.close();
  });
});
