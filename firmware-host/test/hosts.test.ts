// One contract for whatever runs the firmware: its core in this process, its image on an emulated microcontroller, a
// board at serial ports.

import { parseTyped, records, toHex } from '@sandoq/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditImage, type FirmwareImage } from '../src/index.ts';
import { crypto } from './election.ts';
import { type HostMaker, HostRig } from './host-rig.ts';
import { builtImage, qemuHost, serialHost, simHost } from './hosts.ts';
import { BALLOT, builtFirmware } from './rig.ts';

const firmware = await builtFirmware();
const image = await builtImage();

interface Host {
  readonly name: string;
  readonly make: HostMaker;
  readonly software: Uint8Array;
}
const emulated = (built: FirmwareImage): readonly Host[] => [
  { name: 'qemu', make: qemuHost(built), software: built.softwareHash },
  { name: 'serial', make: serialHost(qemuHost(built)), software: built.softwareHash },
];
const HOSTS: readonly Host[] = [
  { name: 'sim', make: simHost(firmware), software: firmware.softwareHash },
  ...(image === undefined ? [] : emulated(image)),
];
const OTHER_BALLOT = [
  { contest: 0, class: 'marked', choices: [1] },
  { contest: 1, class: 'blank', choices: [] },
  { contest: 2, class: 'marked', choices: [3] },
] as const;

describe.each(HOSTS)('the firmware on $name', ({ make, software }) => {
  let rig: HostRig;
  beforeAll(async () => {
    rig = await HostRig.start(make);
    await rig.provision();
    await rig.load();
  });
  afterAll(() => rig.host.end());

  test('it proves its key and reports the software that was built', async () => {
    const hello = await rig.link();
    expect(toHex(hello.softwareHash)).toBe(toHex(software));
    await rig.open();
  });

  test('a frame of nothing sensible is refused, and the next good one is answered', async () => {
    const noise = Uint8Array.from({ length: 7000 }, (_, i) => (i * 37) & 255);
    rig.host.receive(0, noise);
    rig.host.receive(0, Uint8Array.of(0));
    expect((await rig.ask('status', {})).lifecycle).toBe('open');
    expect(rig.strayRefusals.length).toBeGreaterThan(0);
  });

  test('a vote is cast, and asked again it is the same vote', async () => {
    const prepared = await rig.cast(1, BALLOT);
    const first = await rig.outcomeOf(prepared);
    expect(first.outcome).toBe('cast');
    const again = await rig.outcomeOf(prepared);
    expect(again.signatures?.map(toHex)).toEqual(first.signatures?.map(toHex));
  });

  test('power lost with the page in the window: no vote, and the paper is rejected unreadable', async () => {
    const prepared = await rig.prepare(2, OTHER_BALLOT);
    await rig.printed(prepared);
    await rig.restart();
    await rig.link();
    const counters = await rig.counters((told) => told.papersRejected === 1);
    expect(counters).toMatchObject({ cardsSpent: 1, papersRejected: 1 });
    expect(rig.metal.bins.rejected).toBe(1);
    await rig.takeCard();
  });

  test('power lost as soon as green was pressed: the vote is wholly there or not at all', async () => {
    const prepared = await rig.prepare(3, OTHER_BALLOT);
    await rig.printed(prepared);
    rig.metal.press('green');
    await rig.restart();
    await rig.link();
    const { outcome } = await rig.outcomeOf(prepared);
    const { cardsSpent, records } = (await rig.ask('status', {})).counters;
    const votes = outcome === 'cast' ? 2 : 1;
    expect({ cardsSpent, records }).toEqual({ cardsSpent: votes, records: votes * BALLOT.length });
    await rig.takeCard();
    expect(rig.violation).toBeUndefined();
  });

  test('closed, it commits to its set, and the reader of its flash finds it sound', async () => {
    const commitment = parseTyped(await rig.close(), 'commitment', records.commitmentShape);
    expect(commitment.ok).toBe(true);
    await rig.cutPower();
    const report = auditImage(crypto, rig.host.flashImage());
    expect(report).toMatchObject({ sound: true });
  });
});

/** The last written sector's end: a file for the emulator is as long as the flash. */
function written(flash: Uint8Array): Uint8Array {
  let end = flash.length;
  while (end > 0 && flash[end - 1] === 0xff) end--;
  return flash.subarray(0, end);
}

async function dayOn(
  make: HostMaker,
): Promise<{ readonly flash: Uint8Array; readonly commitment: Uint8Array }> {
  const rig = await HostRig.start(make);
  try {
    await rig.provision();
    await rig.load();
    await rig.link();
    await rig.open();
    for (const [nonce, ballot] of [BALLOT, OTHER_BALLOT, BALLOT].entries()) await rig.cast(nonce, ballot);
    const commitment = await rig.close();
    await rig.cutPower();
    if (rig.violation !== undefined) throw rig.violation;
    return { flash: written(rig.host.flashImage()), commitment };
  } finally {
    await rig.host.end();
  }
}

test.skipIf(image === undefined)(
  'the same day from the same entropy leaves the same flash, byte for byte, in Node and on the Cortex-M4',
  async () => {
    const inNode = await dayOn(simHost(firmware));
    const onBoard = await dayOn(qemuHost(image as FirmwareImage));
    expect(toHex(onBoard.commitment)).toBe(toHex(inNode.commitment));
    expect(toHex(crypto.sha256(onBoard.flash))).toBe(toHex(crypto.sha256(inNode.flash)));
    expect(inNode.flash.length).toBeGreaterThan(20_000);
  },
);
