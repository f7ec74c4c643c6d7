/** A folder that is built from sources when, and only when, something that it is made of has changed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const PACKAGE_FOLDER = join(import.meta.dirname, '..', '..');
const REPOSITORY = join(PACKAGE_FOLDER, '..');
const STAMP = 'built-from.txt';

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

/** SHA-256, in hexadecimal, over names and contents. @param ingredients files and folders, from the repository's root */
export function fingerprintOf(ingredients: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of ingredients.flatMap((path) => filesUnder(join(REPOSITORY, path)))) {
    hash
      .update(`${relative(REPOSITORY, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function isFresh(folder: string, fingerprint: string): boolean {
  const stamp = join(folder, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === fingerprint;
}

/** Whoever builds (a test runner names itself too), what is built is the product: no development code, no paths. */
export async function asProduction<Built>(build: () => Promise<Built>): Promise<Built> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    return await build();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

/**
 * Builds beside and moves in whole: whoever reads the folder meanwhile never sees half of it.
 * @param into builds everything into the empty folder that it is given
 * @returns whether anything was built
 */
export async function buildIfStale(
  folder: string,
  ingredients: readonly string[],
  into: (beside: string) => Promise<unknown>,
): Promise<boolean> {
  const fingerprint = fingerprintOf(ingredients);
  if (isFresh(folder, fingerprint)) return false;
  const beside = `${folder}.${process.pid}`;
  await asProduction(() => into(beside));
  writeFileSync(join(beside, STAMP), `${fingerprint}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(beside, folder);
  return true;
}
