/** Builds the screens with Vite when, and only when, something that they are made of has changed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

const PACKAGE = join(import.meta.dirname, '..', '..');
const REPOSITORY = join(PACKAGE, '..');
export const SCREENS_FOLDER = join(PACKAGE, 'dist', 'screens');
const STAMP = 'built-from.txt';

/** What the bundle is made of: our sources, and the versions of everything else. */
const INGREDIENTS = [
  'station-app/src/screens',
  'station-app/src/contract',
  'station-app/src/shells/window-protocol.ts',
  'station-app/src/shells/screens-build.ts',
  'station-app/locales',
  'station-app/kit/src',
  'station-app/kit/locales',
  'station-app/kit/package.json',
  'protocol/src/persian',
  'package-lock.json',
];

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

export function screensFingerprint(): string {
  const hash = createHash('sha256');
  for (const file of INGREDIENTS.flatMap((path) => filesUnder(join(REPOSITORY, path)))) {
    hash
      .update(`${relative(REPOSITORY, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

export function screensAreFresh(folder: string = SCREENS_FOLDER): boolean {
  const stamp = join(folder, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === screensFingerprint();
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

/** @returns whether anything was built. */
export async function buildScreens(folder: string = SCREENS_FOLDER): Promise<boolean> {
  if (screensAreFresh(folder)) return false;
  const fingerprint = screensFingerprint();
  // Built beside and moved in whole: whoever serves the folder meanwhile never sees half of it.
  const beside = `${folder}.${process.pid}`;
  // Loaded only when needed: a station that starts with fresh screens needs no bundler.
  const { build } = await import('vite');
  const { default: react } = await import('@vitejs/plugin-react');
  await asProduction(() =>
    build({
      configFile: false,
      root: join(PACKAGE, 'src', 'screens'),
      base: './',
      plugins: [react()],
      logLevel: 'warn',
      build: {
        outDir: beside,
        emptyOutDir: true,
        // Fonts and pictures stay files: a policy without `data:` must do.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        sourcemap: false,
        chunkSizeWarningLimit: 2_000,
      },
    }),
  );
  writeFileSync(join(beside, STAMP), `${fingerprint}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(beside, folder);
  return true;
}

/** Where Electron's binary is, or undefined: asking the package itself would start a download. */
export function findElectron(): string | undefined {
  const require = createRequire(import.meta.url);
  let folder: string;
  try {
    folder = join(require.resolve('electron/package.json'), '..', 'dist');
  } catch {
    return undefined;
  }
  return ['electron', 'Electron.app/Contents/MacOS/Electron', 'electron.exe']
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
}
