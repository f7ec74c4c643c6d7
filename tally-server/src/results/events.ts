/** Server-sent events: each page that is open hears of a slip the moment it is taken. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Pages open at one time; more are refused by name and still show their numbers, renewed by hand. */
export const LISTENERS_MAX = 2000;
/** Shorter than the idle time-out of proxies on the way. */
const HEARTBEAT_MS = 15_000;
/** The browser asks again after this much silence. */
const RETRY_MS = 2000;

export interface Events {
  /** @returns false where LISTENERS_MAX are open */
  follow(election: string, state: string, response: ServerResponse): boolean;
  isFollowed(election: string): boolean;
  announce(election: string, state: string): void;
  close(): void;
}

export function createEvents(app: FastifyInstance): Events {
  const listeners = new Map<ServerResponse, string>();
  const heartbeat = setInterval(() => {
    for (const response of listeners.keys()) response.write(':\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const close = (): void => {
    clearInterval(heartbeat);
    for (const response of listeners.keys()) response.end();
    listeners.clear();
  };
  app.addHook('preClose', async () => close());
  return {
    follow: (election, state, response) => {
      if (listeners.size >= LISTENERS_MAX) return false;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write(`retry: ${RETRY_MS}\nevent: totals\ndata: ${state}\n\n`);
      listeners.set(response, election);
      response.on('close', () => listeners.delete(response));
      return true;
    },
    isFollowed: (election) => [...listeners.values()].includes(election),
    announce: (election, state) => {
      for (const [response, followed] of listeners)
        if (followed === election) response.write(`event: totals\ndata: ${state}\n\n`);
    },
    close,
  };
}
