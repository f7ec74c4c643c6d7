/** The reader and a list of commands for one card: in order, stopped at the first refusal, at a torn card, at a bound. */
import {
  BROADCAST_CHANNEL,
  type Bytes,
  createReportReader,
  decodeScriptAnswer,
  encodeReports,
  encodeScript,
  HID_COMMANDS,
  HID_ERRORS,
  HID_MESSAGE_BYTES_MAX,
  type HidMessage,
  SCRIPT_COMMANDS_MAX,
} from '@sandoq/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Card, createReaderDevice } from '../src/index.ts';
import { type ApduDuration, KEEPALIVE_INTERVAL_MS, noDuration } from '../src/reader/device.ts';

const SLOT = 1;
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((ins) => Uint8Array.of(0x80, ins, 0, 0)) as [
  Bytes,
  Bytes,
  Bytes,
];
const said = (ins: number, word = 0x9000): Bytes => Uint8Array.of(ins, word >> 8, word & 0xff);

/** A card that remembers what it was asked, and answers by `words`. */
function cardOf(words: Readonly<Record<number, Bytes>> = {}): Card & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    reset: () => undefined,
    transmit(apdu) {
      const ins = apdu[1] as number;
      asked.push(ins);
      return words[ins] ?? said(ins);
    },
  };
}

function host(duration: ApduDuration = noDuration) {
  const device = createReaderDevice({ kind: 'admission', slots: 4, duration });
  const heard: HidMessage[] = [];
  const attach = () => {
    const reports = createReportReader();
    const end = device.attach((sent) => {
      for (const report of sent) {
        const outcome = reports.push(report);
        if (outcome.kind === 'message') heard.push(outcome.message);
      }
    });
    const say = (channel: number, command: number, data: Bytes = new Uint8Array(0)): void => {
      for (const report of encodeReports({ channel, command, data })) end.push(report);
    };
    say(BROADCAST_CHANNEL, HID_COMMANDS.init, new Uint8Array(8));
    const { data } = heard.splice(0).at(-1) as HidMessage;
    const channel = new DataView(data.buffer, data.byteOffset).getUint32(8);
    const run = (...commands: Bytes[]): void =>
      say(channel, HID_COMMANDS.script, encodeScript({ slot: SLOT, commands }));
    return { channel, say, run, close: () => end.close() };
  };
  const isOutcome = ({ command }: HidMessage): boolean =>
    command !== HID_COMMANDS.keepalive && command !== HID_COMMANDS.slots;
  /** the last message that is neither a keep-alive nor a card's coming: an answer with its end by name, or an error */
  const outcome = (commandCount: number): readonly [string, ...Bytes[]] | undefined => {
    const last = heard.splice(0).findLast(isOutcome);
    if (last === undefined) return undefined;
    const nameOf = (code: number | undefined): string =>
      Object.entries(HID_ERRORS).find(([, one]) => one === code)?.[0] ?? 'ended';
    if (last.command === HID_COMMANDS.error) return [`error ${nameOf(last.data[0])}`];
    expect(last.command).toBe(HID_COMMANDS.script);
    const answer = decodeScriptAnswer(last.data, commandCount);
    if (answer === undefined) throw new Error('an answer that no reader may give');
    expect(answer.slot).toBe(SLOT);
    return [nameOf(answer.stop), ...answer.answers];
  };
  return { device, heard, attach, outcome };
}

describe('a script', () => {
  it('gives the card its commands in order, and all answers in one message', () => {
    const { device, attach, outcome } = host();
    const { run } = attach();
    const card = cardOf();
    device.setSlot(SLOT, card);
    run(FIRST, SECOND, THIRD);
    expect(outcome(3)).toEqual(['ended', said(1), said(2), said(3)]);
    expect(card.asked).toEqual([1, 2, 3]);
  });

  it('stops behind the first answer that is not 9000: no later command reaches the card', () => {
    for (const [word, answer] of [
      [0x63c2, said(2, 0x63c2)],
      [0x6982, said(2, 0x6982)],
      [0x6110, said(2, 0x6110)],
      [0, Uint8Array.of(0x90)],
    ] as const) {
      const { device, attach, outcome } = host();
      const { run } = attach();
      const card = cardOf({ 2: answer });
      device.setSlot(SLOT, card);
      run(FIRST, SECOND, THIRD);
      expect(outcome(3), `status word ${word.toString(16)}`).toEqual(['ended', said(1), answer]);
      expect(card.asked).toEqual([1, 2]);
    }
  });

  it('ends where the card falls silent, with what it had said, or by an error where that is nothing', () => {
    const { device, attach, outcome } = host();
    const { run } = attach();
    device.setSlot(SLOT, cardOf({ 2: new Uint8Array(0) }));
    run(FIRST, SECOND, THIRD);
    expect(outcome(3)).toEqual(['timeout', said(1)]);
    run(SECOND, FIRST);
    expect(outcome(2)).toEqual(['error timeout']);
  });

  it('is refused by name where it is none: too many commands, none, lengths that do not add up, no such slot', () => {
    const { device, attach, outcome } = host();
    const { say, run, channel } = attach();
    const card = cardOf();
    device.setSlot(SLOT, card);
    const most = encodeScript({
      slot: SLOT,
      commands: Array.from({ length: SCRIPT_COMMANDS_MAX }, () => FIRST),
    });
    say(channel, HID_COMMANDS.script, most);
    expect(outcome(SCRIPT_COMMANDS_MAX)).toHaveLength(1 + SCRIPT_COMMANDS_MAX);
    for (const bad of [
      Uint8Array.of(...most, 0, 4, ...FIRST),
      Uint8Array.of(SLOT),
      new Uint8Array(0),
      most.subarray(0, most.length - 1),
      Uint8Array.of(SLOT, 0, 3, 1, 2, 3),
    ]) {
      say(channel, HID_COMMANDS.script, bad);
      expect(outcome(1)).toEqual(['error invalid_length']);
    }
    expect(card.asked).toHaveLength(SCRIPT_COMMANDS_MAX);
    say(channel, HID_COMMANDS.script, encodeScript({ slot: 9, commands: [FIRST] }));
    expect(outcome(1)).toEqual(['error slot_unknown']);
    device.setSlot(SLOT, undefined);
    run(FIRST);
    expect(outcome(1)).toEqual(['error no_card']);
  });

  it('stops at an answer that does not fit beside those before it', () => {
    const { device, attach, outcome } = host();
    const { run } = attach();
    const long = new Uint8Array(HID_MESSAGE_BYTES_MAX - 2 - 2 - said(1).length - 2);
    long.set([0x90, 0], long.length - 2);
    device.setSlot(SLOT, cardOf({ 2: long }));
    run(FIRST, SECOND);
    expect(outcome(2)).toEqual(['ended', said(1), long]);
    device.setSlot(SLOT, cardOf({ 2: Uint8Array.of(0, ...long) }));
    run(FIRST, SECOND, THIRD);
    expect(outcome(3)).toEqual(['answer_too_long', said(1)]);
  });
});

describe('a script whose commands take their time', () => {
  const THINK_MS = 150;
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());
  const thinking = () => {
    const all = host(() => THINK_MS);
    const asked = all.attach();
    const card = cardOf();
    all.device.setSlot(SLOT, card);
    return { ...all, ...asked, card };
  };

  it('keeps the line, is kept alive, and another channel is told that it is busy all the while', () => {
    const { run, attach, outcome, card } = thinking();
    const other = attach();
    run(FIRST, SECOND);
    for (let asked = 0; asked < 2; asked++) {
      expect(card.asked).toHaveLength(asked);
      other.run(THIRD);
      expect(outcome(1)).toEqual(['error channel_busy']);
      vi.advanceTimersByTime(KEEPALIVE_INTERVAL_MS);
      vi.advanceTimersByTime(THINK_MS - KEEPALIVE_INTERVAL_MS);
    }
    expect(outcome(2)).toEqual(['ended', said(1), said(2)]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends where the card is torn away between two commands, also where the same card lies there again', () => {
    const { run, device, outcome, card } = thinking();
    for (const back of [undefined, card, cardOf()]) {
      card.asked.length = 0;
      device.setSlot(SLOT, card);
      run(FIRST, SECOND, THIRD);
      vi.advanceTimersByTime(THINK_MS);
      expect(card.asked).toEqual([1]);
      device.setSlot(SLOT, undefined);
      device.setSlot(SLOT, back);
      vi.advanceTimersByTime(THINK_MS);
      expect(outcome(3)).toEqual(['no_card', said(1)]);
      expect(card.asked).toEqual([1]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('announces behind its answer what came and went meanwhile, and that it was not the same all along', () => {
    const { run, device, card, heard } = thinking();
    run(FIRST);
    device.setSlot(SLOT, undefined);
    device.setSlot(SLOT, card);
    device.setSlot(SLOT + 1, card);
    heard.length = 0;
    vi.advanceTimersByTime(THINK_MS - 1);
    expect(heard.filter(({ command }) => command === HID_COMMANDS.slots)).toEqual([]);
    vi.advanceTimersByTime(1);
    const told = heard.filter(({ command }) => command !== HID_COMMANDS.keepalive);
    expect(told.map(({ command, data }) => [command, ...data])).toEqual([
      [HID_COMMANDS.error, HID_ERRORS.no_card],
      [HID_COMMANDS.slots, 0, 0, 0, 0],
      [HID_COMMANDS.slots, 0, 1, 1, 0],
    ]);
  });

  it('is given up with what the card had said; what it has begun is not taken back', () => {
    const { run, say, channel, outcome, card } = thinking();
    run(FIRST, SECOND, THIRD);
    vi.advanceTimersByTime(THINK_MS);
    say(channel, HID_COMMANDS.cancel);
    expect(outcome(3)).toEqual(['cancelled', said(1)]);
    vi.advanceTimersByTime(10 * THINK_MS);
    expect(card.asked).toEqual([1]);
    run(FIRST);
    say(channel, HID_COMMANDS.cancel);
    expect(outcome(1)).toEqual(['error cancelled']);
    expect(card.asked).toEqual([1]);
  });

  it('of a host that has gone is not carried on', () => {
    const { run, close, card, outcome } = thinking();
    run(FIRST, SECOND);
    vi.advanceTimersByTime(THINK_MS);
    close();
    vi.advanceTimersByTime(10 * THINK_MS);
    expect(card.asked).toEqual([1]);
    expect(outcome(2)).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
