/** Builds the screens with Vite when, and only when, something that they are made of has changed. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildIfStale, PACKAGE_FOLDER } from './built-folder.ts';

export const SCREENS_FOLDER = join(PACKAGE_FOLDER, 'dist', 'screens');

/** What the bundle is made of: our sources, and the versions of everything else. */
const INGREDIENTS = [
  'station-app/src/screens',
  'station-app/src/contract',
  'station-app/src/shells/window-protocol.ts',
  'station-app/src/shells/screens-build.ts',
  'station-app/src/shells/built-folder.ts',
  'station-app/locales',
  'station-app/kit/src',
  'station-app/kit/locales',
  'station-app/kit/package.json',
  'protocol/src/persian',
  'package-lock.json',
];

/**
 * Chromium compiles a function when it is first called: the first voter of a day would wait for it at each of her keys.
 * With this line the whole script is compiled while the page opens, before anybody votes.
 */
const compiledWhenRead = {
  name: 'compiled-when-read',
  generateBundle(_options: unknown, bundle: Record<string, { readonly type: string; code?: string }>) {
    for (const file of Object.values(bundle))
      if (file.type === 'chunk') file.code = `//# allFunctionsCalledOnLoad\n${file.code}`;
  },
};

/** @returns whether anything was built. */
export const buildScreens = (folder: string = SCREENS_FOLDER): Promise<boolean> =>
  buildIfStale(folder, INGREDIENTS, async (beside) => {
    // Loaded only when needed: a station that starts with fresh screens needs no bundler.
    const { build } = await import('vite');
    const { default: react } = await import('@vitejs/plugin-react');
    await build({
      configFile: false,
      root: join(PACKAGE_FOLDER, 'src', 'screens'),
      base: './',
      plugins: [react(), compiledWhenRead],
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
    });
  });

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
