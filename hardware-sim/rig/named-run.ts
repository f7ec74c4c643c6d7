/** `npm run bench -- NAME` and `npm run lab -- NAME`: lists, or runs, any package's `bench/NAME.ts` or `lab/NAME.ts`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOMS = ['protocol', 'firmware-host', 'hardware-sim', 'station-app', 'tally-server', 'seeds'] as const;

export function runNamed(kind: 'bench' | 'lab', args: readonly string[]): never {
  const root = join(import.meta.dirname, '..', '..');
  const found = new Map<string, string>();
  for (const room of ROOMS) {
    const folder = join(root, room, kind);
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder))
      if (file.endsWith('.ts')) found.set(basename(file, '.ts'), join(folder, file));
  }
  const [name, ...rest] = args;
  const path = name === undefined ? undefined : found.get(name);
  if (path === undefined) {
    if (name !== undefined && name !== '--help') console.error(`no ${kind} named ${name}`);
    console.error(
      `usage: npm run ${kind} -- NAME [options]\n${[...found.keys()]
        .sort()
        .map((one) => `  ${one}`)
        .join('\n')}`,
    );
    process.exit(name === '--help' ? 0 : 2);
  }
  const usageError = join(import.meta.dirname, 'usage-error.ts');
  const order = ['--import', usageError, path, ...rest];
  process.exit(spawnSync(process.execPath, order, { stdio: 'inherit' }).status ?? 1);
}
