/** The loopback shell against whoever is not its window: wrong names, wrong pages, used tokens, other roles. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readKioskConfig } from '../src/shells/kiosk-config.ts';
import { type Kiosk, SOCKETS_OF_WINDOW_MAX, startKiosk } from '../src/shells/kiosk-server.ts';
import { createLaunchDesk, LAUNCH_TOKENS_MAX } from '../src/shells/launch.ts';
import { WINDOW_MESSAGE_BYTES_MAX } from '../src/shells/window-protocol.ts';
import { ADMISSION, BALLOT, OFFICER, VOTER } from './screens/sample.ts';
import { type ScriptedStation, scriptStation } from './screens/scripted-station.ts';
import { hearing, type WindowLine, windowSuite } from './screens/window-suite.ts';

const SECRET = 'the-launchers-own-secret-as-long-as-it-must-be';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

let station: ScriptedStation;
let kiosk: Kiosk;
let screens: string;

const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: kiosk.port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part) => {
        body += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject).end();
  });

const pathOf = (address: string): string => {
  const url = new URL(address);
  return `${url.pathname}${url.search}`;
};

/** Opens a window as a browser does and keeps its cookie. */
async function launch(window: string): Promise<string> {
  const answer = await ask(pathOf(kiosk.launchAddress(window)));
  expect(answer.status).toBe(303);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

interface Line extends WindowLine {
  readonly socket: WebSocket;
}

function dial(window: string, headers: Readonly<Record<string, string>>): Promise<Line> {
  const socket = new WebSocket(`ws://127.0.0.1:${kiosk.port}/window/${window}/socket`, { headers });
  const { heard, until, take } = hearing();
  socket.on('message', (data) => take(JSON.parse(String(data))));
  const line: Line = {
    socket,
    heard,
    until,
    call(id, name, input) {
      socket.send(JSON.stringify({ id, call: name, input }));
      return until((message) => message.id === id);
    },
    close: () => socket.close(),
  };
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(line));
    socket.on('error', reject);
  });
}

const origin = (): string => `http://127.0.0.1:${kiosk.port}`;
const dialAs = async (window: string): Promise<Line> =>
  dial(window, { cookie: await launch(window), origin: origin() });

beforeAll(async () => {
  station = await scriptStation({ officer: OFFICER, voter: VOTER, admission: ADMISSION });
  station.on('ballot.read', () => BALLOT);
  screens = mkdtempSync(join(tmpdir(), 'sandoq-kiosk-'));
  writeFileSync(join(screens, 'index.html'), '<!doctype html><title>screens</title>');
  writeFileSync(join(screens, '..', 'sandoq-kiosk-outside.txt'), 'outside');
  kiosk = await startKiosk({
    config: {
      host: '127.0.0.1',
      port: 0,
      launch_token: SECRET,
      windows: [
        { role: 'executive', locale: 'fa' },
        { role: 'voter', locale: 'fa' },
        { role: 'voter', locale: 'en' },
        { role: 'inspector', locale: 'fa' },
      ],
      voting: station.addresses.voting,
      admission: station.addresses.admission,
      panel: { px_per_mm: 4 },
    },
    screens,
    onFailure: (where, cause) => {
      throw new Error(`${where}: ${String(cause)}`);
    },
  });
});

afterAll(async () => {
  await kiosk.close();
  await station.close();
  rmSync(screens, { recursive: true, force: true });
  rmSync(join(tmpdir(), 'sandoq-kiosk-outside.txt'), { force: true });
});

describe('the launch', () => {
  test('an address opens its window once, with a cookie that scripts and other sites cannot use', async () => {
    const address = pathOf(kiosk.launchAddress('executive'));
    const first = await ask(address);
    expect(first.status).toBe(303);
    expect(first.headers.location).toBe('/window/executive/');
    const cookie = String(first.headers['set-cookie']);
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/window/executive/'])
      expect(cookie).toContain(part);
    expect((await ask(address)).status).toBe(403);
  });

  test('without a token, or with one that was never given, nothing opens', async () => {
    expect((await ask('/launch')).status).toBe(403);
    expect((await ask('/launch?t=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')).status).toBe(403);
  });

  test('the launcher alone orders another address', async () => {
    expect((await ask('/launcher/voter', {}, 'POST')).status).toBe(403);
    expect((await ask('/launcher/voter', { authorization: 'Bearer guess' }, 'POST')).status).toBe(403);
    const authorization = `Bearer ${SECRET}`;
    const given = await ask('/launcher/voter', { authorization }, 'POST');
    expect(given.status).toBe(200);
    expect((await ask(pathOf(given.body))).status).toBe(303);
    expect((await ask('/launcher/nobody', { authorization }, 'POST')).status).toBe(404);
  });

  test('unused tokens are bounded: the oldest is forgotten', () => {
    let next = 0;
    const desk = createLaunchDesk({
      secret: SECRET,
      randomToken: () => `token-number-${next++}-long-enough`,
    });
    const tokens = Array.from({ length: LAUNCH_TOKENS_MAX + 1 }, () => desk.issue('voter'));
    expect(desk.redeem(tokens[0] ?? '')).toBeUndefined();
    expect(desk.redeem(tokens[1] ?? '')).toBe('voter');
    expect(desk.redeem(tokens.at(-1) ?? '')).toBe('voter');
  });
});

describe('the pages', () => {
  test('are served to their window only, under a policy without anything inline or from elsewhere', async () => {
    const cookie = await launch('executive');
    const page = await ask('/window/executive/', { cookie });
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|data:|\*/);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect((await ask('/window/executive/')).status).toBe(403);
    expect((await ask('/window/voter/', { cookie })).status).toBe(403);
    expect((await ask('/window/voter-2/', { cookie: await launch('voter') })).status).toBe(403);
  });

  test('a cookie with one character changed opens nothing', async () => {
    const cookie = await launch('voter');
    const middle = cookie.length - 20;
    const other = `${cookie.slice(0, middle)}${cookie[middle] === 'x' ? 'y' : 'x'}${cookie.slice(middle + 1)}`;
    expect((await ask('/window/voter/', { cookie: other })).status).toBe(403);
  });

  test('another name for the host is refused: no page from elsewhere gets in by renaming itself', async () => {
    const cookie = await launch('executive');
    for (const host of ['evil.example', `localhost:${kiosk.port}`, `127.0.0.1:${kiosk.port + 1}`]) {
      expect((await ask('/window/executive/', { cookie, host })).status).toBe(421);
      expect((await ask(pathOf(kiosk.launchAddress('voter')), { host })).status).toBe(421);
    }
  });

  test('nothing outside the folder of the screens is read', async () => {
    const cookie = await launch('executive');
    for (const path of [
      '../sandoq-kiosk-outside.txt',
      '..%2fsandoq-kiosk-outside.txt',
      '%2e%2e/sandoq-kiosk-outside.txt',
      '/etc/passwd',
    ]) {
      const answer = await ask(`/window/executive/${path}`, { cookie });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.body).not.toContain('outside');
    }
  });

  test('only reading is offered', async () => {
    const cookie = await launch('executive');
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await ask('/window/executive/', { cookie }, method)).status).toBe(405);
    }
  });
});

describe('the socket of a window', () => {
  const refused = async (window: string, headers: Readonly<Record<string, string>>): Promise<void> => {
    await expect(dial(window, headers)).rejects.toThrow(/403/);
  };

  test('needs the cookie, the origin and the host of the window', async () => {
    const cookie = await launch('executive');
    await refused('executive', { origin: origin() });
    await refused('executive', { cookie });
    await refused('executive', { cookie, origin: 'http://evil.example' });
    await refused('executive', { cookie, origin: 'null' });
    await refused('executive', { cookie, origin: origin(), host: `localhost:${kiosk.port}` });
    await refused('voter', { cookie, origin: origin() });
    const line = await dial('executive', { cookie, origin: origin() });
    line.socket.close();
  });

  test('what is no message, or too long, ends the line; the shell lives on', async () => {
    const closed = async (send: (line: Line) => void): Promise<number> => {
      const line = await dialAs('executive');
      const code = new Promise<number>((resolve) => line.socket.on('close', resolve));
      line.socket.on('error', () => undefined);
      send(line);
      return code;
    };
    expect(await closed(({ socket }) => socket.send('{'))).toBe(1007);
    expect(await closed(({ socket }) => socket.send('{"id":-1,"call":"person.read"}'))).toBe(1007);
    expect(await closed(({ socket }) => socket.send(Buffer.from([1, 2, 3])))).toBe(1007);
    expect(await closed(({ socket }) => socket.send('x'.repeat(WINDOW_MESSAGE_BYTES_MAX + 1)))).toBe(1009);
    const line = await dialAs('executive');
    await line.until(({ event, core }) => event === 'view' && core === 'voting');
    expect(await line.call(1, 'ballot.read', {})).toMatchObject({ ok: true });
    line.socket.close();
  });

  test('a window has two sockets at most: the oldest gives way', async () => {
    const cookie = await launch('executive');
    const lines: Line[] = [];
    for (let each = 0; each <= SOCKETS_OF_WINDOW_MAX; each++) {
      lines.push(await dial('executive', { cookie, origin: origin() }));
    }
    await new Promise<void>((resolve) => {
      const oldest = lines[0]?.socket;
      if (oldest === undefined || oldest.readyState === WebSocket.CLOSED) return resolve();
      oldest.on('close', () => resolve());
    });
    expect(lines[1]?.socket.readyState).toBe(WebSocket.OPEN);
    for (const { socket } of lines) socket.close();
  });
});

windowSuite('the loopback socket', { station: () => station, open: dialAs });

test('a peer that resets in the middle of an upgrade does not end the shell', async () => {
  for (const headers of ['', `Origin: http://evil.example\r\n`]) {
    await new Promise<void>((resolve) => {
      const peer = connect(kiosk.port, '127.0.0.1', () => {
        peer.write(
          `GET /window/voter/socket HTTP/1.1\r\nHost: 127.0.0.1:${kiosk.port}\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        );
        peer.resetAndDestroy();
        peer.on('close', () => resolve());
      });
      peer.on('error', () => undefined);
    });
  }
  expect((await ask('/window/voter/', { cookie: await launch('voter') })).status).toBe(200);
});

describe('the configuration', () => {
  const whole = {
    host: '127.0.0.1',
    port: 7200,
    launch_token: 'x'.repeat(40),
    windows: [{ role: 'voter', locale: 'fa' }],
    voting: { socket: '/run/voting', token: 't' },
    admission: { socket: '/run/admission', token: 't' },
    panel: { px_per_mm: 4 },
  };
  const read = (content: string) => {
    const file = join(screens, 'config.json');
    writeFileSync(file, content);
    return readKioskConfig(file);
  };

  test('is read whole or refused with what is wrong', () => {
    expect(read(JSON.stringify(whole))).toMatchObject({ ok: true });
    const wrong: readonly (readonly [unknown, string])[] = [
      [{ ...whole, host: '0.0.0.0' }, 'host'],
      [{ ...whole, launch_token: 'short' }, 'launch_token'],
      [{ ...whole, windows: [{ role: 'chief', locale: 'fa' }] }, 'role'],
      [{ ...whole, windows: [] }, 'windows'],
      [{ ...whole, extra: 1 }, 'extra'],
      [{ ...whole, panel: {} }, 'px_per_mm'],
    ];
    for (const [config, name] of wrong) {
      const result = read(JSON.stringify(config));
      expect(result.ok ? '' : result.why).toContain(name);
    }
    expect(read('{').ok).toBe(false);
    expect(readKioskConfig(join(screens, 'absent.json')).ok).toBe(false);
  });
});
