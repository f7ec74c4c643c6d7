/** A page of one program, bundled in memory when its process starts, as it stands in the sources: no build step, no files. */
import { basename } from 'node:path';
import { build } from 'esbuild';

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  woff2: 'font/woff2',
};

export interface PageSource {
  /** the page's first script; what it imports, its styles and their fonts come with it */
  readonly entry: string;
  /** in Persian, until the page's own script says it in its reader's language */
  readonly title: string;
}

const pageOf = (title: string): string => `<!doctype html>
<html lang="fa" dir="rtl" translate="no" data-theme="light">
<head><meta charset="utf-8"><meta name="google" content="notranslate"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="/main.css"><link rel="icon" href="data:,"></head>
<body><div id="root"></div><script type="module" src="/main.js"></script></body>
</html>
`;

/** @returns path → file */
export async function bundlePage({ entry, title }: PageSource): Promise<ReadonlyMap<string, PageFile>> {
  const built = await build({
    entryPoints: { main: entry },
    outdir: '/',
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.woff2': 'file' },
    assetNames: '[name]-[hash]',
    logLevel: 'silent',
  });
  const files = new Map<string, PageFile>([
    ['/', { type: 'text/html; charset=utf-8', bytes: new TextEncoder().encode(pageOf(title)) }],
  ]);
  for (const file of built.outputFiles) {
    const name = basename(file.path);
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    files.set(`/${name}`, { type, bytes: file.contents });
  }
  return files;
}
