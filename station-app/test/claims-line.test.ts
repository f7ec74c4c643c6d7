/** The way of a claim to the province: a kept line where there is one, POST where not, and never more than one answer. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { CLAIM_ANSWER_BYTES_MAX } from '@sandoq/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { CLAIM_TIMEOUT_MS } from '../src/admission/province-claims.ts';
import { type ClaimsLine, type IsClaimsAnswer, openClaimsLine } from '../src/sync/claims-line.ts';
import { POSTS_MAX } from '../src/sync/claims-post.ts';
import { REOPEN_MAX_MS, REOPEN_MIN_MS } from '../src/sync/claims-socket.ts';

const TIMEOUT_MS = 20_000;
const ask = Uint8Array.of(1, 2, 3);

let server: Server;
let line: ClaimsLine;
/** of the station's clock, for when a line is tried again */
let now = 0;
let posts = 0;
let upgrades = 0;
/** requests on a line that passes nothing on */
let swallowed = 0;
/** what a request that comes by POST, or on the line, is given */
let answerPost: (body: Buffer) => { readonly status: number; readonly body: string | Uint8Array } | undefined;
let answerLine: (socket: WebSocket, data: Buffer) => void;
let upgrade: 'taken' | 'refused' | 'swallowed';
const answered = (socket: WebSocket, data: Buffer): void =>
  socket.send(Buffer.concat([Buffer.from('line '), data]));
const sockets = new Set<Duplex>();
const lines = new Set<WebSocket>();

function serve(secure?: { readonly key: string; readonly cert: string }): Promise<string> {
  const handler: Parameters<typeof createServer>[1] = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST') posts++;
      const answer =
        request.method === 'POST' ? answerPost(Buffer.concat(chunks)) : { status: 404, body: '' };
      if (answer !== undefined) response.writeHead(answer.status).end(answer.body);
    });
  };
  server = secure === undefined ? createServer(handler) : createSecureServer(secure, handler);
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('secureConnection', (socket) => sockets.add(socket));
  server.on('upgrade', (request, socket, head) => {
    upgrades++;
    if (upgrade === 'refused')
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    else
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        expect(request.url).toBe('/p/api/elections/e/claims/line');
        lines.add(webSocket);
        webSocket.on('error', () => undefined);
        webSocket.on('close', () => lines.delete(webSocket));
        webSocket.on('message', (data: Buffer, isBinary) => {
          expect(isBinary).toBe(true);
          if (upgrade === 'swallowed') swallowed++;
          else answerLine(webSocket, data);
        });
      });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`${secure ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}/p`),
    );
  });
}

const believed = (): boolean => true;
const send = (timeoutMs = TIMEOUT_MS, isAnswer: IsClaimsAnswer = believed) =>
  line.send(ask, timeoutMs, isAnswer);
/** A line that is open and has answered. */
async function keptLine(): Promise<void> {
  await expect.poll(() => send()).toEqual(byLine);
}

beforeEach(async () => {
  now = 0;
  posts = 0;
  upgrades = 0;
  swallowed = 0;
  upgrade = 'taken';
  answerPost = (body) => ({ status: 200, body: Buffer.concat([Buffer.from('post '), body]) });
  answerLine = answered;
  line = openClaimsLine(await serve(), 'e', () => now);
});
afterEach(async () => {
  line.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  lines.clear();
  await new Promise((resolve) => server.close(resolve));
});

const byPost = { kind: 'answered', answer: new Uint8Array([...Buffer.from('post '), ...ask]) };
const byLine = { kind: 'answered', answer: new Uint8Array([...Buffer.from('line '), ...ask]) };

describe('a province that gives a line', () => {
  test('is asked by POST while it opens, and over it from then on', async () => {
    expect(await send()).toEqual(byPost);
    await keptLine();
    const before = posts;
    for (let i = 0; i < 20; i++) expect(await send()).toEqual(byLine);
    expect(posts).toBe(before);
    expect(upgrades).toBe(1);
  });

  test('has one request on it at a time: another goes by POST, and each gets its own answer', async () => {
    await keptLine();
    let give = (): void => undefined;
    answerLine = (socket, data) => {
      give = () => socket.send(data);
    };
    const waits = send();
    expect(await line.send(Uint8Array.of(9), TIMEOUT_MS, believed)).toEqual({
      kind: 'answered',
      answer: new Uint8Array([...Buffer.from('post '), 9]),
    });
    await expect.poll(() => String(give).includes('send')).toBe(true);
    give();
    expect(await waits).toEqual({ kind: 'answered', answer: ask });
  });

  test('refuses on it by name; what passes by itself is no refusal, and the line goes on', async () => {
    await keptLine();
    for (const [text, wanted] of [
      ['{"status":409,"code":"round_key_differs"}', { kind: 'refused', code: 'round_key_differs' }],
      ['{"status":429,"code":"too_many_requests"}', { kind: 'unreachable' }],
      ['{"status":500,"code":"internal"}', { kind: 'unreachable' }],
    ] as const) {
      answerLine = (socket) => socket.send(text);
      expect(await send()).toEqual(wanted);
    }
    expect(upgrades).toBe(1);
  });

  test('may end the kept line at any time: the same request goes once more, by POST, and the line is opened again', async () => {
    await keptLine();
    const before = posts;
    answerLine = (socket) => socket.terminate();
    expect(await send()).toEqual(byPost);
    expect(posts).toBe(before + 1);
    answerLine = answered;
    await expect.poll(() => upgrades).toBe(2);
    await expect.poll(() => send()).toEqual(byLine);
    // Ended while nobody asked.
    for (const socket of lines) socket.terminate();
    expect((await send()).kind).toBe('answered');
    await expect.poll(() => send()).toEqual(byLine);
    expect(upgrades).toBe(3);
  });

  test('that answers too late is cut off: its late answer is nobody’s', async () => {
    await keptLine();
    const held: (() => void)[] = [];
    answerLine = (socket, data) => held.push(() => socket.send(data));
    expect(await send(30)).toEqual({ kind: 'unreachable' });
    expect(await send()).toEqual(byPost);
    for (const give of held) give();
    answerLine = answered;
    await expect.poll(() => send()).toEqual(byLine);
  });

  test('waits no longer than its deadline where the line and the POST behind it are both dead', async () => {
    await keptLine();
    answerLine = (socket) => socket.terminate();
    answerPost = () => undefined;
    expect(await send(50)).toEqual({ kind: 'unreachable' });
  });
});

describe('what is no answer', () => {
  const nonsense: Readonly<Record<string, (socket: WebSocket) => void>> = {
    'a refusal without a name': (socket) => socket.send('{"code":"<b>"}'),
    'no JSON': (socket) => socket.send('no JSON'),
    'not the province’s word': (socket) => socket.send(Uint8Array.of(6, 6, 6)),
  };
  for (const [name, junk] of Object.entries(nonsense))
    test(`${name}: the same request goes by POST, and a line that only talks so is asked for more and more seldom`, async () => {
      answerLine = junk;
      const isAnswer: IsClaimsAnswer = (bytes) => bytes[0] !== 6;
      let linesTried = 0;
      for (let waitMs = REOPEN_MIN_MS; waitMs <= 4 * REOPEN_MIN_MS; waitMs *= 2) {
        linesTried++;
        while (upgrades < linesTried || lines.size > 0)
          expect(await send(TIMEOUT_MS, isAnswer)).toEqual(byPost);
        now += waitMs - 1;
        for (let i = 0; i < 3; i++) expect(await send(TIMEOUT_MS, isAnswer)).toEqual(byPost);
        expect(upgrades).toBe(linesTried);
        now += 1;
      }
      answerLine = answered;
      await expect.poll(() => send(TIMEOUT_MS, isAnswer)).toEqual(byLine);
    });

  const cut: Readonly<Record<string, (socket: WebSocket) => void>> = {
    'too long': (socket) => socket.send(new Uint8Array(CLAIM_ANSWER_BYTES_MAX + 1)),
    'no frame': (socket) =>
      (socket as unknown as { readonly _socket: Duplex })._socket.write(
        Buffer.from('\xff\xff junk', 'latin1'),
      ),
  };
  for (const [name, junk] of Object.entries(cut))
    test(`${name}: the line is cut, nothing of it is believed, and POST serves until it is tried again`, async () => {
      await keptLine();
      answerLine = junk;
      expect(await send()).toEqual(byPost);
      await expect.poll(() => lines.size).toBe(0);
      for (let i = 0; i < 3; i++) expect(await send()).toEqual(byPost);
      expect(upgrades).toBe(1);
      now += REOPEN_MIN_MS;
      answerLine = answered;
      await expect.poll(() => send()).toEqual(byLine);
      expect(upgrades).toBe(2);
    });

  test('unasked, before any request or behind an answer: the line is cut', async () => {
    await keptLine();
    for (const socket of lines) socket.send('{"status":409,"code":"round_key_differs"}');
    await expect.poll(() => lines.size).toBe(0);
    expect(await send()).toEqual(byPost);
    now += REOPEN_MIN_MS;
    await keptLine();
    answerLine = (socket, data) => {
      socket.send(data);
      socket.send(Uint8Array.of(6, 6, 6));
    };
    expect(await send()).toEqual({ kind: 'answered', answer: ask });
    await expect.poll(() => lines.size).toBe(0);
    expect(await send()).toEqual(byPost);
  });
});

describe('where no line is given', () => {
  test('refused by a proxy or an older server: POST serves, and it is asked for more and more seldom', async () => {
    upgrade = 'refused';
    const stepMs = 30_000;
    for (let sends = 0; sends < 240; sends++) {
      expect(await send()).toEqual(byPost);
      now += stepMs;
    }
    // Two hours: once each REOPEN_MAX_MS, and the few before the waits have grown to it.
    const wanted = (240 * stepMs) / REOPEN_MAX_MS;
    expect(upgrades).toBeGreaterThan(2);
    expect(upgrades).toBeLessThan(wanted + Math.log2(REOPEN_MAX_MS / REOPEN_MIN_MS) + 1);
  });

  test('opened and swallowed: the request that it swallowed goes by POST within its deadline, as all behind it', async () => {
    upgrade = 'swallowed';
    while (swallowed === 0) expect(await send(CLAIM_TIMEOUT_MS)).toEqual(byPost);
    await expect.poll(() => lines.size).toBe(0);
    for (let i = 0; i < 3; i++) expect(await send()).toEqual(byPost);
    expect([upgrades, swallowed]).toEqual([1, 1]);
  });

  test('and POST hangs: so many wait, and what is more is not sent', async () => {
    upgrade = 'refused';
    answerPost = () => undefined;
    const waiting = Array.from({ length: POSTS_MAX }, () => send());
    expect(await send()).toEqual({ kind: 'unreachable' });
    line.close();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ kind: 'unreachable' })));
  });
});

test('closed while an answer is awaited, it is unreachable; and nothing is sent any more', async () => {
  await keptLine();
  answerLine = () => line.close();
  expect(await send()).toEqual({ kind: 'unreachable' });
});

test('over TLS the line goes by TLS too, to a province whose certificate holds and to no other', async () => {
  line.close();
  server.close();
  const folder = mkdtempSync(join(tmpdir(), 'cl-'));
  const trusted = getCACertificates('default');
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ed25519',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
      ],
      { stdio: 'ignore' },
    );
    const address = await serve({ key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') });
    line = openClaimsLine(address, 'e', () => now);
    expect(await send()).toEqual({ kind: 'unreachable' });
    line.close();
    expect([posts, upgrades]).toEqual([0, 0]);
    setDefaultCACertificates([...trusted, readFileSync(cert, 'utf8')]);
    line = openClaimsLine(address, 'e', () => now);
    expect(await send()).toEqual(byPost);
    await expect.poll(() => send()).toEqual(byLine);
  } finally {
    setDefaultCACertificates(trusted);
    rmSync(folder, { recursive: true, force: true });
  }
});
