/** The bundle reaches the province once, whatever the line does; a receipt that proves nothing is none. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Bytes,
  directoryOf,
  type ElectionId,
  INTAKE_SUBJECT,
  records,
  signTyped,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createOutbox,
  type Outbox,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  retryDelayMs,
  SEND_TRIES_MAX,
  type SendResult,
} from '../src/sync/outbox.ts';
import { sendBundleTo } from '../src/sync/province.ts';
import { virtualClock } from './virtual-clock.ts';

const election = 'e1' as ElectionId;
const intakeKey = new Uint8Array(32).fill(6);
const directory = directoryOf([
  { subject: INTAKE_SUBJECT, purpose: 'intake', key: nodeCrypto.signingPublicKey(intakeKey) },
]);
const bundle = new Uint8Array(300).fill(7);
const receiptFor = (bytes: Bytes, key = intakeKey): Bytes =>
  signTyped(nodeCrypto, key, { type: 'receipt', election, signer: INTAKE_SUBJECT }, records.receiptShape, {
    stationId: 's1',
    slipDigest: new Uint8Array(32),
    bundleDigest: nodeCrypto.sha256(bytes),
    receivedAt: 1,
    disputed: false,
  });

function outboxOf(answers: (tries: number) => SendResult) {
  const clock = virtualClock();
  const kept: Bytes[] = [];
  let tries = 0;
  const outbox: Outbox = createOutbox(
    {
      clock,
      random: nodeRandomness,
      crypto: nodeCrypto,
      directory,
      election,
      send: () => Promise.resolve(answers(++tries)),
      onReceipt: (receipt) => kept.push(receipt),
      onChange: () => undefined,
    },
    false,
  );
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { clock, kept, outbox, settle, tries: () => tries };
}

describe('the outbox', () => {
  it('tries again until a receipt for exactly this bundle is there, and then no more', async () => {
    const run = outboxOf((tries) =>
      tries < 4 ? { kind: 'unreachable' } : { kind: 'answered', receipt: receiptFor(bundle) },
    );
    expect(await run.outbox.send(bundle)).toMatchObject({
      state: 'waiting',
      code: 'province_unreachable',
      tries: 1,
    });
    for (let i = 0; i < 10; i++) {
      run.clock.advance(RETRY_MAX_MS);
      await run.settle();
    }
    expect(run.outbox.view()).toMatchObject({ state: 'received', tries: 4, code: null });
    expect(run.kept).toHaveLength(1);
    expect(await run.outbox.send(bundle)).toMatchObject({ state: 'received' });
    expect(run.tries()).toBe(4);
  });

  it.each([
    ['of another bundle', receiptFor(new Uint8Array(4))],
    ['signed by another key', receiptFor(bundle, new Uint8Array(32).fill(8))],
    ['that is no record', new Uint8Array(40)],
  ])('does not believe a receipt %s', async (_, receipt) => {
    const run = outboxOf(() => ({ kind: 'answered', receipt }));
    expect(await run.outbox.send(bundle)).toMatchObject({ state: 'waiting', code: 'receipt_invalid' });
    expect(run.kept).toEqual([]);
  });

  it('does not repeat what was refused by name, unless people ask for it', async () => {
    const run = outboxOf((tries) =>
      tries === 1
        ? { kind: 'refused', code: 'wrong_station' }
        : { kind: 'answered', receipt: receiptFor(bundle) },
    );
    expect(await run.outbox.send(bundle)).toMatchObject({ state: 'refused', code: 'wrong_station' });
    run.clock.advance(10 * RETRY_MAX_MS);
    await run.settle();
    expect(run.tries()).toBe(1);
    expect(await run.outbox.send(bundle)).toMatchObject({ state: 'received' });
  });

  it('gives up after SEND_TRIES_MAX tries: the slip is carried by hand', async () => {
    const run = outboxOf(() => ({ kind: 'unreachable' }));
    await run.outbox.send(bundle);
    for (let tries = 1; tries < SEND_TRIES_MAX; tries++) {
      expect(run.outbox.view().state).toBe('waiting');
      run.clock.advance(RETRY_MAX_MS);
      await run.settle();
    }
    expect(run.outbox.view()).toMatchObject({ state: 'refused', code: 'gave_up', tries: SEND_TRIES_MAX });
    expect(run.clock.pending).toBe(0);
  });

  it('waits between half and the whole of a doubling pause', () => {
    for (const [tries, full] of [
      [0, RETRY_MIN_MS],
      [3, 8 * RETRY_MIN_MS],
      [40, RETRY_MAX_MS],
    ] as const) {
      expect(retryDelayMs(tries, () => Uint8Array.of(0, 0))).toBe(full / 2);
      expect(retryDelayMs(tries, () => Uint8Array.of(255, 255))).toBeLessThan(full);
    }
  });
});

describe('the line to the province', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  const served = async (status: number, body: Bytes | string): Promise<SendResult> => {
    server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        const good = request.method === 'POST' && request.url === '/api/elections/e1/bundles';
        response.writeHead(good ? status : 404).end(body);
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return sendBundleTo(`http://127.0.0.1:${port}`, election)(bundle);
  };

  it('brings the receipt, the name of a refusal, or "unreachable" for what passes by itself', async () => {
    const receipt = receiptFor(bundle);
    expect(await served(201, receipt)).toEqual({ kind: 'answered', receipt });
    server?.close();
    expect(await served(422, JSON.stringify({ code: 'ledger_slots', at: '', wanted: '' }))).toEqual({
      kind: 'refused',
      code: 'ledger_slots',
    });
    server?.close();
    expect(await served(500, 'oops')).toEqual({ kind: 'unreachable' });
    server?.close();
    expect(await served(400, '<html>')).toEqual({ kind: 'refused', code: 'province_refused' });
    server?.close();
    expect(await served(200, new Uint8Array(100_000))).toEqual({ kind: 'unreachable' });
    server?.close();
    expect(await sendBundleTo('http://127.0.0.1:9', election)(bundle)).toEqual({ kind: 'unreachable' });
  });
});
