/** Starts `bin/recount.ts` beside this process; PINs go by its standard input, never on a command line. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ReaderTransport } from '../devices/reader-link.ts';
import type { SpawnRecount } from './recounting.ts';

/** 20,000 votes of 8 contests at half a millisecond a record, and a slow machine. */
export const RECOUNT_TIMEOUT_MS = 600_000;
const SCRIPT = join(import.meta.dirname, '..', '..', 'bin', 'recount.ts');
/** bin/recount.ts: 0 agrees, 1 does not, anything else could not be done. */
const AGREED = 0;
const DISAGREED = 1;

export interface RecountPlaces {
  readonly stationId: string;
  readonly packageFolder: string;
  readonly authorityPublicKeyHex: string;
  readonly storePath: string;
  readonly roleReader: ReaderTransport;
}

export const spawnRecountWith =
  (places: RecountPlaces): SpawnRecount =>
  ({ source, bundlePath, pins }) =>
    new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        [
          '--disable-warning=ExperimentalWarning',
          SCRIPT,
          ...['--station', places.stationId],
          ...['--package', places.packageFolder],
          ...['--authority', places.authorityPublicKeyHex],
          ...(source.kind === 'store' ? ['--store', places.storePath] : ['--records', source.path]),
          ...['--bundle', bundlePath],
          ...['--role-reader', `${places.roleReader.kind}:${places.roleReader.path}`],
          ...['--pins', '-'],
        ],
        { stdio: ['pipe', 'ignore', 'inherit'], timeout: RECOUNT_TIMEOUT_MS },
      );
      child.once('error', () => resolve(undefined));
      child.once('exit', (code) => {
        resolve(code === AGREED ? true : code === DISAGREED ? false : undefined);
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(JSON.stringify(pins));
    });
