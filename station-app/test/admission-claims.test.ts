/** One admission a round across stations: two desks that share one table of claims, as the province will keep it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CardState, createCardOf, createReaderCable, createReaderDevice } from '@sandoq/hardware-sim';
import { ADMISSION_SLOTS } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { writeProvisioning } from '@sandoq/tally-server';
import { afterEach, expect, test, vi } from 'vitest';
import { createAdmission } from '../src/admission/admission.ts';
import type { Claims } from '../src/admission/claims.ts';
import { checkElection } from '../src/admission/election.ts';
import { IN_HAND_BYTES, openInHandFile } from '../src/admission/in-hand.ts';
import { openJournal } from '../src/admission/journal.ts';
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

async function openDesk(name: string, claims: Claims) {
  const data = join(folder, name);
  const key = openDeviceKey(data, nodeCrypto, nodeRandomness);
  const packageFolder = join(data, 'package');
  writeProvisioning(packageFolder, provisioningFiles(key.publicKey, {}));
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
    claims,
    province: 'connected',
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

test('who was admitted elsewhere is refused with the other station’s name, until her card comes back there', async () => {
  const table = new Map<string, string>();
  const claimsOf = (station: string): Claims => ({
    claim: (code) => {
      const holder = table.get(code) ?? station;
      table.set(code, holder);
      return Promise.resolve(
        holder === station ? { kind: 'granted' } : { kind: 'admitted_elsewhere', station: holder, bucket: 0 },
      );
    },
    release: (code) => {
      table.delete(code);
      return Promise.resolve();
    },
  });
  const first = await openDesk('first', claimsOf('first'));
  const second = await openDesk('second', claimsOf('second'));
  expect((await first.admit(1)).state).toBe('armed');
  expect(first.desk.view().ledger).toMatchObject({ admitted: 1, offline: 0 });
  expect(await second.admit(1)).toEqual({
    state: 'refused',
    refusal: { code: 'already_admitted_elsewhere', detail: 'first' },
  });
  expect(second.desk.view().ledger).toMatchObject({ admitted: 0, issued: 0 });
  await first.takeBack();
  expect((await second.admit(1)).state).toBe('armed');
});

test('after a card was taken back nothing of it can reappear with a power cut; after an arming, the officers are asked', async () => {
  const released: string[] = [];
  const first = await openDesk('first', {
    claim: () => Promise.resolve({ kind: 'granted' }),
    release: (code) => {
      released.push(code);
      return Promise.resolve();
    },
  });
  await first.admit(1);
  expect(first.unsynced()).toBe(1);
  await first.takeBack();
  expect(first.unsynced()).toBe(0);
  expect(first.inHand()).toEqual(Buffer.alloc(IN_HAND_BYTES));
  expect(released).toEqual([codeOf(1)]);
});
