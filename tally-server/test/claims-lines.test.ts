/** A kept line at the province: the same answers as over POST, and nobody on it can do more than a station may. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import {
  admissionSubject,
  CLAIM_ANSWER_BYTES_MAX,
  CLAIM_REQUEST_BYTES_MAX,
  claimKeyCheck,
  failure,
  parseTyped,
  personDigest,
  type Result,
  records,
  signTyped,
  success,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  type ClaimsLines,
  claimsLines,
  type LinesOptions,
  UNPROVED_LINES_PER_ADDRESS_MAX,
} from '../src/claims/lines.ts';
import type { Refusal } from '../src/web/refusal.ts';
import { secretOf, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const ROUND_KEY = secretOf('round key');

class Heard {
  readonly socket: WebSocket;
  readonly messages: { readonly data: Buffer; readonly isBinary: boolean }[] = [];
  #wake = (): void => undefined;
  readonly ended: Promise<number>;

  constructor(url: string, options = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.ended = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.messages.push({ data, isBinary });
      this.#wake();
    });
  }

  async opened(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  async next(): Promise<{ readonly data: Buffer; readonly isBinary: boolean }> {
    while (this.messages.length === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.messages.shift() as { data: Buffer; isBinary: boolean };
  }

  async refusal(): Promise<{ readonly status: number; readonly code: string; readonly message_fa: string }> {
    const { data, isBinary } = await this.next();
    expect(isBinary).toBe(false);
    return JSON.parse(data.toString('utf8'));
  }
}

describe('at the real server', () => {
  let running: RunningProvince;
  beforeEach(async () => {
    running = new RunningProvince(['s1', 's2'].map((id) => stationNamed(id)));
    await running.start();
  });
  afterEach(() => running.remove());

  const path = (election = running.election): string => `/api/elections/${election}/claims/line`;
  const lineUrl = (election?: string): string => running.address.replace('http', 'ws') + path(election);

  function request(
    station: string,
    number: number,
    signer = station,
    { roundKey = ROUND_KEY, secret = secretOf(admissionSubject(signer)) } = {},
  ): Uint8Array {
    return signTyped(
      nodeCrypto,
      secret,
      {
        type: 'claim-request',
        election: running.province.provisioning.election,
        signer: admissionSubject(signer),
      },
      records.claimRequestShape,
      {
        stationId: station,
        mode: 'rehearsal',
        keyCheck: claimKeyCheck(nodeCrypto, roundKey, running.election),
        challenge: nodeRandomness(16),
        journal: secretOf('journal').slice(0, 8),
        claims: [
          {
            person: personDigest(nodeCrypto, ROUND_KEY, running.election, String(number).padStart(10, '0')),
            turn: 1,
            step: 'claim',
            bucket: 0,
          },
        ],
      },
    );
  }
  const verdictIn = (bytes: Uint8Array): string | undefined => {
    const answer = parseTyped(bytes, 'claim-answer', records.claimAnswerShape);
    return answer.ok ? answer.value.value.verdicts[0]?.verdict : answer.fault.code;
  };

  it('answers one after another what POST would have answered, and a refusal does not end it', async () => {
    const line = await new Heard(lineUrl()).opened();
    line.socket.send(request('s1', 1));
    const first = await line.next();
    expect(first.isBinary).toBe(true);
    expect(verdictIn(new Uint8Array(first.data))).toBe('granted');
    const posted = await running.send(request('s2', 1), undefined, 'claims');
    expect(verdictIn(posted.bytes)).toBe('elsewhere');
    const ofAnotherRound = request('s1', 2, 's1', { roundKey: secretOf('another round key') });
    line.socket.send(ofAnotherRound);
    const overPost = await running.refusal(ofAnotherRound, undefined, 'claims');
    expect(overPost.body).toMatchObject({ code: 'round_key_differs' });
    expect(await line.refusal()).toEqual({ status: 409, ...overPost.body });
    line.socket.send(request('s1', 2));
    expect(verdictIn(new Uint8Array((await line.next()).data))).toBe('granted');
    await running.stop();
    // The server stops without waiting for its lines, and starts again with what they told it.
    expect(await line.ended).toBe(1006);
    await running.start();
    expect(verdictIn((await running.send(request('s2', 2), undefined, 'claims')).bytes)).toBe('elsewhere');
  });

  it('answers by name what is no request, and cuts the line', async () => {
    for (const [message, wanted] of [
      [Uint8Array.of(1, 2, 3), '400 claim_malformed'],
      [new Uint8Array(0), '400 claim_malformed'],
      [new Uint8Array(CLAIM_REQUEST_BYTES_MAX), '400 claim_malformed'],
      ['a text', '415 unsupported_media_type'],
    ] as const) {
      const line = await new Heard(lineUrl()).opened();
      line.socket.send(message);
      const { status, code, message_fa } = await line.refusal();
      expect(`${status} ${code}`).toBe(wanted);
      expect(message_fa).not.toBe('');
      expect([1003, 1008]).toContain(await line.ended);
    }
    const long = await new Heard(lineUrl()).opened();
    long.socket.send(new Uint8Array(CLAIM_REQUEST_BYTES_MAX + 1));
    expect(await long.ended).toBe(1009);
    expect(long.messages).toEqual([]);
    // Not even frames.
    const bare = connect(Number(new URL(running.address).port), '127.0.0.1');
    bare.on('error', () => undefined);
    bare.write(
      `GET ${path()} HTTP/1.1\r\nHost: p\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
    );
    const [head] = (await once(bare, 'data')) as [Buffer];
    expect(head.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
    bare.resume().write(Buffer.from('\xff\xffno frame at all', 'latin1'));
    await once(bare, 'close');
    expect(verdictIn((await running.send(request('s1', 9), undefined, 'claims')).bytes)).toBe('granted');
  });

  it('answers by name who has no station’s key, and cuts the line, even one that had proved itself', async () => {
    for (const [message, status] of [
      [request('s1', 1, 's1', { secret: secretOf('a stranger') }), 403],
      [request('s1', 1, 's2'), 403],
      [request('s9', 1), 404],
    ] as const) {
      const line = await new Heard(lineUrl()).opened();
      line.socket.send(request('s1', 9));
      expect((await line.next()).isBinary).toBe(true);
      line.socket.send(message);
      const overPost = await running.refusal(message, undefined, 'claims');
      expect(await line.refusal()).toEqual({ status, ...overPost.body });
      expect(await line.ended).toBe(1008);
    }
    expect(verdictIn((await running.send(request('s2', 1), undefined, 'claims')).bytes)).toBe('granted');
  });

  it('gives no line to a page, for an unknown election, or in another protocol: they are answered as ever', async () => {
    const answerTo = async (line: string, headers: string): Promise<string> => {
      const socket = connect(Number(new URL(running.address).port), '127.0.0.1');
      socket.write(`${line} HTTP/1.1\r\nHost: p\r\nConnection: Upgrade, close\r\n${headers}\r\n`);
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return `${text.slice(9, 12)} ${/"code":"([a-z_]+)"/.exec(text)?.[1] ?? ''}`.trim();
    };
    const wanted = `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n`;
    expect(await answerTo(`GET ${path()}`, `${wanted}Origin: http://p\r\n`)).toBe('426 bad_request');
    expect(await answerTo(`GET ${path('another')}`, wanted)).toBe('426 bad_request');
    expect(await answerTo(`GET ${path()}`, '')).toBe('426 bad_request');
    expect(await answerTo(`POST ${path()}`, wanted)).toBe('404 not_found');
    expect(await answerTo('GET /healthz', wanted)).toBe('200');
    expect(await answerTo('GET /healthz', 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n')).toBe('200');
    expect(await answerTo(`GET ${path()}`, 'Upgrade: websocket\r\n')).toBe('400');
  });
});

describe('its bounds', () => {
  let server: Server;
  let lines: ClaimsLines;
  let url = '';
  const failures: unknown[] = [];
  let receive: (bytes: Uint8Array) => Promise<Result<Uint8Array, Refusal>>;

  async function serve(bounds: Partial<LinesOptions>): Promise<void> {
    lines = claimsLines({
      claims: { receive: (_election, bytes) => receive(bytes) },
      provisioning: () => ({}) as never,
      onFailure: (cause) => failures.push(cause),
      ...bounds,
    });
    server = createServer({ shouldUpgradeCallback: lines.mayOpen }, (_request, response) =>
      response.writeHead(426).end(),
    );
    server.on('upgrade', lines.open);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/elections/e/claims/line`;
  }
  beforeEach(() => {
    failures.length = 0;
    receive = (bytes) => Promise.resolve(success(bytes));
  });
  afterEach(async () => {
    lines.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('so many lines and no more; one that ends makes room', async () => {
    await serve({ linesMax: 2 });
    const first = await new Heard(url).opened();
    await new Heard(url).opened();
    const [, refused] = (await once(new Heard(url).socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number; resume(): void },
    ];
    refused.resume();
    expect(refused.statusCode).toBe(426);
    first.socket.terminate();
    await expect.poll(() => new Heard(url).opened().then(() => true)).toBe(true);
  });

  it('a line on which nothing is asked is cut, and one that asks is not', async () => {
    await serve({ idleMs: 300 });
    const silent = await new Heard(url).opened();
    const busy = await new Heard(url).opened();
    const asking = setInterval(() => busy.socket.send(Uint8Array.of(7)), 20);
    expect(await silent.ended).toBe(1006);
    clearInterval(asking);
    expect(busy.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('what is not accepted keeps no line: one on which every request is refused is cut as if nothing was asked', async () => {
    await serve({ idleMs: 300 });
    receive = () => Promise.resolve(failure({ status: 409, code: 'round_key_differs' }));
    const refused = await new Heard(url).opened();
    const asking = setInterval(() => refused.socket.send(Uint8Array.of(7)), 50);
    expect(await refused.ended).toBe(1006);
    clearInterval(asking);
    expect(await refused.refusal()).toMatchObject({ status: 409 });
  });

  it('so many lines of one address that have proved nothing, and no more; one that proves itself makes room', async () => {
    await serve({});
    const opened: Heard[] = [];
    for (let i = 0; i < UNPROVED_LINES_PER_ADDRESS_MAX; i++) opened.push(await new Heard(url).opened());
    const statusOfNext = async (): Promise<number> => {
      const { socket } = new Heard(url);
      return Promise.race([
        once(socket, 'open').then(() => 101),
        once(socket, 'unexpected-response').then(([, response]) => response.resume().statusCode),
      ]);
    };
    expect(await statusOfNext()).toBe(426);
    const [station] = opened as [Heard];
    for (let i = 0; i < 2; i++) {
      station.socket.send(Uint8Array.of(1));
      expect((await station.next()).isBinary).toBe(true);
    }
    expect(await statusOfNext()).toBe(101);
    expect(await statusOfNext()).toBe(426);
    // Its end gives back no place that it no longer takes.
    station.socket.terminate();
    await station.ended;
    expect(await statusOfNext()).toBe(426);
    opened[1]?.socket.terminate();
    await expect.poll(statusOfNext).toBe(101);
    expect(await statusOfNext()).toBe(426);
  });

  it('who does not wait for the answer is refused and cut, and its claim is still taken only once', async () => {
    await serve({});
    let taken = 0;
    let give = (): void => undefined;
    receive = (bytes) =>
      new Promise((resolve) => {
        taken++;
        give = () => resolve(success(bytes));
      });
    const line = await new Heard(url).opened();
    for (let i = 0; i < 50; i++) line.socket.send(Uint8Array.of(i));
    expect(await line.refusal()).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(await line.ended).toBe(1008);
    give();
    expect(taken).toBe(1);
    expect(line.messages).toEqual([]);
  });

  it('who asks and does not read is cut before its answers fill the memory', async () => {
    await serve({});
    let taken = 0;
    let wake = (_taken: boolean): void => undefined;
    receive = () => {
      taken++;
      setImmediate(wake, true);
      return Promise.resolve(success(new Uint8Array(CLAIM_ANSWER_BYTES_MAX)));
    };
    const line = await new Heard(url).opened();
    line.socket.pause();
    const asked = 200;
    for (let i = 0; i < asked; i++) {
      const isTaken = new Promise<boolean>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 500, false);
      });
      line.socket.send(Uint8Array.of(1));
      if (!(await isTaken)) break;
    }
    // What the kernel's own buffers took, and two answers beyond them; a hundred megabytes otherwise.
    expect(taken).toBeLessThan(asked / 4);
    line.socket.resume();
    expect(await line.ended).toBe(1008);
  });

  it('so many requests a minute; what is over them is told to come again on the same line', async () => {
    await serve({ requestsPerMinuteMax: 3 });
    const line = await new Heard(url).opened();
    for (let i = 0; i < 3; i++) {
      line.socket.send(Uint8Array.of(i));
      expect((await line.next()).isBinary).toBe(true);
    }
    line.socket.send(Uint8Array.of(9));
    expect(await line.refusal()).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(line.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('a store that fails is answered as our failure, and the line goes on', async () => {
    await serve({});
    const line = await new Heard(url).opened();
    const works = receive;
    receive = () => Promise.reject(new Error('the disk is gone'));
    line.socket.send(Uint8Array.of(1));
    expect(await line.refusal()).toMatchObject({ status: 500, code: 'internal' });
    expect(failures).toMatchObject([{ message: 'the disk is gone' }]);
    receive = works;
    line.socket.send(Uint8Array.of(2));
    expect((await line.next()).data).toEqual(Buffer.of(2));
  });
});
