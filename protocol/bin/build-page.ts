/** Builds the verifier's page into one file that needs no network: `node protocol/bin/build-page.ts [FILE]`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const out = process.argv[2] ?? join(root, '..', '.build', 'verify.html');

async function bundle(entry: string, define: Readonly<Record<string, string>>): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'page', entry)],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    legalComments: 'inline',
    define: { ...define },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild gave no output');
  return file.text;
}

/** libsodium's licence asks for its notice beside every copy; its own build carries none. */
const notice = readFileSync(
  join(dirname(fileURLToPath(import.meta.resolve('libsodium'))), '..', '..', 'LICENSE'),
  'utf8',
);
const worker = `/*! libsodium.js\n${notice.trim()}\n*/\n${await bundle('worker.ts', {})}`;
const page = await bundle('page.ts', { WORKER_SOURCE: JSON.stringify(worker) });
// A script element ends at the first such tag, wherever in the program it stands.
const inline = page.replaceAll('</script', '<\\/script');
const html = readFileSync(join(root, 'page', 'page.html'), 'utf8').replace('/*PAGE*/', () => inline);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, html);
process.stdout.write(`${JSON.stringify({ file: out, bytes: Buffer.byteLength(html) })}\n`);
