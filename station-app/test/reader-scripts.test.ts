/** The client's scripts: one message where the reader knows them, one by one where it does not, and no third thing. */
import {
  type ApduAnswer,
  BROADCAST_CHANNEL,
  type Bytes,
  concatBytes,
  decodeScript,
  encodeReports,
  encodeScriptAnswer,
  HID_COMMANDS,
  HID_ERRORS,
  type HidMessage,
  READER_CAPABILITIES,
  READER_KINDS,
  SCRIPT_COMMANDS_MAX,
} from '@sandoq/protocol';
import { nodeRandomness } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { cardIn } from '../src/devices/cards.ts';
import { createReader, EXCHANGE_TIMEOUT_MS, RECONNECT_MAX_MS, type Reader } from '../src/devices/reader.ts';
import { reportLinkOf } from '../src/devices/reader-link.ts';
import { initReply, type ReportPeer, startPeer } from './report-peer.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

const SLOT = 2;
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((ins) => Uint8Array.of(0x80, ins, 0, 0)) as [
  Bytes,
  Bytes,
  Bytes,
];
const said = (ins: number, word = 0x9000): Bytes => Uint8Array.of(ins, word >> 8, word & 0xff);
const read = (ins: number, statusWord = 0x9000): ApduAnswer => ({ data: Uint8Array.of(ins), statusWord });

let peer: ReportPeer;
let reader: Reader;
let clock: VirtualClock;

/** @param capabilities as the reader tells them; none of them: a reader of the first form */
async function begin(
  capabilities: readonly number[],
  onMessage: (message: HidMessage, peer: ReportPeer) => void,
): Promise<void> {
  peer = await startPeer((message, to) => {
    if (message.command === HID_COMMANDS.init)
      to.send(initReply(message.data, READER_KINDS.admission, ...capabilities));
    else if (message.command === HID_COMMANDS.script || message.command === HID_COMMANDS.apdu)
      onMessage(message, to);
    else return false;
    return true;
  });
  clock = virtualClock();
  await connect();
}
/** a client that knows nothing yet of what the reader failed at */
async function connect(): Promise<void> {
  reader = createReader({
    kind: 'admission',
    slotCount: 4,
    open: reportLinkOf({ kind: 'socket', path: peer.path }),
    clock,
    random: nodeRandomness,
    onChange: () => undefined,
  });
  await connected();
}
const connected = (): Promise<void> =>
  vi.waitFor(() => expect(reader.status().state).toBe('connected'), { interval: 2 });
const KNOWN = [READER_CAPABILITIES.scripts];
const answerBy =
  (stop: number, ...answers: readonly Bytes[]) =>
  (message: HidMessage, to: ReportPeer): void =>
    to.send({ ...message, data: encodeScriptAnswer({ slot: SLOT, stop, answers }) });
/** a card's answer to a single command */
const single = (message: HidMessage, to: ReportPeer): void =>
  to.send({ ...message, data: concatBytes(Uint8Array.of(SLOT), said(message.data[2] as number)) });
const sent = (command: number): HidMessage[] => peer.received.filter((one) => one.command === command);

afterEach(async () => {
  reader.close();
  expect(clock.pending, 'a closed reader leaves no timer').toBe(0);
  await peer.close();
});

describe('a reader that knows scripts', () => {
  test('gets all commands in one message, and all answers come in one', async () => {
    await begin([0xff], answerBy(0, said(1), said(2)));
    const outcome = await reader.script(SLOT, [FIRST, SECOND]);
    expect(outcome).toEqual({
      ok: true,
      value: { answers: [read(1), read(2)], stopped: undefined, laid: 0 },
    });
    expect(sent(HID_COMMANDS.script).map(({ data }) => decodeScript(data))).toEqual([
      { slot: SLOT, commands: [FIRST, SECOND] },
    ]);
    expect(sent(HID_COMMANDS.apdu)).toEqual([]);
  });

  test('tells where it stopped: at a refusal, at a torn card, at a card that fell silent', async () => {
    let say = answerBy(0, said(1), said(2, 0x6985));
    await begin(KNOWN, (message, to) => say(message, to));
    const three = () => reader.script(SLOT, [FIRST, SECOND, THIRD]);
    expect(await three()).toMatchObject({
      ok: true,
      value: { answers: [read(1), read(2, 0x6985)], stopped: undefined },
    });
    for (const [stop, fault] of [
      ['no_card', 'no_card'],
      ['timeout', 'card_mute'],
      ['cancelled', 'reader_cancelled'],
      ['answer_too_long', 'reader_refused'],
    ] as const) {
      say = answerBy(HID_ERRORS[stop], said(1));
      expect(await three()).toMatchObject({ ok: true, value: { answers: [read(1)], stopped: fault } });
    }
    say = answerBy(0, said(1), Uint8Array.of(0x90));
    expect(await three()).toMatchObject({ ok: true, value: { answers: [read(1)], stopped: 'card_mute' } });
    say = answerBy(0, new Uint8Array(0));
    expect(await three()).toEqual({ ok: false, fault: 'card_mute' });
    say = (message, to) =>
      to.send({ ...message, command: HID_COMMANDS.error, data: Uint8Array.of(HID_ERRORS.no_card) });
    expect(await three()).toEqual({ ok: false, fault: 'no_card' });
    expect(reader.status().state).toBe('connected');
    expect(peer.connections).toBe(1);
  });

  test('says of which laying the answers are, also where the next card is announced right behind them', async () => {
    const slots = (present: number): Bytes =>
      encodeReports({
        channel: BROADCAST_CHANNEL,
        command: HID_COMMANDS.slots,
        data: Uint8Array.of(0, 0, present, 0),
      })[0] as Bytes;
    await begin(KNOWN, (message, to) => {
      const data = encodeScriptAnswer({ slot: SLOT, stop: 0, answers: [said(1)] });
      to.sendRaw(concatBytes(slots(1), ...encodeReports({ ...message, data }), slots(0), slots(1)));
    });
    const outcome = await reader.script(SLOT, [FIRST]);
    expect(outcome.ok && outcome.value.laid).toBe(1);
    await vi.waitFor(() => expect(reader.status().slots[SLOT]).toEqual({ present: true, laid: 2 }));
  });

  test('that answers out of form loses its link by name, once, and is given the commands one by one ever after', async () => {
    let hostile: HidMessage | Bytes = new Uint8Array(0);
    await begin(KNOWN, (message, to) => {
      if (message.command === HID_COMMANDS.apdu) single(message, to);
      else if (hostile instanceof Uint8Array) to.send({ ...message, data: hostile });
      else to.send({ ...hostile, channel: message.channel });
    });
    const bad: Bytes[] = [
      encodeScriptAnswer({ slot: SLOT, stop: 0, answers: [said(1)] }),
      encodeScriptAnswer({ slot: SLOT, stop: 0, answers: [said(1, 0x6985), said(2)] }),
      encodeScriptAnswer({ slot: SLOT, stop: HID_ERRORS.no_card, answers: [said(1), said(2)] }),
      encodeScriptAnswer({ slot: SLOT, stop: 0, answers: [said(1), said(2), said(3)] }),
      encodeScriptAnswer({ slot: SLOT + 1, stop: 0, answers: [said(1), said(2)] }),
      Uint8Array.of(SLOT, 0, 0, 9, 0x90, 0),
      Uint8Array.of(SLOT),
      new Uint8Array(0),
    ];
    const other: HidMessage = { channel: 0, command: HID_COMMANDS.apdu, data: Uint8Array.of(SLOT, 0x90, 0) };
    for (const one of [...bad, other]) {
      hostile = one;
      expect(await reader.script(SLOT, [FIRST, SECOND])).toEqual({ ok: false, fault: 'reader_malformed' });
      expect(reader.status()).toMatchObject({ state: 'fault', code: 'reader_malformed' });
      const scripts = sent(HID_COMMANDS.script).length;
      for (let links = 0; links < 2; links++) {
        clock.advance(RECONNECT_MAX_MS);
        await connected();
        expect(await reader.script(SLOT, [FIRST, SECOND])).toMatchObject({
          value: { answers: [read(1), read(2)], stopped: undefined },
        });
        peer.drop();
        await vi.waitFor(() => expect(reader.status().state).toBe('lost'), { interval: 2 });
      }
      expect(sent(HID_COMMANDS.script)).toHaveLength(scripts);
      reader.close();
      await connect();
    }
  });

  test('that does not know the command after all gives no fault: the commands go one by one at once, and ever after', async () => {
    await begin(KNOWN, (message, to) => {
      if (message.command === HID_COMMANDS.apdu) single(message, to);
      else
        to.send({ ...message, command: HID_COMMANDS.error, data: Uint8Array.of(HID_ERRORS.invalid_command) });
    });
    const two = () => reader.script(SLOT, [FIRST, SECOND]);
    const whole = { ok: true, value: { answers: [read(1), read(2)], stopped: undefined, laid: 0 } };
    // The second was under way as a script when the first was refused.
    expect(await Promise.all([two(), two()])).toEqual([whole, whole]);
    expect(sent(HID_COMMANDS.script)).toHaveLength(2);
    expect(await two()).toEqual(whole);
    expect(peer.connections).toBe(1);
    peer.drop();
    await vi.waitFor(() => expect(reader.status().state).toBe('lost'), { interval: 2 });
    clock.advance(RECONNECT_MAX_MS);
    await connected();
    expect(await two()).toEqual(whole);
    expect(sent(HID_COMMANDS.script)).toHaveLength(2);
  });

  test('that refuses a script for another reason is asked no command of it again, and is given the next script', async () => {
    await begin(KNOWN, (message, to) =>
      to.send({ ...message, command: HID_COMMANDS.error, data: Uint8Array.of(HID_ERRORS.answer_too_long) }),
    );
    for (let asked = 1; asked <= 2; asked++) {
      expect(await reader.script(SLOT, [FIRST])).toEqual({ ok: false, fault: 'reader_refused' });
      expect(sent(HID_COMMANDS.script)).toHaveLength(asked);
    }
    expect(sent(HID_COMMANDS.apdu)).toEqual([]);
  });

  test('and never comes to an end is given up at the time limit, which keep-alives extend', async () => {
    await begin(KNOWN, () => undefined);
    const waiting = reader.script(SLOT, [FIRST, SECOND]);
    await vi.waitFor(() => expect(sent(HID_COMMANDS.script)).toHaveLength(1));
    clock.advance(EXCHANGE_TIMEOUT_MS);
    expect(await waiting).toEqual({ ok: false, fault: 'reader_timeout' });
  });

  test('is asked to give a script up as it is an APDU', async () => {
    await begin(KNOWN, () => undefined);
    const waiting = reader.script(SLOT, [FIRST, SECOND]);
    await vi.waitFor(() => expect(sent(HID_COMMANDS.script)).toHaveLength(1));
    reader.cancel();
    await vi.waitFor(() => expect(sent(HID_COMMANDS.cancel)).toHaveLength(1));
    answerBy(HID_ERRORS.cancelled, said(1))(sent(HID_COMMANDS.script)[0] as HidMessage, peer);
    expect(await waiting).toMatchObject({ ok: true, value: { stopped: 'reader_cancelled' } });
  });

  test('is never sent a script beyond the bounds', async () => {
    await begin(KNOWN, () => undefined);
    const many = Array.from({ length: SCRIPT_COMMANDS_MAX + 1 }, () => FIRST);
    for (const impossible of [many, [], [FIRST, Uint8Array.of(0x80)]])
      expect(() => reader.script(SLOT, impossible)).toThrow(RangeError);
    expect(sent(HID_COMMANDS.script)).toEqual([]);
  });

  test('a card that answers in pieces is put together, and asked the rest of the script then', async () => {
    const asked: number[] = [];
    await begin(KNOWN, (message, to) => {
      const commands =
        message.command === HID_COMMANDS.script
          ? (decodeScript(message.data)?.commands as readonly Bytes[])
          : [message.data.subarray(1)];
      const ins = commands.map((one) => one[1] as number);
      asked.push(...ins);
      const more = ins[0] === 1 ? Uint8Array.of(0x61, 1) : said(ins[0] as number);
      if (message.command === HID_COMMANDS.script)
        answerBy(0, more, ...ins.slice(2).map((one) => said(one)))(message, to);
      else to.send({ ...message, data: concatBytes(Uint8Array.of(SLOT), more) });
    });
    const outcome = await cardIn(reader, SLOT).script([FIRST, SECOND]);
    expect(outcome).toMatchObject({
      ok: true,
      value: { answers: [read(0xc0), read(2)], stopped: undefined },
    });
    expect(asked).toEqual([1, 2, 0xc0, 2]);
  });
});

describe('a reader that knows none', () => {
  test.each([
    ['of the first form', []],
    ['with other capabilities', [0xff & ~READER_CAPABILITIES.scripts]],
  ])('%s is given the commands one by one, and stops as the other does', async (_, capabilities) => {
    let words: Readonly<Record<number, number>> = {};
    await begin(capabilities, (message, to) => {
      const ins = message.data[2] as number;
      const error = words[ins] === 0;
      const data = error
        ? Uint8Array.of(HID_ERRORS.no_card)
        : concatBytes(Uint8Array.of(SLOT), said(ins, words[ins]));
      to.send({ ...message, command: error ? HID_COMMANDS.error : message.command, data });
    });
    const three = () => reader.script(SLOT, [FIRST, SECOND, THIRD]);
    expect(await three()).toEqual({
      ok: true,
      value: { answers: [read(1), read(2), read(3)], stopped: undefined, laid: 0 },
    });
    words = { 2: 0x6982 };
    expect(await three()).toMatchObject({
      value: { answers: [read(1), read(2, 0x6982)], stopped: undefined },
    });
    words = { 2: 0 };
    expect(await three()).toMatchObject({ value: { answers: [read(1)], stopped: 'no_card' } });
    words = { 1: 0 };
    expect(await three()).toEqual({ ok: false, fault: 'no_card' });
    expect(sent(HID_COMMANDS.apdu).map(({ data }) => data[2])).toEqual([1, 2, 3, 1, 2, 1, 2, 1]);
    expect(sent(HID_COMMANDS.script)).toEqual([]);
  });
});

test('any bytes in answer to a script end by name', async () => {
  let hostile: Bytes = new Uint8Array(0);
  await begin(KNOWN, (message, to) => to.send({ ...message, data: hostile }));
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.boolean(), async (junk, isOurs) => {
      hostile = isOurs ? concatBytes(Uint8Array.of(SLOT, 0), junk) : junk;
      const outcome = await reader.script(SLOT, [FIRST, SECOND]);
      expect(outcome.ok ? 'answer' : outcome.fault).toMatch(/^(answer|card_mute|reader_malformed)$/);
      if (reader.status().state === 'connected') return;
      reader.close();
      await connect();
    }),
    { numRuns: 60 },
  );
});
