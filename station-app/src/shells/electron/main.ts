/**
 * The product's shell: kiosk windows on the station's displays, each with its role, and the cores in utility
 * processes. It holds no keys and no stores. Never imported by a test without a fake `electron`.
 */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import {
  app,
  BrowserWindow,
  ipcMain,
  protocol,
  screen,
  session,
  utilityProcess,
  type WebContents,
} from 'electron';
import { CONTENT_SECURITY_POLICY, type KioskWindow, nameWindows } from '../kiosk-server.ts';
import { SCHEME, SCREENS_ORIGIN } from './channels.ts';
import { type ElectronConfig, readElectronConfig } from './config.ts';
import { bindIpc } from './ipc.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};
/** A core that ends is started again after this long; it resumes where its stores stand. */
const CORE_RESTART_MS = 500;

const windows = new Map<WebContents, KioskWindow>();

const log = (message: string, more: Record<string, unknown> = {}): void => {
  process.stderr.write(`${JSON.stringify({ level: 'error', process: 'screens', msg: message, ...more })}\n`);
};

/** Serves the built screens, and nothing outside their folder. */
export async function answerScreens(folder: string, address: string): Promise<Response> {
  const url = new URL(address);
  const path = url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname);
  const file = normalize(join(folder, path));
  // A scheme that is not the web's has no origin outside Electron: compare its parts.
  if (`${url.protocol}//${url.host}` !== SCREENS_ORIGIN) return new Response(null, { status: 404 });
  if (!file.startsWith(folder + sep)) return new Response(null, { status: 404 });
  try {
    const body = await readFile(file);
    return new Response(new Uint8Array(body), {
      headers: {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    });
  } catch {
    return new Response(null, { status: 404 });
  }
}

function lockDown(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  for (const event of ['will-navigate', 'will-redirect', 'will-attach-webview'] as const) {
    contents.on(event as 'will-navigate', (details) => details.preventDefault());
  }
}

function openWindow(window: KioskWindow, nth: number): void {
  const displays = screen.getAllDisplays();
  const display = displays[nth % Math.max(1, displays.length)];
  const opened = new BrowserWindow({
    ...(display === undefined ? {} : { x: display.bounds.x, y: display.bounds.y }),
    kiosk: true,
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(import.meta.dirname, 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      navigateOnDragDrop: false,
      devTools: false,
      spellcheck: false,
      // In memory, a session of its own for each window, gone with it.
      partition: `window-${window.id}`,
    },
  });
  windows.set(opened.webContents, window);
  lockDown(opened.webContents);
  const own = opened.webContents.session;
  own.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  own.setPermissionCheckHandler(() => false);
  own.setDevicePermissionHandler(() => false);
  opened.once('ready-to-show', () => opened.show());
  void opened.loadURL(`${SCREENS_ORIGIN}/`);
}

function superviseCore({ entry, config }: ElectronConfig['cores'][number]): void {
  const core = utilityProcess.fork(entry, ['--config', config], { stdio: 'inherit' });
  core.on('exit', (code) => {
    if (isQuitting) return;
    log('a core ended and is started again', { entry, code });
    setTimeout(() => superviseCore({ entry, config }), CORE_RESTART_MS);
  });
}

let isQuitting = false;

export async function start(configFile: string, screensFolder: string): Promise<void> {
  const config = readElectronConfig(configFile);
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  app.enableSandbox();
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.on('before-quit', () => {
    isQuitting = true;
  });
  // A window that is closed stays closed; the station runs on in its cores.
  app.on('window-all-closed', () => app.quit());
  await app.whenReady();
  const named = nameWindows(config.windows);
  for (const { id } of named) {
    session
      .fromPartition(`window-${id}`)
      .protocol.handle(SCHEME, (request) => answerScreens(screensFolder, request.url));
  }
  const unbind = bindIpc(ipcMain, {
    px_per_mm: config.panel.px_per_mm,
    addresses: { voting: config.voting, admission: config.admission },
    windowOf: (contents) => windows.get(contents),
    onFailure: (where, cause) =>
      log('failed', { where, kind: cause instanceof Error ? cause.name : typeof cause }),
  });
  app.on('will-quit', unbind);
  for (const core of config.cores) superviseCore(core);
  named.forEach(openWindow);
}

const configFlag = process.argv.indexOf('--config');
const configFile = configFlag === -1 ? undefined : process.argv[configFlag + 1];
if (configFile !== undefined) await start(configFile, join(import.meta.dirname, '..', 'screens'));
