import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const FOLDER = process.env.SANDOQ_CORPORA ?? resolve(import.meta.dirname, '../../../shared/corpora');

/** The path of a public file, or undefined where the corpora are not at hand; the test then says so and skips. */
export function corpus(path: string): string | undefined {
  const full = resolve(FOLDER, path);
  if (existsSync(full)) return full;
  console.warn(`skipped: ${path} is not under ${FOLDER} (set SANDOQ_CORPORA)`);
  return undefined;
}
