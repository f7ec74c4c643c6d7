/** What the pages fetch: style, fonts and one small script, read once at start and served from memory. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const require = createRequire(import.meta.url);
const own = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'assets', name));

function load(): ReadonlyMap<string, Asset> {
  const css = 'text/css; charset=utf-8';
  return new Map<string, Asset>([
    ['tokens.css', { type: css, body: readFileSync(require.resolve('@sandoq/kit/styles/tokens.css')) }],
    ['results.css', { type: css, body: own('results.css') }],
    ['live.js', { type: 'text/javascript; charset=utf-8', body: own('live.js') }],
    [
      'vazirmatn.woff2',
      {
        type: 'font/woff2',
        body: readFileSync(require.resolve('vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2')),
      },
    ],
    ['emblem.svg', { type: 'image/svg+xml', body: own('emblem.svg') }],
  ]);
}

/** Changes with any asset, so that pages may tell browsers to keep them for long. */
const versionOf = (assets: ReadonlyMap<string, Asset>): string => {
  const hash = createHash('sha256');
  for (const { body } of assets.values()) hash.update(body);
  return hash.digest('hex').slice(0, 12);
};

const ASSETS = load();
const VERSION = versionOf(ASSETS);

export const assetPath = (name: string): string => `/assets/${name}?v=${VERSION}`;

export function assetRoutes(app: FastifyInstance): void {
  for (const [name, { type, body }] of ASSETS)
    app.get(`/assets/${name}`, (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=31536000, immutable').send(body),
    );
}
