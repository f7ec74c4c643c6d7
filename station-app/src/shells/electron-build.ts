/** Bundles Electron's main and preload; neither asks the `electron` package for anything but its name. */
import { join } from 'node:path';
import { asProduction, PACKAGE_FOLDER } from './built-folder.ts';

export const ELECTRON_FOLDER = join(PACKAGE_FOLDER, 'dist', 'electron');

export async function buildElectron(folder: string = ELECTRON_FOLDER): Promise<void> {
  const { build } = await import('vite');
  const entry = (name: 'main' | 'preload', format: 'es' | 'cjs', extension: string) =>
    build({
      configFile: false,
      root: PACKAGE_FOLDER,
      logLevel: 'warn',
      // Everything but Electron and Node itself goes in: a package has no node_modules to look in.
      ssr: { noExternal: true },
      build: {
        ssr: join(PACKAGE_FOLDER, 'src', 'shells', 'electron', `${name}.ts`),
        outDir: folder,
        emptyOutDir: name === 'main',
        target: 'node24',
        rollupOptions: {
          external: ['electron', /^node:/],
          output: { format, entryFileNames: `${name}.${extension}` },
        },
      },
    });
  await asProduction(async () => {
    await entry('main', 'es', 'js');
    await entry('preload', 'cjs', 'cjs');
  });
}
