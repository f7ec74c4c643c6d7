/** One admission a round across stations: two desks that share one table of claims, as the province will keep it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CardState, createCardOf, createReaderCable, createReaderDevice } from '@sandoq/hardware-sim';
import {
  ADMISSION_SLOTS,
  admittedAt,
  applyClaim,
  type Claimant,
  type HeldClaim,
  type records,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { writeProvisioning } from '@sandoq/tally-server';
import { afterEach, expect, test, vi } from 'vitest';
import { createAdmission } from '../src/admission/admission.ts';
import { type Claims, owedStep } from '../src/admission/claims.ts';
import { checkElection } from '../src/admission/election.ts';
import { IN_HAND_BYTES, openInHandFile } from '../src/admission/in-hand.ts';
import { type Journal, openJournal } from '../src/admission/journal.ts';
import { openToEveryone } from '../src/admission/roll.ts';
import { systemClock } from '../src/devices/clock.ts';
import { reportLinkOf } from '../src/devices/reader-link.ts';
import { openDeviceKey } from '../src/stores/device-key.ts';
import { openEventLog } from '../src/stores/event-log.ts';
import { readProvisioningFolder } from '../src/stores/provisioning-folder.ts';
import {
  AUTHORITY_KEY,
  codeOf,
  PINS,
  provisioningFiles,
  roleState,
  STATION,
  tarefeState,
} from './admission-world.ts';
import { virtualClock } from './virtual-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'ac-'));
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

async function openDesk(name: string, of: Claims, settings: { partitionPolicy?: 'refuse' } = {}) {
  const claims = { ...of };
  const data = join(folder, name);
  const key = openDeviceKey(data, nodeCrypto, nodeRandomness);
  const packageFolder = join(data, 'package');
  writeProvisioning(packageFolder, provisioningFiles([key.publicKey], { settings }));
  const checked = checkElection(
    readProvisioningFolder(packageFolder),
    nodeCrypto,
    { authorityKey: AUTHORITY_KEY, stationId: STATION, devicePublicKey: key.publicKey },
    Math.floor(Date.now() / 1000),
  );
  if (!checked.ok) throw new Error(checked.fault.detail);
  const device = createReaderDevice({ kind: 'admission', slots: 4, duration: () => 0 });
  const cable = createReaderCable(device, join(data, 'reader'));
  await cable.plug();
  const inHandClock = virtualClock();
  const stores = {
    journal: openJournal({
      path: join(data, 'admissions.sqlite'),
      crypto: nodeCrypto,
      random: nodeRandomness,
      packageDigest: checked.value.packageDigest,
      admissionsMax: 10,
    }),
    inHand: openInHandFile(join(data, 'in-hand'), inHandClock),
    log: openEventLog({ path: join(data, 'log.sqlite'), crypto: nodeCrypto, bucket: () => 0 }),
  };
  const failures: unknown[] = [];
  const desk = createAdmission({
    election: checked.value,
    deviceSecretKey: key.secretKey,
    crypto: nodeCrypto,
    random: nodeRandomness,
    clock: systemClock,
    links: { reader: reportLinkOf({ kind: 'socket', path: join(data, 'reader') }) },
    stores,
    roll: openToEveryone,
    claims: () => claims,
    onChange: () => undefined,
    onFailure: (_what, cause) => failures.push(cause),
  });
  closing.push(async () => {
    await desk.close();
    stores.inHand.close();
    stores.log.close();
    stores.journal.close();
    await cable.pull();
    expect(failures).toEqual([]);
  });
  const lay = (slot: keyof typeof ADMISSION_SLOTS, state: CardState): void => {
    device.setSlot(ADMISSION_SLOTS[slot], undefined);
    const ports = { crypto: nodeCrypto, random: nodeRandomness };
    device.setSlot(
      ADMISSION_SLOTS[slot],
      createCardOf(state, ports, () => undefined),
    );
  };
  await vi.waitFor(() => expect(desk.view().devices[0]?.state).toBe('connected'));
  for (const role of ['executive', 'supervisor'] as const) lay(role, roleState(role));
  const call = desk.handlers;
  await call['admission.open'](
    { mode: 'rehearsal', executive_pin: PINS.executive, supervisor_pin: PINS.supervisor },
    'executive',
  );
  return {
    desk,
    claims,
    journal: stores.journal,
    /** Taken off the pad, seen to be gone. */
    async takeTarefe() {
      device.setSlot(ADMISSION_SLOTS.tarefe, undefined);
      await vi.waitFor(() => expect(desk.view().slots.tarefe).toBe(false));
    },
    /** syncs of the in-hand file that a power cut now would forestall */
    unsynced: () => inHandClock.pending,
    inHand: () => readFileSync(join(data, 'in-hand')),
    async admit(number: number) {
      lay('tarefe', tarefeState());
      await call['person.enter']({ national_code: codeOf(number), document: 'passport' }, 'executive');
      await call['tarefe.approve']({ role: 'executive' }, 'executive');
      return call['tarefe.approve']({ role: 'supervisor' }, 'supervisor');
    },
    takeBack: () => call['tarefe.take_back']({ reason: 'returned' }, 'executive'),
  };
}

/** The province's table, for two desks in one process; what the journals owe is told when a test says so. */
class Table {
  readonly lines = new Map<string, readonly HeldClaim[]>();
  reachable = true;
  /** the answer of the next claim is lost on its way */
  loseNextAnswer = false;

  of(station: string): Claims {
    const claimant = { station, journal: '00' };
    return {
      claim: async ({ nationalCode, turn, bucket }) => {
        if (!this.reachable) return { kind: 'unreachable', sent: false };
        const outcome = this.apply(claimant, nationalCode, { turn, bucket, step: 'claim' });
        if (this.loseNextAnswer) {
          this.loseNextAnswer = false;
          return { kind: 'unreachable', sent: true };
        }
        const [other] = outcome.others;
        return outcome.verdict === 'granted' || other === undefined
          ? { kind: 'granted' }
          : {
              kind: 'admitted_elsewhere',
              elsewhere: {
                station: other.station,
                name: { fa: 'ف', en: other.station },
                bucket: other.bucket,
              },
            };
      },
      owed: () => undefined,
      line: () => ({ state: 'connected', code: null }),
      close: () => Promise.resolve(),
    };
  }

  apply(
    claimant: Claimant,
    code: string,
    claim: { readonly turn: number; readonly bucket: number; readonly step: records.ClaimStep },
  ) {
    const held = this.lines.get(code) ?? [];
    const outcome = applyClaim(held, claimant, { ...claim, person: new Uint8Array(16) });
    const { write } = outcome;
    if (write !== undefined)
      this.lines.set(code, [...held.filter((line) => line.station !== write.station), write]);
    return outcome;
  }

  /** What the journal owes, told as the process would. */
  merge(station: string, journal: Journal): void {
    for (const line of journal.admissions()) {
      const step = owedStep(line);
      if (step === undefined) continue;
      const { verdict } = this.apply({ station, journal: '00' }, line.nationalCode, { ...line, step });
      const told = line.state === 'admitted' ? 'claimed' : 'released';
      journal.update([{ ...line, told, doubled: verdict === 'doubled' }]);
    }
  }

  standing = (code: string): readonly string[] =>
    admittedAt(this.lines.get(code) ?? []).map((line) => line.station);
}

test('who was admitted elsewhere is refused with the other station and its time, until her card comes back there', async () => {
  const table = new Table();
  const first = await openDesk('first', table.of('first'));
  const second = await openDesk('second', table.of('second'));
  expect((await first.admit(1)).state).toBe('armed');
  expect(first.desk.view().ledger).toMatchObject({ admitted: 1, offline: 0 });
  expect(first.desk.view().claims).toMatchObject({ unconfirmed: 0, doubled: 0 });
  expect(await second.admit(1)).toEqual({
    state: 'refused',
    refusal: { code: 'already_admitted_elsewhere', detail: 'first' },
  });
  expect(second.desk.view().elsewhere).toMatchObject({ station: 'first', name: { en: 'first' } });
  expect(second.desk.view().ledger).toMatchObject({ admitted: 0, issued: 0 });
  expect(second.journal.admissions()).toEqual([]);
  await first.takeBack();
  // The released line owes its release until it is told, however often the process dies in between.
  expect((await second.admit(1)).state).toBe('refused');
  table.merge('first', first.journal);
  expect((await second.admit(1)).state).toBe('armed');
  expect(second.desk.view().elsewhere ?? null).toBeNull();
});

test('without the line the policy decides, its exposure is in view, and what was so admitted is found when it is back', async () => {
  const table = new Table();
  const first = await openDesk('first', table.of('first'));
  const second = await openDesk('second', table.of('second'));
  await first.admit(1);
  table.reachable = false;
  await second.admit(1);
  await second.admit(2);
  expect(second.desk.view().claims).toEqual({
    policy: 'admit',
    unconfirmed: 2,
    doubled: 0,
    owed: 2,
  });
  table.merge('second', second.journal);
  expect(second.desk.view().claims).toMatchObject({ unconfirmed: 0, doubled: 1, owed: 0 });
  expect(table.standing(codeOf(1))).toEqual(['first', 'second']);
  // A number: neither side's ledger is touched.
  expect(first.desk.view().ledger.admitted).toBe(1);
  expect(second.desk.view().ledger).toMatchObject({ admitted: 2, offline: 2 });
});

test('where the answer is lost and the law wants one, nobody stays claimed by a station that refused her', async () => {
  const table = new Table();
  const first = await openDesk('first', table.of('first'), { partitionPolicy: 'refuse' });
  const second = await openDesk('second', table.of('second'));
  table.loseNextAnswer = true;
  expect(await first.admit(1)).toMatchObject({ refusal: { code: 'province_unreachable' } });
  expect(table.standing(codeOf(1))).toEqual(['first']);
  expect(first.journal.admissions()).toMatchObject([{ state: 'released', armings: 0, turn: 1 }]);
  expect(first.desk.view().ledger).toMatchObject({ admitted: 0, issued: 0, returned: 0 });
  table.merge('first', first.journal);
  expect(table.standing(codeOf(1))).toEqual([]);
  expect((await second.admit(1)).state).toBe('armed');
});

test('refused without asking, nothing of a person is kept', async () => {
  const table = new Table();
  table.reachable = false;
  const first = await openDesk('first', table.of('first'), { partitionPolicy: 'refuse' });
  expect(await first.admit(1)).toMatchObject({ refusal: { code: 'province_unreachable' } });
  expect(first.journal.admissions()).toEqual([]);
  expect(first.inHand()).toEqual(Buffer.alloc(IN_HAND_BYTES));
});

test('a card taken away between press and journal: what was claimed for nobody is owed its release, and the next try counts', async () => {
  const table = new Table();
  const first = await openDesk('first', table.of('first'));
  const honest = first.claims.claim;
  first.claims.claim = async (person) => {
    const answer = await honest(person);
    await first.takeTarefe();
    return answer;
  };
  await expect(first.admit(1)).rejects.toMatchObject({ refusal: { code: 'tarefe_changed' } });
  expect(first.journal.admissions()).toMatchObject([{ state: 'released', armings: 0, turn: 1 }]);
  first.claims.claim = honest;
  expect((await first.admit(1)).state).toBe('armed');
  expect(first.journal.admissions()).toMatchObject([
    { state: 'admitted', armings: 1, turn: 2, told: 'claimed' },
  ]);
  table.merge('first', first.journal);
  expect(table.standing(codeOf(1))).toEqual(['first']);
});

test('after a card was taken back nothing of it can reappear with a power cut; after an arming, the officers are asked', async () => {
  const table = new Table();
  const first = await openDesk('first', table.of('first'));
  await first.admit(1);
  expect(first.unsynced()).toBe(1);
  await first.takeBack();
  expect(first.unsynced()).toBe(0);
  expect(first.inHand()).toEqual(Buffer.alloc(IN_HAND_BYTES));
  expect(first.journal.admissions().map(owedStep)).toEqual(['release']);
});
