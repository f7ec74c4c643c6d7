/** The loopback shell: serves the built screens, one WebSocket a window, bridged to the cores of its role. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { openBridge } from './bridge.ts';
import type { KioskConfig } from './kiosk-config.ts';
import { createLaunchDesk, type LaunchDesk } from './launch.ts';
import { WINDOW_MESSAGE_BYTES_MAX } from './window-protocol.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

/**
 * Nothing inline, nothing from elsewhere, nothing framed, nothing sent anywhere but the window's own socket. `blob:` is
 * what the page itself holds in memory: the candidates' pictures.
 */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), clipboard-read=(), usb=(), hid=(), serial=()',
  // Not even a picture of a screen may lie in a cache after its session.
  'cache-control': 'no-store',
} as const;

/** A window that does not read is cut off rather than buffered for ever. */
const BUFFERED_BYTES_MAX = 8 * 1024 * 1024;
/** Sockets of one window: a reload overlaps with its predecessor; more is not a window. */
export const SOCKETS_OF_WINDOW_MAX = 2;

export interface KioskWindow {
  readonly id: string;
  readonly role: KioskConfig['windows'][number]['role'];
  readonly locale: 'fa' | 'en';
  readonly admission?: KioskConfig['admission'] | undefined;
}

export interface Kiosk {
  readonly port: number;
  readonly windows: readonly KioskWindow[];
  /** A single-use address that opens the window. */
  launchAddress(window: string): string;
  close(): Promise<void>;
}

export interface KioskOptions {
  readonly config: KioskConfig;
  /** the folder of the built screens */
  readonly screens: string;
  readonly onFailure: (where: string, cause: unknown) => void;
}

const requestSchema = z.object({ id: z.int().min(0), call: z.string().max(64), input: z.unknown() }).strict();

/** executive, supervisor, voter, voter-2, … */
export function nameWindows(windows: KioskConfig['windows']): KioskWindow[] {
  const seen = new Map<string, number>();
  return windows.map(({ role, locale, admission }) => {
    const nth = (seen.get(role) ?? 0) + 1;
    seen.set(role, nth);
    const id = nth === 1 ? role : `${role}-${nth}`;
    return admission === undefined ? { id, role, locale } : { id, role, locale, admission };
  });
}

const readFileOf = async (folder: string, path: string): Promise<Buffer | undefined> => {
  const file = normalize(join(folder, path));
  if (!file.startsWith(folder + sep)) return undefined;
  try {
    return await readFile(file);
  } catch {
    return undefined;
  }
};

function splitWindowPath(pathname: string): { readonly window: string; readonly rest: string } | undefined {
  const match = /^\/window\/([a-z]+(?:-\d)?)\/(.*)$/.exec(pathname);
  return match === null ? undefined : { window: match[1] ?? '', rest: match[2] ?? '' };
}

function pathOf(request: IncomingMessage): URL | undefined {
  try {
    return new URL(request.url ?? '/', 'http://window');
  } catch {
    return undefined;
  }
}

const end = (response: ServerResponse, status: number, text = ''): void => {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(text);
};

/** What both the pages and the sockets need to know of this shell. */
interface Shell {
  readonly config: KioskConfig;
  readonly windows: readonly KioskWindow[];
  readonly desk: LaunchDesk;
  /** host and port, once it listens */
  readonly authority: () => string;
  readonly launchAddress: (window: string) => string;
  readonly onFailure: KioskOptions['onFailure'];
}

/** The launcher orders another single-use address. */
function answerLauncher(
  shell: Shell,
  wanted: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!shell.desk.isLauncher(request.headers.authorization)) end(response, 403, 'not the launcher');
  else if (!shell.windows.some(({ id }) => id === wanted)) end(response, 404, 'no such window');
  else end(response, 200, shell.launchAddress(wanted));
}

function answerLaunch({ desk }: Shell, token: string, response: ServerResponse): void {
  const window = desk.redeem(token);
  if (window === undefined) {
    end(response, 403, 'this address was used already; ask the launcher for another');
    return;
  }
  response
    .writeHead(303, { ...HEADERS, location: `/window/${window}/`, 'set-cookie': desk.cookie(window) })
    .end();
}

async function answer(
  shell: Shell,
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = pathOf(request);
  // A page from elsewhere that got hold of the port by a name of its own (DNS rebinding) stops here.
  if (request.headers.host !== shell.authority() || url === undefined)
    return end(response, 421, 'wrong host');
  const wanted = /^\/launcher\/([a-z]+(?:-\d)?)$/.exec(url.pathname)?.[1];
  if (wanted !== undefined && request.method === 'POST')
    return answerLauncher(shell, wanted, request, response);
  if (request.method !== 'GET') return end(response, 405, 'method not allowed');
  if (url.pathname === '/launch') return answerLaunch(shell, url.searchParams.get('t') ?? '', response);
  // Browsers ask for it of their own accord; a 404 would be noise in every log.
  if (url.pathname === '/favicon.ico') return end(response, 204);
  const place = splitWindowPath(url.pathname);
  if (place === undefined) return end(response, 404, 'not found');
  if (!shell.desk.holds(place.window, request.headers.cookie)) return end(response, 403, 'not this window');
  const path = place.rest === '' ? 'index.html' : place.rest;
  const body = await readFileOf(folder, path);
  if (body === undefined) return end(response, 404, 'not found');
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, { ...HEADERS, 'content-type': type }).end(body);
}

/** The sockets of all windows: who may open one, and what passes over it. */
function createWindowSockets(shell: Shell) {
  const { config, onFailure } = shell;
  const server = new WebSocketServer({ noServer: true, maxPayload: WINDOW_MESSAGE_BYTES_MAX });
  const open = new Map<string, WebSocket[]>();

  const serveWindow = (socket: WebSocket, window: KioskWindow): void => {
    const mine = [...(open.get(window.id) ?? []), socket];
    while (mine.length > SOCKETS_OF_WINDOW_MAX) mine.shift()?.terminate();
    open.set(window.id, mine);
    const send = (message: unknown): void => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) socket.terminate();
      else socket.send(JSON.stringify(message));
    };
    const bridge = openBridge({
      role: window.role,
      locale: window.locale,
      px_per_mm: config.panel.px_per_mm,
      addresses: { voting: config.voting, admission: window.admission ?? config.admission },
      guide: config.guide,
      send,
      onFailure,
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      bridge.close();
      open.set(
        window.id,
        (open.get(window.id) ?? []).filter((other) => other !== socket),
      );
    });
    socket.on('message', (data, isBinary) => {
      const request = isBinary ? undefined : readRequest(String(data));
      if (request === undefined) return socket.close(1007);
      void bridge.call(request.call, request.input).then((reply) => send({ id: request.id, ...reply }));
    });
  };

  const windowOf = (request: IncomingMessage): KioskWindow | undefined => {
    const place = splitWindowPath(pathOf(request)?.pathname ?? '');
    const window = shell.windows.find(({ id }) => id === place?.window);
    const isAllowed =
      request.headers.host === shell.authority() &&
      request.headers.origin === `http://${shell.authority()}` &&
      place?.rest === 'socket' &&
      window !== undefined &&
      shell.desk.holds(window.id, request.headers.cookie);
    return isAllowed ? window : undefined;
  };

  return {
    upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
      // From here on nobody else listens: a peer that resets must not end the process.
      stream.on('error', () => stream.destroy());
      const window = windowOf(request);
      if (window === undefined)
        stream.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      else server.handleUpgrade(request, stream, head, (socket) => serveWindow(socket, window));
    },
    close(): void {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

export async function startKiosk({ config, screens, onFailure }: KioskOptions): Promise<Kiosk> {
  const folder = normalize(screens).replace(/[/\\]$/, '');
  const windows = nameWindows(config.windows);
  const desk = createLaunchDesk({
    secret: config.launch_token,
    randomToken: () => randomBytes(24).toString('base64url'),
  });
  let authority = '';
  const launchAddress = (window: string): string => `http://${authority}/launch?t=${desk.issue(window)}`;
  const shell: Shell = { config, windows, desk, authority: () => authority, launchAddress, onFailure };
  const server = createServer((request, response) => {
    answer(shell, folder, request, response).catch((cause: unknown) => {
      onFailure('http', cause);
      response.destroy();
    });
  });
  const sockets = createWindowSockets(shell);
  server.on('upgrade', sockets.upgrade);
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(config.port, config.host, resolve),
  );
  const { port } = server.address() as AddressInfo;
  authority = `${config.host === '::1' ? '[::1]' : config.host}:${port}`;
  return {
    port,
    windows,
    launchAddress,
    async close() {
      sockets.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function readRequest(text: string): z.output<typeof requestSchema> | undefined {
  try {
    return requestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
