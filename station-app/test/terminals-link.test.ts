/** The line between terminals: who proves nothing is told nothing; anything is survived. */
import { connect, createServer, type Socket } from 'node:net';
import { admissionSubject, directoryOf } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import type { NationalCode } from '@sandoq/protocol/persian';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type Admission, compareLines } from '../src/admission/journal-cell.ts';
import {
  decodeMessage,
  encodeMessage,
  LINES_MAX,
  type Message,
} from '../src/admission/terminals/messages.ts';
import { openPeerLinks, type PeerLinks, STRANGERS_MAX } from '../src/admission/terminals/peer-links.ts';
import {
  encodeShared,
  FRESH_STATE,
  mergeShared,
  type SharedState,
} from '../src/admission/terminals/shared-state.ts';
import { mostOf, standingOf } from '../src/admission/terminals/standing.ts';
import { systemClock } from '../src/devices/clock.ts';
import { codeOf, STATION } from './admission-world.ts';
import { freePort } from './terminals-room.ts';

const line = (number: number, more: Partial<Admission> = {}): Admission => ({
  nationalCode: codeOf(number) as NationalCode,
  document: 'passport',
  style: 0,
  visiting: false,
  helped: false,
  offline: true,
  bucket: 1_800_000_000,
  state: 'admitted',
  armings: 1,
  spoiled: 0,
  returned: 0,
  turn: 1,
  told: 'nothing',
  doubled: false,
  terminal: 1,
  ...more,
});

describe('messages', () => {
  const all: readonly Message[] = [
    { type: 'state', shared: encodeShared(FRESH_STATE), phase: 1, mode: 1 },
    { type: 'lines', sequence: 7, isAll: true, lines: [line(1), line(2, { apart: true, terminal: 4 })] },
    { type: 'ack', sequence: 7 },
    { type: 'reserve', id: 1, nationalCode: codeOf(3) as NationalCode, known: 0xffff_ffff },
    { type: 'answer', id: 1, verdict: 'differs', terminal: 2, lines: [line(3)] },
    { type: 'unlock', nationalCode: codeOf(3) as NationalCode },
    { type: 'in_hand', terminal: 3, line: undefined },
    { type: 'in_hand', terminal: 3, line: line(9) },
    { type: 'ping' },
    { type: 'close', id: 2 },
    { type: 'closed', id: 2, ok: false },
  ];

  test('are read as they were written, and not a byte more or less', () => {
    for (const message of all) {
      const bytes = encodeMessage(message);
      expect(decodeMessage(bytes)).toEqual(message);
      if (message.type !== 'lines' && message.type !== 'answer')
        expect(decodeMessage(bytes.slice(0, -1))).toBeUndefined();
      expect(decodeMessage(new Uint8Array([...bytes, 1]))).toBeUndefined();
    }
  });

  test('never throw on any bytes, bent messages among them', () => {
    const bent = fc
      .tuple(fc.constantFrom(...all.map(encodeMessage)), fc.nat(), fc.nat(255))
      .map(([bytes, at, value]) => {
        const copy = bytes.slice();
        copy[at % copy.length] = value;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), bent), (bytes) => {
        decodeMessage(bytes);
      }),
      { numRuns: 3_000 },
    );
  });

  test('hold no more lines than their bound', () => {
    const lines = Array.from({ length: LINES_MAX + 1 }, () => line(1));
    expect(() => encodeMessage({ type: 'lines', sequence: 1, isAll: false, lines })).toThrow(RangeError);
  });
});

describe('merging', () => {
  const anyLine = fc
    .record({
      turn: fc.integer({ min: 1, max: 3 }),
      armings: fc.integer({ min: 1, max: 3 }),
      told: fc.constantFrom('nothing', 'claimed', 'released'),
      state: fc.constantFrom('admitted', 'released'),
      terminal: fc.integer({ min: 1, max: 4 }),
    })
    .map((more) => line(1, more as Partial<Admission>));

  test('the later of lines is the same in whatever order they meet', () => {
    const latest = (lines: readonly Admission[]): Admission =>
      lines.reduce((best, one) => (compareLines(one, best) > 0 ? one : best));
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 1, maxLength: 6 }), (lines) => {
        expect(compareLines(latest(lines), latest(lines.toReversed()))).toBe(0);
      }),
    );
  });

  test('states merge the same way round, and twice changes nothing', () => {
    const anyState = fc
      .record({
        claimants: fc.array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { minLength: 5, maxLength: 5 }),
        abandoned: fc.array(fc.nat(9), { minLength: 5, maxLength: 5 }),
      })
      .map((more): SharedState => ({ ...FRESH_STATE, ...more }));
    fc.assert(
      fc.property(anyState, anyState, (a, b) => {
        expect(mergeShared(a, b)).toEqual(mergeShared(b, a));
        expect(mergeShared(mergeShared(a, b), b)).toEqual(mergeShared(a, b));
      }),
    );
  });
});

test('no two groups that cannot reach each other both go on unasked', () => {
  for (const total of [2, 3, 4])
    for (let group = 1; group < 2 ** total; group++) {
      const inside = Array.from({ length: total }, (_, i) => i + 1).filter((one) => group & (1 << (one - 1)));
      const mayGoOn = (numbers: readonly number[]): boolean =>
        numbers.some((here) => {
          const reached = numbers.filter((one) => one !== here);
          return (
            standingOf({ total, here, reached, state: FRESH_STATE, disk: undefined }).state !== 'missing'
          );
        });
      const outside = Array.from({ length: total }, (_, i) => i + 1).filter((one) => !inside.includes(one));
      expect(mayGoOn(inside) && mayGoOn(outside)).toBe(false);
      expect(mayGoOn(inside)).toBe(inside.length >= mostOf(total) && inside.length >= 2);
    }
});

describe('the line', () => {
  const opened: PeerLinks[] = [];
  afterEach(async () => {
    for (const links of opened.splice(0)) await links.close();
  });
  const keys = [1, 2].map((number) => nodeCrypto.sha256(new Uint8Array([number])));
  const directory = directoryOf(
    keys.map((key, i) => ({
      subject: admissionSubject(STATION, i + 1),
      purpose: 'admission' as const,
      key: nodeCrypto.signingPublicKey(key),
    })),
  );
  const open = (
    here: number,
    port: number,
    secretKey: Uint8Array,
    seen: Message[],
    packageDigest = new Uint8Array(32),
    failures?: unknown[],
  ): PeerLinks => {
    const links = openPeerLinks({
      here,
      listen: here === 1 ? { host: '127.0.0.1', port } : undefined,
      peers: here === 1 ? [] : [{ terminal: 1, host: '127.0.0.1', port }],
      clock: systemClock,
      session: {
        crypto: nodeCrypto,
        random: nodeRandomness,
        station: STATION,
        here,
        packageDigest,
        secretKey,
        directory,
        atSeconds: () => 1_800_000_000,
      },
      onUp: (terminal) => links.send(terminal, { type: 'ack', sequence: here }),
      onDown: () => undefined,
      onMessage: (_terminal, message) => seen.push(message),
      onFailure: (cause) => {
        if (failures === undefined) expect.unreachable(String(cause));
        failures?.push(cause);
      },
    });
    opened.push(links);
    return links;
  };
  const settled = async (holds: () => boolean): Promise<boolean> => {
    for (let i = 0; i < 60 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    return holds();
  };

  test('two that prove their keys speak; a terminal with another key, or another package, does not', async () => {
    const port = await freePort();
    const heard: Message[] = [];
    const said: Message[] = [];
    open(1, port, keys[0] as Uint8Array, heard);
    const thief = open(2, port, nodeCrypto.sha256(new Uint8Array([9])), said);
    expect(await settled(() => heard.length > 0)).toBe(false);
    expect(said).toEqual([]);
    await thief.close();
    const other = open(2, port, keys[1] as Uint8Array, said, new Uint8Array(32).fill(1));
    expect(await settled(() => heard.length + said.length > 0)).toBe(false);
    await other.close();
    open(2, port, keys[1] as Uint8Array, said);
    expect(await settled(() => heard.length > 0 && said.length > 0)).toBe(true);
    expect([heard[0], said[0]]).toEqual([
      { type: 'ack', sequence: 2 },
      { type: 'ack', sequence: 1 },
    ]);
  });

  test('a port that another process holds still is had as soon as it is free', async () => {
    const port = await freePort();
    const before = createServer();
    await new Promise<void>((resolve) => before.listen(port, '127.0.0.1', () => resolve()));
    const heard: Message[] = [];
    const failures: unknown[] = [];
    open(1, port, keys[0] as Uint8Array, heard, undefined, failures);
    expect(await settled(() => failures.length > 0)).toBe(true);
    await new Promise<void>((resolve) => before.close(() => resolve()));
    open(2, port, keys[1] as Uint8Array, []);
    for (let i = 0; i < 4 && heard.length === 0; i++) await settled(() => heard.length > 0);
    expect(heard).toEqual([{ type: 'ack', sequence: 2 }]);
  });

  test('strangers are dropped, bounded in number, and the line stands behind them', async () => {
    const port = await freePort();
    const heard: Message[] = [];
    open(1, port, keys[0] as Uint8Array, heard);
    const strangers: Socket[] = [];
    let dropped = 0;
    for (let i = 0; i < STRANGERS_MAX + 4; i++) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined);
      socket.once('close', () => dropped++);
      socket.resume();
      strangers.push(socket);
      // Half of them say nothing, half whatever comes.
      if (i % 2 === 0) socket.write(nodeRandomness(200));
    }
    await settled(() => dropped >= 4);
    expect(dropped).toBeGreaterThanOrEqual(4);
    for (const socket of strangers) socket.destroy();
    open(2, port, keys[1] as Uint8Array, []);
    expect(await settled(() => heard.length > 0)).toBe(true);
  });

  test('a bent frame ends the link, and a new one is made', async () => {
    const port = await freePort();
    const between = await freePort();
    const heard: Message[] = [];
    // Two frames with their lengths: magic, number, digest, key; a signature and its tag.
    const HELLO_AND_PROOF_BYTES = 4 + (8 + 1 + 32 + 32) + 4 + (64 + 16);
    let bend = true;
    const proxy = createServer((near) => {
      const far = connect({ host: '127.0.0.1', port });
      let passed = 0;
      near.on('data', (bytes) => {
        const at = HELLO_AND_PROOF_BYTES + 10 - passed;
        passed += bytes.length;
        const copy = Buffer.from(bytes);
        if (bend && at >= 0 && at < copy.length) {
          bend = false;
          copy[at] = (copy[at] as number) ^ 1;
        }
        far.write(copy);
      });
      far.on('data', (bytes) => near.write(bytes));
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('error', () => other.destroy());
        one.once('close', () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => proxy.listen(between, '127.0.0.1', () => resolve()));
    open(1, port, keys[0] as Uint8Array, heard);
    open(2, between, keys[1] as Uint8Array, []);
    expect(await settled(() => heard.some(({ type }) => type === 'ack'))).toBe(true);
    expect(bend).toBe(false);
    for (const links of opened.splice(0)) await links.close();
    await new Promise<void>((resolve) => proxy.close(() => resolve()));
  });
});
