/**
 * Bundles the station's processes. They run from their sources too; a bundle starts in two thirds of the time, is what a
 * station carries, and is the one thing that its software hash is over.
 */
import { join } from 'node:path';
import { buildIfStale, PACKAGE_FOLDER } from './built-folder.ts';

export const CORES_FOLDER = join(PACKAGE_FOLDER, 'dist', 'cores');
const CORES = ['voting', 'admission', 'recount'] as const;
export type CoreName = (typeof CORES)[number];

/** Path of a bundled process. */
export const coreFile = (name: CoreName, folder: string = CORES_FOLDER): string =>
  join(folder, `${name}.mjs`);

/** With binaries of their own, which a bundle cannot hold. */
const NATIVE = ['@resvg/resvg-js', 'better-sqlite3', 'serialport', 'node-hid', 'sodium-native'];

const INGREDIENTS = [
  ...CORES.map((name) => `station-app/bin/${name}.ts`),
  ...[
    'admission',
    'contract',
    'devices',
    'machines',
    'outputs',
    'paper',
    'recount',
    'stores',
    'sync',
    'voting',
  ].map((folder) => `station-app/src/${folder}`),
  'station-app/src/shells/cores-build.ts',
  'station-app/src/shells/built-folder.ts',
  'station-app/src/shells/run-core.ts',
  'station-app/locales',
  'station-app/forms',
  'station-app/kit/src/text.ts',
  'protocol/src',
  'protocol/node',
  'protocol/locales',
  'package-lock.json',
];

/** @returns whether anything was built. */
export const buildCores = (folder: string = CORES_FOLDER): Promise<boolean> =>
  buildIfStale(folder, INGREDIENTS, async (beside) => {
    const { build } = await import('vite');
    await build({
      configFile: false,
      root: PACKAGE_FOLDER,
      logLevel: 'warn',
      ssr: { noExternal: true, external: NATIVE },
      build: {
        ssr: true,
        outDir: beside,
        emptyOutDir: true,
        target: 'node24',
        minify: false,
        rollupOptions: {
          input: Object.fromEntries(CORES.map((name) => [name, join(PACKAGE_FOLDER, 'bin', `${name}.ts`)])),
          external: [/^node:/, ...NATIVE],
          output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
        },
      },
    });
  });
