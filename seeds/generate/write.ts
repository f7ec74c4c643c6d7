/** Writes the committed seed files from the generator: `node seeds/generate/write.ts`. A test compares. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { seedFiles } from './files.ts';

for (const [path, content] of Object.entries(seedFiles())) {
  const full = join(import.meta.dirname, '..', path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
}
