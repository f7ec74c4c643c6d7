/** The screens' process: serves the windows of a station on the loopback interface. It holds no keys and no stores. */
import { parseArgs } from 'node:util';
import {
  findChromium,
  hasDisplay,
  type OpenWindows,
  openChromium,
  type WindowShape,
} from '../src/shells/chromium.ts';
import { readKioskConfig } from '../src/shells/kiosk-config.ts';
import { type Kiosk, startKiosk } from '../src/shells/kiosk-server.ts';
import { buildScreens, SCREENS_FOLDER } from '../src/shells/screens-build.ts';

const USAGE = `kiosk --config FILE [--open kiosk|windows]

  --config FILE   {host, port, launch_token, windows: [{role, locale}], voting: {socket, token},
                  admission: {socket, token}, panel: {px_per_mm}}
  --open SHAPE    also opens the windows in Chromium: full screen, or as ordinary windows side by side
  --help          this text

A window's address is good once. The launcher gets another with
  POST /launcher/WINDOW, authorization: Bearer LAUNCH_TOKEN
`;

const log = (level: 'info' | 'error', message: string, more: Record<string, unknown> = {}): void => {
  process.stderr.write(`${JSON.stringify({ level, process: 'screens', msg: message, ...more })}\n`);
};

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function readArguments(): { readonly config: string; readonly shape: WindowShape | undefined } {
  try {
    const { values } = parseArgs({
      options: { config: { type: 'string' }, open: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help === true) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    if (values.config === undefined) usage('--config is missing');
    const shape = values.open;
    if (shape !== undefined && shape !== 'kiosk' && shape !== 'windows') usage('--open is kiosk or windows');
    return { config: values.config, shape };
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'arguments are wrong');
  }
}

function openWindows(kiosk: Kiosk, shape: WindowShape): OpenWindows | undefined {
  const binary = findChromium();
  if (binary === undefined || !hasDisplay(process.env)) {
    log('info', 'no window opened', { why: binary === undefined ? 'no Chromium' : 'no display' });
    return undefined;
  }
  return openChromium({
    binary,
    shape,
    windows: kiosk.windows.map(({ id, role, locale }) => ({
      address: kiosk.launchAddress(id),
      isVoter: role === 'voter',
      locale,
    })),
    onExit: (nth) => log('info', 'a window was closed', { window: kiosk.windows[nth]?.id }),
  });
}

const { config: file, shape } = readArguments();
const config = readKioskConfig(file);
if (!config.ok) usage(config.why);
if (await buildScreens()) log('info', 'screens built');
const kiosk = await startKiosk({
  config: config.value,
  screens: SCREENS_FOLDER,
  // The call's name and the kind of failure only: never its input.
  onFailure: (where, cause) =>
    log('error', 'failed', { where, kind: cause instanceof Error ? cause.name : typeof cause }),
});
const opened = shape === undefined ? undefined : openWindows(kiosk, shape);
const windows = kiosk.windows.map(({ id, role }) => ({ window: id, role, address: kiosk.launchAddress(id) }));
process.stdout.write(`ready ${JSON.stringify({ process: 'screens', port: kiosk.port, windows })}\n`);

let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  await opened?.close();
  await kiosk.close();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
