/** Opens the windows in the machine's Chromium, each with a profile of its own in memory that goes with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const CHROMIUM_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
];
/** A file system in memory, where there is one: nothing of a session reaches a disk. */
const MEMORY_FOLDER = '/dev/shm';
const STOP_MS = 3_000;

export type WindowShape = 'kiosk' | 'windows';

export const findChromium = (): string | undefined => CHROMIUM_PATHS.find((path) => existsSync(path));

export const hasDisplay = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  Boolean(environment.DISPLAY ?? environment.WAYLAND_DISPLAY);

export function chromiumArguments(options: {
  readonly address: string;
  readonly profile: string;
  readonly shape: WindowShape;
  readonly nth: number;
  readonly isVoter: boolean;
  readonly locale: 'fa' | 'en';
  readonly isRoot: boolean;
}): string[] {
  const place =
    options.shape === 'kiosk'
      ? ['--kiosk', '--start-fullscreen']
      : options.isVoter
        ? // Candidates below the fold are chosen less: hers is as large as the display lets it be.
          ['--window-position=0,0', '--start-maximized']
        : [`--window-position=${40 + options.nth * 60},${40 + options.nth * 40}`, '--window-size=1280,800'];
  return [
    `--app=${options.address}`,
    ...place,
    `--user-data-dir=${options.profile}`,
    '--incognito',
    `--disk-cache-dir=${join(options.profile, 'cache')}`,
    '--disk-cache-size=1',
    '--media-cache-size=1',
    '--no-first-run',
    '--no-default-browser-check',
    '--noerrdialogs',
    '--password-store=basic',
    '--disable-background-networking',
    '--disable-breakpad',
    '--disable-component-update',
    '--disable-domain-reliability',
    '--disable-extensions',
    '--disable-features=Translate,MediaRouter,AutofillServerCommunication,OptimizationHints,SpareRendererForSitePerProcess',
    '--disable-pinch',
    '--disable-quic',
    '--disable-session-crashed-bubble',
    '--disable-sync',
    '--overscroll-history-navigation=0',
    `--lang=${options.locale}`,
    // Development machines only: Chromium refuses root with its sandbox on.
    ...(options.isRoot ? ['--no-sandbox'] : []),
  ];
}

export interface OpenWindows {
  /** Ends the browsers and removes their profiles. */
  close(): Promise<void>;
}

export function openChromium(options: {
  readonly binary: string;
  readonly shape: WindowShape;
  readonly windows: readonly {
    readonly address: string;
    readonly isVoter: boolean;
    readonly locale: 'fa' | 'en';
  }[];
  readonly onExit: (nth: number) => void;
}): OpenWindows {
  const profiles: string[] = [];
  const children: ChildProcess[] = [];
  options.windows.forEach(({ address, isVoter, locale }, nth) => {
    const profile = mkdtempSync(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'sandoq-window-'));
    profiles.push(profile);
    const isRoot = process.getuid?.() === 0;
    const child = spawn(
      options.binary,
      chromiumArguments({ address, profile, shape: options.shape, nth, isVoter, locale, isRoot }),
      { stdio: 'ignore' },
    );
    child.on('exit', () => options.onExit(nth));
    child.on('error', () => options.onExit(nth));
    children.push(child);
  });
  return {
    async close() {
      await Promise.all(children.map(stop));
      for (const profile of profiles) rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}
