/** Writes the generated codecs, constants and vectors from the descriptions. `--check` compares instead. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { generatedFiles } from '../src/codec/generator.ts';
import { wireVectors } from '../src/wire/vectors.ts';

const root = join(import.meta.dirname, '..', '..');
const check = process.argv.includes('--check');
let stale = 0;
const files: Readonly<Record<string, string>> = {
  ...generatedFiles(),
  'protocol/test/vectors/wire.json': `${JSON.stringify(wireVectors(), null, 1)}\n`,
};
for (const [path, content] of Object.entries(files)) {
  const full = join(root, path);
  const present = existsSync(full) ? readFileSync(full, 'utf8') : undefined;
  if (present === content) continue;
  stale++;
  if (check) console.error(`stale: ${relative(root, full)}`);
  else {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    console.error(`written: ${path}`);
  }
}
if (check && stale > 0) {
  console.error('run: npm run generate');
  process.exitCode = 1;
}
