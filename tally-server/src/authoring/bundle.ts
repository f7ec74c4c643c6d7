/** The authoring page, bundled in memory when the process starts, as it stands in the sources. */
import { basename, join } from 'node:path';
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

const PAGE = `<!doctype html>
<html lang="fa" dir="rtl" translate="no" data-theme="light">
<head><meta charset="utf-8"><meta name="google" content="notranslate"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>ساخت بستهٔ انتخابات</title><link rel="stylesheet" href="/main.css"><link rel="icon" href="data:,"></head>
<body><div id="root"></div><script type="module" src="/main.js"></script></body>
</html>
`;

/** @returns path → file */
export async function bundlePage(): Promise<ReadonlyMap<string, PageFile>> {
  const built = await build({
    entryPoints: [join(import.meta.dirname, 'page/main.tsx')],
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
    ['/', { type: 'text/html; charset=utf-8', bytes: new TextEncoder().encode(PAGE) }],
  ]);
  for (const file of built.outputFiles) {
    const name = basename(file.path);
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    files.set(`/${name}`, { type, bytes: file.contents });
  }
  return files;
}
