import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = process.env.SANDOQ_CORPORA ?? fileURLToPath(new URL('../../../shared/corpora', import.meta.url));

/** Public vectors as JSON, or undefined where the corpora are not at hand: the test then says so and skips. */
export function corpus(name: string): unknown {
  const path = `${ROOT}/${name}`;
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  console.warn(`no corpus ${name}: set SANDOQ_CORPORA to run these vectors`);
  return undefined;
}
