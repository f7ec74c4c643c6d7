import {
  BROADCAST_CHANNEL,
  concatBytes,
  encodeApdu,
  encodeReports,
  HID_COMMANDS,
  HID_ERRORS,
  type HidMessage,
  READER_KINDS,
} from '@sandoq/protocol';
import { nodeRandomness } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import {
  BUSY_TRIES_MAX,
  createReader,
  EXCHANGE_TIMEOUT_MS,
  EXCHANGES_WAITING_MAX,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  KEEPALIVES_MAX,
  RECONNECT_MAX_MS,
  type Reader,
  type ReaderStatus,
} from '../src/devices/reader.ts';
import { reportLinkOf } from '../src/devices/reader-link.ts';
import { initReply, PEER_CHANNEL, type ReportPeer, startPeer } from './report-peer.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

const SELECT = encodeApdu(0, 0xa4, 4, 0, Uint8Array.of(1, 2, 3));
let peer: ReportPeer;
let reader: Reader;
let clock: VirtualClock;
let history: ReaderStatus[];

async function begin(onMessage: (message: HidMessage, peer: ReportPeer) => boolean): Promise<void> {
  peer = await startPeer(onMessage);
  clock = virtualClock();
  history = [];
  reader = createReader({
    kind: 'admission',
    slotCount: 4,
    open: reportLinkOf({ kind: 'socket', path: peer.path }),
    clock,
    random: nodeRandomness,
    onChange: (status) => history.push(status),
  });
}
const until = (state: ReaderStatus['state']): Promise<void> =>
  vi.waitFor(() => expect(reader.status().state).toBe(state), { interval: 2 });
const echoApdu = (message: HidMessage, to: ReportPeer): boolean => {
  if (message.command !== HID_COMMANDS.apdu) return false;
  to.send({ ...message, data: concatBytes(message.data, Uint8Array.of(0x90, 0)) });
  return true;
};
const reply = (to: ReportPeer, command: number, ...data: number[]): boolean => {
  to.send({ channel: PEER_CHANNEL, command, data: Uint8Array.from(data) });
  return true;
};

afterEach(async () => {
  reader.close();
  expect(clock.pending, 'a closed reader leaves no timer').toBe(0);
  await peer.close();
});

test('an APDU of any allowed length comes back whole with its status word', async () => {
  await begin(echoApdu);
  await until('connected');
  for (const length of [0, 1, 49, 50, 51, 109, 110, 4096]) {
    const apdu = encodeApdu(0x80, 0x10, 0, 0, new Uint8Array(length).fill(length & 0xff));
    const answer = await reader.exchange(2, apdu);
    expect(answer).toEqual({ ok: true, value: { data: apdu, statusWord: 0x9000 } });
  }
});

test('a card that is laid or taken is seen, and a new card is never taken for the old one', async () => {
  await begin(() => false);
  await until('connected');
  const broadcast = (...states: number[]): void =>
    peer.send({ channel: BROADCAST_CHANNEL, command: HID_COMMANDS.slots, data: Uint8Array.from(states) });
  broadcast(1, 0, 0, 0);
  await vi.waitFor(() => expect(reader.status().slots[0]).toEqual({ present: true, laid: 1 }));
  broadcast(0, 0, 0, 0);
  broadcast(1, 0, 0, 0);
  await vi.waitFor(() => expect(reader.status().slots[0]).toEqual({ present: true, laid: 2 }));
});

test('a card announced between the reports of an answer harms neither', async () => {
  await begin((message, to) => {
    if (message.command !== HID_COMMANDS.apdu) return false;
    const data = concatBytes(message.data.subarray(0, 1), new Uint8Array(100), Uint8Array.of(0x90, 0));
    const [first, second] = encodeReports({ ...message, data }) as [Uint8Array, Uint8Array];
    const [laid] = encodeReports({
      channel: BROADCAST_CHANNEL,
      command: HID_COMMANDS.slots,
      data: Uint8Array.of(0, 1, 0, 0),
    });
    to.sendRaw(concatBytes(first, laid as Uint8Array, second));
    return true;
  });
  await until('connected');
  const answer = await reader.exchange(0, SELECT);
  expect(answer.ok && answer.value.data.length).toBe(100);
  expect(reader.status().slots[1]?.present).toBe(true);
});

test('a busy reader is asked again, and after BUSY_TRIES_MAX the caller is told', async () => {
  let busy = 3;
  await begin((message, to) => {
    if (message.command !== HID_COMMANDS.apdu) return false;
    return busy-- > 0 ? reply(to, HID_COMMANDS.error, HID_ERRORS.channel_busy) : echoApdu(message, to);
  });
  await until('connected');
  const ticking = setInterval(() => clock.advance(1_000), 2);
  try {
    expect((await reader.exchange(0, SELECT)).ok).toBe(true);
    busy = Number.POSITIVE_INFINITY;
    const before = peer.received.filter((message) => message.command === HID_COMMANDS.apdu).length;
    expect(await reader.exchange(0, SELECT)).toEqual({ ok: false, fault: 'reader_busy' });
    const after = peer.received.filter((message) => message.command === HID_COMMANDS.apdu).length;
    expect(after - before).toBe(BUSY_TRIES_MAX + 1);
    expect(reader.status().state).toBe('connected');
  } finally {
    clearInterval(ticking);
  }
});

test('keep-alives extend a long exchange, but not for ever', async () => {
  let asked = 0;
  await begin((message, to) => {
    if (message.command !== HID_COMMANDS.apdu) return false;
    asked++;
    return reply(to, HID_COMMANDS.keepalive, 1);
  });
  await until('connected');
  const answer = reader.exchange(0, SELECT);
  await vi.waitFor(() => expect(asked).toBe(1));
  for (let i = 0; i < KEEPALIVES_MAX + 1; i++) reply(peer, HID_COMMANDS.keepalive, 1);
  expect(await answer).toEqual({ ok: false, fault: 'reader_timeout' });
});

test('an exchange that is given up ends by name, and only that one', async () => {
  await begin((message, to) => {
    if (message.command === HID_COMMANDS.apdu) return message.data[1] === 0xff ? true : echoApdu(message, to);
    return message.command === HID_COMMANDS.cancel
      ? reply(to, HID_COMMANDS.error, HID_ERRORS.cancelled)
      : false;
  });
  await until('connected');
  reader.cancel(); // nothing is in hand: nothing is sent
  const waiting = reader.exchange(0, Uint8Array.of(0xff, 0, 0, 0));
  const next = reader.exchange(0, SELECT);
  await vi.waitFor(() => expect(peer.received.some((one) => one.command === HID_COMMANDS.apdu)).toBe(true));
  reader.cancel();
  expect(await waiting).toEqual({ ok: false, fault: 'reader_cancelled' });
  expect((await next).ok).toBe(true);
  expect(peer.received.filter((one) => one.command === HID_COMMANDS.cancel)).toHaveLength(1);
  expect(reader.status().state).toBe('connected');
});

test('a mute reader ends the exchange at its time limit, and a late answer is not taken for the next', async () => {
  let mute = true;
  await begin((message, to) =>
    message.command === HID_COMMANDS.apdu && mute ? true : echoApdu(message, to),
  );
  await until('connected');
  const answer = reader.exchange(0, SELECT);
  await vi.waitFor(() => expect(peer.received.some((one) => one.command === HID_COMMANDS.apdu)).toBe(true));
  clock.advance(EXCHANGE_TIMEOUT_MS);
  expect(await answer).toEqual({ ok: false, fault: 'reader_timeout' });
  expect(reader.status().state).toBe('lost');
  mute = false;
  clock.advance(RECONNECT_MAX_MS);
  await until('connected');
  expect(peer.connections).toBe(2);
  expect((await reader.exchange(0, SELECT)).ok).toBe(true);
});

test('silent unplugging is found by the heartbeat', async () => {
  await begin((message) => message.command === HID_COMMANDS.ping);
  await until('connected');
  clock.advance(HEARTBEAT_INTERVAL_MS);
  clock.advance(HEARTBEAT_TIMEOUT_MS);
  expect(reader.status()).toMatchObject({ state: 'lost', code: 'reader_timeout' });
});

test('a cut link ends what waits with a name, empties the slots and is opened again', async () => {
  await begin((message, to) => {
    if (message.command === HID_COMMANDS.slots) return reply(to, HID_COMMANDS.slots, 1, 1, 1, 1);
    if (message.command !== HID_COMMANDS.apdu) return false;
    to.drop();
    return true;
  });
  await until('connected');
  const two = await Promise.all([reader.exchange(0, SELECT), reader.exchange(1, SELECT)]);
  expect(two).toEqual([
    { ok: false, fault: 'reader_lost' },
    { ok: false, fault: 'reader_lost' },
  ]);
  expect(reader.status().slots.every((slot) => !slot.present)).toBe(true);
  expect(await reader.exchange(0, SELECT)).toEqual({ ok: false, fault: 'reader_lost' });
  clock.advance(RECONNECT_MAX_MS);
  await until('connected');
  expect(reader.status().slots[0]).toEqual({ present: true, laid: 2 });
});

test('a reader of the other kind is a fault by name', async () => {
  await begin((message, to) => {
    if (message.command !== HID_COMMANDS.init) return false;
    to.send(initReply(message.data, READER_KINDS.role));
    return true;
  });
  await until('fault');
  expect(reader.status().code).toBe('reader_of_other_kind');
});

test('an INIT answer to another host is not ours', async () => {
  await begin((message, to) => {
    if (message.command === HID_COMMANDS.init) to.send(initReply(new Uint8Array(8)));
    return false;
  });
  await until('connected');
  expect(peer.connections).toBe(1);
});

test('the queue is bounded at EXCHANGES_WAITING_MAX', async () => {
  await begin((message) => message.command === HID_COMMANDS.apdu);
  await until('connected');
  const asked = Array.from({ length: EXCHANGES_WAITING_MAX + 2 }, () => reader.exchange(0, SELECT));
  expect(await asked.at(-1)).toEqual({ ok: false, fault: 'queue_full' });
  reader.close();
  const outcomes = await Promise.all(asked.slice(0, -1));
  expect(outcomes.every((outcome) => !outcome.ok && outcome.fault === 'reader_lost')).toBe(true);
});

test('hostile reports end at worst the link, by name, and the next good reader is used as ever', async () => {
  let hostile: Uint8Array = new Uint8Array(0);
  await begin((message, to) => {
    if (message.command !== HID_COMMANDS.apdu || hostile.length === 0) return echoApdu(message, to);
    to.sendRaw(hostile);
    to.drop();
    return true;
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom(PEER_CHANNEL, BROADCAST_CHANNEL, 7),
          fc.uint8Array({ minLength: 60, maxLength: 60 }),
        ),
        { minLength: 1, maxLength: 20 },
      ),
      async (reports) => {
        await vi.waitFor(
          () => {
            const { state } = reader.status();
            if (state === 'lost' || state === 'fault') clock.advance(RECONNECT_MAX_MS);
            expect(state).toBe('connected');
          },
          { interval: 2 },
        );
        hostile = concatBytes(
          ...reports.map(([channel, rest]) => {
            const head = new Uint8Array(4);
            new DataView(head.buffer).setUint32(0, channel);
            return concatBytes(head, rest);
          }),
        );
        const outcome = await reader.exchange(0, SELECT);
        hostile = new Uint8Array(0);
        expect(outcome.ok ? 'answer' : outcome.fault).toMatch(
          /^(answer|reader_lost|reader_malformed|reader_timeout|reader_refused|reader_busy|no_card|slot_unknown)$/,
        );
      },
    ),
    { numRuns: 60 },
  );
});
