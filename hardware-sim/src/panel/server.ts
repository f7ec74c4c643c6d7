/** Serves the panel: a few files and one WebSocket, to the machine's own browser only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { bundlePage, type PageFile } from '@sandoq/kit/bundle';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import fa from '../../locales/fa.json' with { type: 'json' };
import type { Bench } from '../bench/bench.ts';
import { BenchRefusal } from '../bench/refusal.ts';
import { deedSchema } from '../control/deeds.ts';
import { openPeopleList, type PeopleList } from './people-list.ts';
import type { ToPage } from './protocol.ts';

export const PAGE_MESSAGE_BYTES_MAX = 64 * 1024;
/** A page this far behind is not looking: it is dropped and connects again. */
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const fromPageSchema = z.union([
  z.strictObject({ id: z.int().min(0), deed: deedSchema }),
  z.strictObject({
    id: z.int().min(0),
    people: z.strictObject({ station: z.string(), search: z.string().max(80), from: z.int().min(0) }),
  }),
  z.strictObject({ id: z.int().min(0), show: z.string().max(40) }),
]);

export interface Panel {
  readonly url: string;
  close(): Promise<void>;
}

/** Another site's page in the same browser must not reach the bench: neither by its own origin nor by a name of ours. */
function isOwn(request: IncomingMessage, hosts: ReadonlySet<string>): boolean {
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.has(host)) return false;
  return origin === undefined || origin === `http://${host}`;
}

function answerFile(
  files: ReadonlyMap<string, PageFile>,
  hosts: ReadonlySet<string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // A request's target need not be a URL (`//` is none): the path is what stands before the query, and no more.
  const file = files.get((request.url ?? '/').split('?', 1)[0] as string);
  if (!isOwn(request, hosts)) response.writeHead(403).end();
  else if (request.method !== 'GET') response.writeHead(405).end();
  else if (file === undefined) response.writeHead(404).end();
  else
    response
      .writeHead(200, {
        'content-type': file.type,
        'content-security-policy': POLICY,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      .end(file.bytes);
}

class PageConnection {
  readonly #bench: Bench;
  readonly #socket: WebSocket;
  readonly #people: Map<string, PeopleList>;
  #stop: (() => void) | undefined;

  constructor(bench: Bench, socket: WebSocket, people: Map<string, PeopleList>) {
    this.#bench = bench;
    this.#socket = socket;
    this.#people = people;
    socket.on('message', (data) => void this.#take(String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#stop?.());
    this.tellStations();
  }

  tellStations(): void {
    this.#send({ event: 'stations', stations: this.#bench.stations().map((one) => one.config.station_id) });
  }

  #send(message: ToPage): void {
    if (this.#socket.bufferedAmount > UNSENT_BYTES_MAX) this.#socket.terminate();
    else this.#socket.send(JSON.stringify(message));
  }

  async #take(text: string): Promise<void> {
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      this.#socket.close(1007);
      return;
    }
    const message = fromPageSchema.safeParse(raw);
    if (!message.success) {
      const id = z.looseObject({ id: z.int() }).safeParse(raw);
      this.#send({ id: id.success ? id.data.id : 0, ok: false, code: 'bad_request' });
      return;
    }
    const { id } = message.data;
    try {
      this.#send({ id, ok: true, value: (await this.#do(message.data)) ?? null });
    } catch (cause) {
      this.#send({ id, ok: false, code: cause instanceof BenchRefusal ? cause.code : 'failed' });
    }
  }

  #do(message: z.output<typeof fromPageSchema>): unknown {
    if ('deed' in message) return this.#bench.perform(message.deed);
    const station = this.#bench.station('show' in message ? message.show : message.people.station);
    if (station === undefined) throw new BenchRefusal('station_unknown');
    if ('people' in message) {
      const path = station.config.people_file;
      const list = this.#people.get(station.config.station_id) ?? openPeopleList(path);
      this.#people.set(station.config.station_id, list);
      return list.page(message.people.search, message.people.from);
    }
    this.#stop?.();
    const tell = (): void => this.#send({ event: 'state', state: station.state(true) });
    this.#stop = station.watch(tell);
    tell();
    return null;
  }
}

export async function servePanel(
  bench: Bench,
  at: { readonly host: string; readonly port: number },
): Promise<Panel> {
  const files = await bundlePage({ entry: join(import.meta.dirname, 'page/main.tsx'), title: fa.title });
  const hosts = new Set<string>();
  const server = createServer((request, response) => answerFile(files, hosts, request, response));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: PAGE_MESSAGE_BYTES_MAX });
  const people = new Map<string, PeopleList>();
  const pages = new Set<PageConnection>();
  server.on('upgrade', (request, socket, head) => {
    if (!isOwn(request, hosts) || request.headers.origin === undefined || request.url !== '/socket') {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (page) => {
      const connection = new PageConnection(bench, page, people);
      pages.add(connection);
      page.on('close', () => pages.delete(connection));
    });
  });
  bench.onStations(() => {
    people.clear();
    for (const page of pages) page.tellStations();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  for (const name of [at.host, '127.0.0.1', 'localhost']) hosts.add(`${name}:${port}`);
  return {
    url: `http://${at.host}:${port}/`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
