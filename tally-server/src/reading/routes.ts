/** The page that reads slips from paper, and its script and decoder: behind sign-in, like every officials' page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Locale } from '@sandoq/protocol/persian';
import { build } from 'esbuild';
import type { FastifyInstance } from 'fastify';
import { type ContextOf, sendPage, type WithElection } from '../results/election-pages.ts';
import { wordsIn } from '../results/words.ts';
import type { TextKey } from '../texts.ts';
import { html } from '../web/html.ts';
import { otherLanguage, page } from '../web/page.ts';

const TEXTS = [
  'again',
  'camera',
  'camera_name',
  'camera_stop',
  'differing',
  'foreign',
  'forget',
  'missing',
  'no_camera',
  'no_code',
  'no_picture',
  'open',
  'read',
  'refused',
  'repeated',
  'sending',
  'slip',
  'spoiled',
  'taken',
  'too_many',
  'too_many_files',
  'unreachable',
] as const;

/** What the page's script is told by its server. */
export interface ReadingData {
  readonly locale: Locale;
  readonly utcOffsetMinutes: number;
  readonly bundlesPath: string;
  readonly slipsPath: string;
  readonly assetsPath: string;
  readonly texts: Readonly<Record<(typeof TEXTS)[number], string>>;
}

const ASSETS_PATH = '/officials/reading-assets';
/** As on every page, and the decoder's WebAssembly and the camera's picture besides. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join(';');

async function bundleScript(): Promise<Buffer> {
  const built = await build({
    entryPoints: [join(import.meta.dirname, 'page/reading.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    minify: true,
    logLevel: 'silent',
  });
  const [file] = built.outputFiles;
  if (file === undefined) throw new Error('the reading page was not built');
  return Buffer.from(file.contents);
}

export interface ReadingRoutes {
  readonly withElection: WithElection;
  readonly contextOf: ContextOf;
}

export function readingRoutes(app: FastifyInstance, { withElection, contextOf }: ReadingRoutes): void {
  // Built when it is first asked for: most of a server's days nobody reads paper.
  let script: Promise<Buffer> | undefined;
  let decoder: Buffer | undefined;

  app.get(`${ASSETS_PATH}/reading.js`, async (_request, reply) => {
    script ??= bundleScript();
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(await script);
  });
  app.get(`${ASSETS_PATH}/zxing_reader.wasm`, (_request, reply) => {
    decoder ??= readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
    return reply.type('application/wasm').header('cache-control', 'no-cache').send(decoder);
  });

  app.get('/officials/:election/reading', (request, reply) =>
    withElection(request, reply, (provisioning) => {
      const { election, package: signed } = provisioning;
      const { locale, path } = contextOf(request, provisioning);
      const { utcOffsetMinutes } = signed.settings;
      const words = wordsIn(locale, utcOffsetMinutes);
      const root = `/officials/${election}`;
      const data: ReadingData = {
        locale,
        utcOffsetMinutes,
        bundlesPath: `/api/elections/${election}/bundles`,
        slipsPath: `${root}/slips`,
        assetsPath: ASSETS_PATH,
        texts: Object.fromEntries(
          TEXTS.map((key) => [key, words.say(`reading.${key}` as TextKey)]),
        ) as ReadingData['texts'],
      };
      const body = html`<nav class="crumbs"><a href="${words.link(root)}">${words.name(signed.title)}</a> ‹ ${words.say('reading.title')}</nav>
<div class="head"><h1>${words.say('reading.title')}</h1><p class="quiet">${words.say('reading.note')}</p></div>
<div class="reading" data-reading="${JSON.stringify(data)}">
<section class="panel drop" id="drop"><h2>${words.say('reading.pictures')}</h2><p class="quiet">${words.say('reading.pictures_note')}</p>
<p><label class="file">${words.say('reading.choose')} <input id="files" type="file" accept="image/*" multiple></label> <button type="button" id="camera">${words.say('reading.camera')}</button></p>
<p id="camera-none" class="quiet" hidden>${words.say('reading.camera_none')}</p>
<video id="video" hidden muted playsinline aria-label="${words.say('reading.camera_name')}"></video></section>
<section class="panel"><h2>${words.say('reading.slips')}</h2><p id="none" class="quiet">${words.say('reading.none')}</p><ul id="slips" aria-live="polite"></ul></section>
<section class="panel"><h2>${words.say('reading.log')}</h2><ul id="pictures" aria-live="polite"></ul></section>
</div>
<script type="module" src="${ASSETS_PATH}/reading.js"></script>`;
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
      return sendPage(
        reply,
        page(
          {
            locale,
            title: words.say('reading.title'),
            otherLanguageHref: otherLanguage(locale, path),
            homeHref: words.link(root),
            rehearsal: signed.demonstration,
          },
          body,
        ),
      );
    }),
  );
}
