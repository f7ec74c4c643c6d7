/** Starts the recount beside this process; PINs go by its standard input, never on a command line. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ReaderTransport } from '../devices/reader-link.ts';
import type { SpawnRecount } from './recounting.ts';

/** 20,000 votes of 8 contests at half a millisecond a record, and a slow machine. */
export const RECOUNT_TIMEOUT_MS = 600_000;
/** In a bundle the processes lie side by side. */
const SCRIPT = import.meta.url.endsWith('.mjs')
  ? join(import.meta.dirname, 'recount.mjs')
  : join(import.meta.dirname, '..', '..', 'bin', 'recount.ts');
/** The result line holds every candidate's number. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;

/** @returns the verdict of the last line; undefined where there is none: nothing is concluded from an exit code. */
function verdictOf(output: string): boolean | undefined {
  try {
    const raw: unknown = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
    const agreed = (raw as { readonly agreed?: unknown } | null)?.agreed;
    return typeof agreed === 'boolean' ? agreed : undefined;
  } catch {
    return undefined;
  }
}

export interface RecountPlaces {
  readonly stationId: string;
  readonly packageFolder: string;
  /** amendments that were brought during the day lie in its `amendments` */
  readonly amendmentsFolder: string;
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
          ...['--amendments', places.amendmentsFolder],
          ...['--authority', places.authorityPublicKeyHex],
          ...(source.kind === 'store' ? ['--store', places.storePath] : ['--records', source.path]),
          ...['--bundle', bundlePath],
          ...['--role-reader', `${places.roleReader.kind}:${places.roleReader.path}`],
          ...['--pins', '-'],
        ],
        { stdio: ['pipe', 'pipe', 'inherit'], timeout: RECOUNT_TIMEOUT_MS },
      );
      child.once('error', () => resolve(undefined));
      let output = '';
      child.stdout.setEncoding('utf8');
      child.stdout.on('data', (chunk: string) => {
        if (output.length < OUTPUT_BYTES_MAX) output += chunk;
      });
      child.once('close', () => resolve(verdictOf(output)));
      child.stdin.on('error', () => undefined);
      child.stdin.end(JSON.stringify(pins));
    });
