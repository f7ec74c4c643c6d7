import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BROADCAST_CHANNEL,
  type Bytes,
  createReportReader,
  encodeReports,
  HID_COMMANDS,
  HID_ERRORS,
  type HidMessage,
  READER_CAPABILITIES,
  REPORT_BYTES,
} from '@sandoq/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Card, createReaderCable, createReaderDevice } from '../src/index.ts';
import { CHANNELS_PER_HOST_MAX, noDuration, REASSEMBLY_TIMEOUT_MS } from '../src/reader/device.ts';

const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const echo: Card = { reset: () => undefined, transmit: (apdu) => Uint8Array.of(...apdu, 0x90, 0) };

function host(duration = noDuration) {
  const device = createReaderDevice({ kind: 'admission', slots: 4, duration });
  const heard: HidMessage[] = [];
  const reader = createReportReader();
  const end = device.attach((reports) => {
    for (const report of reports) {
      const outcome = reader.push(report);
      if (outcome.kind === 'message') heard.push(outcome.message);
    }
  });
  const say = (channel: number, command: number, data: Bytes = new Uint8Array(0)): void => {
    for (const report of encodeReports({ channel, command, data })) end.push(report);
  };
  const take = (): HidMessage[] => heard.splice(0);
  const init = (): number => {
    say(BROADCAST_CHANNEL, HID_COMMANDS.init, nonce);
    const answer = take()[0] as HidMessage;
    expect(answer.data.subarray(0, 8)).toEqual(nonce);
    return new DataView(answer.data.buffer, answer.data.byteOffset).getUint32(8);
  };
  return { device, end, say, take, init };
}

const error = (name: keyof typeof HID_ERRORS) => ({
  command: HID_COMMANDS.error,
  data: Uint8Array.of(HID_ERRORS[name]),
});

describe('the reader', () => {
  it('gives channels, tells its kind and slots, echoes pings', () => {
    const { say, take, init } = host();
    say(BROADCAST_CHANNEL, HID_COMMANDS.init, nonce);
    expect([...(take()[0] as HidMessage).data.subarray(12)]).toEqual([1, 4, READER_CAPABILITIES.scripts]);
    const channel = init();
    say(channel, HID_COMMANDS.ping, Uint8Array.of(9, 9));
    expect(take()).toEqual([{ channel, command: HID_COMMANDS.ping, data: Uint8Array.of(9, 9) }]);
  });

  it('tells on the broadcast channel that a card came or went', () => {
    const { device, say, take, init } = host();
    const channel = init();
    device.setSlot(2, echo);
    device.setSlot(2, echo);
    device.setSlot(2, undefined);
    expect(take()).toEqual([
      { channel: BROADCAST_CHANNEL, command: HID_COMMANDS.slots, data: Uint8Array.of(0, 0, 1, 0) },
      { channel: BROADCAST_CHANNEL, command: HID_COMMANDS.slots, data: Uint8Array.of(0, 0, 0, 0) },
    ]);
    say(channel, HID_COMMANDS.slots);
    expect(take()[0]).toMatchObject({ channel, data: Uint8Array.of(0, 0, 0, 0) });
  });

  it('carries APDUs of thousands of bytes to a card and back', () => {
    const { device, say, take, init } = host();
    const channel = init();
    device.setSlot(1, echo);
    take();
    const apdu = Uint8Array.from({ length: 4103 }, (_, i) => i);
    say(channel, HID_COMMANDS.apdu, Uint8Array.of(1, ...apdu));
    expect(take()).toEqual([
      { channel, command: HID_COMMANDS.apdu, data: Uint8Array.of(1, ...apdu, 0x90, 0) },
    ]);
  });

  it('names what is wrong', () => {
    const { device, say, take, init } = host();
    const channel = init();
    say(channel, HID_COMMANDS.apdu, Uint8Array.of(0, 1));
    say(channel, HID_COMMANDS.apdu, Uint8Array.of(9, 1));
    say(channel, HID_COMMANDS.apdu);
    say(channel, 0x7e);
    say(channel + 99, HID_COMMANDS.ping);
    say(BROADCAST_CHANNEL, HID_COMMANDS.init, Uint8Array.of(1));
    device.setSlot(0, { reset: () => undefined, transmit: () => new Uint8Array(0) });
    take().forEach((message, i) => {
      const names = [
        'no_card',
        'slot_unknown',
        'invalid_length',
        'invalid_command',
        'invalid_channel',
      ] as const;
      if (i < names.length) expect(message).toMatchObject(error(names[i] as (typeof names)[number]));
    });
    say(channel, HID_COMMANDS.apdu, Uint8Array.of(0, 1));
    expect(take()).toMatchObject([error('timeout')]);
  });

  it('forgets the oldest of too many channels', () => {
    const { say, take, init } = host();
    const first = init();
    for (let i = 0; i < CHANNELS_PER_HOST_MAX; i++) init();
    say(first, HID_COMMANDS.ping);
    expect(take()).toMatchObject([error('invalid_channel')]);
  });

  it('tells a second asker that it is busy, stays alive, and answers the first', async () => {
    const { device, say, take, init } = host(() => 150);
    const [one, two] = [init(), init()];
    device.setSlot(0, echo);
    take();
    say(one, HID_COMMANDS.apdu, Uint8Array.of(0, 7));
    say(two, HID_COMMANDS.apdu, Uint8Array.of(0, 7));
    expect(take()).toMatchObject([{ channel: two, ...error('channel_busy') }]);
    const said: HidMessage[] = [];
    while (!said.some((message) => message.command === HID_COMMANDS.apdu)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      said.push(...take());
    }
    expect(said.at(-1)).toEqual({
      channel: one,
      command: HID_COMMANDS.apdu,
      data: Uint8Array.of(0, 7, 0x90, 0),
    });
    expect(said[0]?.command).toBe(HID_COMMANDS.keepalive);
  });

  it('gives up the message in hand for its own channel alone, and its card never gets it', async () => {
    const { device, say, take, init } = host(() => 60_000);
    const [one, two] = [init(), init()];
    let reached = 0;
    device.setSlot(0, { reset: () => undefined, transmit: () => Uint8Array.of(0x90, reached++) });
    take();
    say(one, HID_COMMANDS.apdu, Uint8Array.of(0, 7));
    say(two, HID_COMMANDS.cancel, new Uint8Array(0));
    expect(take()).toEqual([]);
    say(one, HID_COMMANDS.cancel, new Uint8Array(0));
    expect(take()).toMatchObject([{ channel: one, ...error('cancelled') }]);
    say(one, HID_COMMANDS.cancel, new Uint8Array(0));
    say(two, HID_COMMANDS.apdu, Uint8Array.of(0, 7));
    say(two, HID_COMMANDS.cancel, new Uint8Array(0));
    expect(take()).toMatchObject([{ channel: two, ...error('cancelled') }]);
    expect(reached).toBe(0);
  });

  it('forgets a message that its host never ended', () => {
    vi.useFakeTimers();
    try {
      const { end, take, init } = host();
      const channel = init();
      const [first] = encodeReports({ channel, command: HID_COMMANDS.ping, data: new Uint8Array(200) });
      end.push(first as Uint8Array);
      const [asked] = encodeReports({ channel: BROADCAST_CHANNEL, command: HID_COMMANDS.init, data: nonce });
      end.push(asked as Uint8Array);
      expect(take()).toMatchObject([error('channel_busy')]);
      vi.advanceTimersByTime(REASSEMBLY_TIMEOUT_MS);
      end.push(asked as Uint8Array);
      expect(take()).toMatchObject([{ command: HID_COMMANDS.init }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('survives any reports, and the next good one is answered', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 70 }),
            fc.uint8Array({ minLength: REPORT_BYTES, maxLength: REPORT_BYTES }),
          ),
          { maxLength: 20 },
        ),
        (reports) => {
          const { end, init, say, take, device } = host();
          const channel = init();
          device.setSlot(0, echo);
          for (const report of reports) end.push(report);
          // A half-heard message may hold the line for its channel; CTAPHID's way out is a fresh host handle.
          const fresh: HidMessage[] = [];
          const reader = createReportReader();
          const other = device.attach((out) => {
            for (const report of out) {
              const outcome = reader.push(report);
              if (outcome.kind === 'message') fresh.push(outcome.message);
            }
          });
          for (const report of encodeReports({
            channel: BROADCAST_CHANNEL,
            command: HID_COMMANDS.init,
            data: nonce,
          }))
            other.push(report);
          expect(fresh).toHaveLength(1);
          say(channel, HID_COMMANDS.ping);
          take();
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the reader behind a socket', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandoq-reader-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('takes reports in any pieces, is cut off when its cable is pulled, and comes back', async () => {
    const device = createReaderDevice({ kind: 'role', slots: 2, duration: noDuration });
    const path = join(folder, 'reader');
    const cable = createReaderCable(device, path);
    await cable.plug();
    for (let round = 0; round < 2; round++) {
      const socket = createConnection(path);
      let heard = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        heard = Buffer.concat([heard, chunk]);
      });
      const [report] = encodeReports({ channel: BROADCAST_CHANNEL, command: HID_COMMANDS.init, data: nonce });
      for (const byte of report as Bytes) socket.write(Uint8Array.of(byte));
      while (heard.length < REPORT_BYTES) await new Promise((resolve) => setTimeout(resolve, 2));
      expect(heard).toHaveLength(REPORT_BYTES);
      expect(heard.subarray(7, 15)).toEqual(Buffer.from(nonce));
      const cut = new Promise((resolve) => socket.once('close', resolve));
      await cable.pull();
      await cut;
      const refused = createConnection(path);
      await new Promise((resolve) => refused.once('error', resolve));
      await cable.plug();
    }
    await cable.pull();
  });
});
