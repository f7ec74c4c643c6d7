/**
 * Electron's shell without its binary: the real main, IPC and preload over a fake `electron` whose messages are cloned
 * as IPC clones them. What only the binary can show is in packaging/smoke.ts and is not claimed here.
 */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PreloadBridge, Reply } from '../src/shells/window-protocol.ts';
import { ADMISSION, BALLOT, OFFICER, VOTER } from './screens/sample.ts';
import { type ScriptedStation, scriptStation } from './screens/scripted-station.ts';
import { hearing, type WindowLine, windowSuite } from './screens/window-suite.ts';

type Listener = (...given: unknown[]) => unknown;

class FakeContents extends EventEmitter {
  readonly bus = new EventEmitter();
  openHandler: (() => unknown) | undefined;
  permission: Listener | undefined;
  url = '';
  readonly session = {
    setPermissionRequestHandler: (handler: Listener) => {
      this.permission = handler;
    },
    setPermissionCheckHandler: vi.fn(),
    setDevicePermissionHandler: vi.fn(),
  };
  setWindowOpenHandler(handler: () => unknown): void {
    this.openHandler = handler;
  }
  isDestroyed(): boolean {
    return false;
  }
  send(channel: string, ...given: unknown[]): void {
    this.bus.emit(channel, {}, ...structuredClone(given));
  }
}

interface MadeWindow {
  readonly options: { readonly kiosk: boolean; readonly webPreferences: Record<string, unknown> };
  readonly contents: FakeContents;
}

const world = vi.hoisted(() => ({
  handlers: new Map<string, (...given: unknown[]) => unknown>(),
  exposed: {} as Record<string, unknown>,
  /** which window's preload is loading */
  contents: undefined as unknown,
  made: [] as unknown[],
  schemes: [] as unknown[],
  served: new Map<string, (request: { url: string }) => Promise<Response>>(),
}));

vi.mock('electron', () => {
  const contentsOf = (): FakeContents => world.contents as FakeContents;
  return {
    app: Object.assign(new EventEmitter(), {
      enableSandbox: vi.fn(),
      requestSingleInstanceLock: () => true,
      quit: vi.fn(),
      whenReady: async () => undefined,
    }),
    BrowserWindow: class extends EventEmitter {
      readonly webContents = new FakeContents();
      constructor(options: unknown) {
        super();
        world.made.push({ options, contents: this.webContents });
      }
      async loadURL(url: string): Promise<void> {
        this.webContents.url = url;
      }
      show(): void {}
    },
    ipcMain: {
      handle: (channel: string, handler: Listener) => {
        if (world.handlers.has(channel)) throw new Error(`a second handler of ${channel}`);
        world.handlers.set(channel, handler);
      },
      removeHandler: (channel: string) => world.handlers.delete(channel),
    },
    protocol: { registerSchemesAsPrivileged: (schemes: unknown[]) => world.schemes.push(...schemes) },
    screen: { getAllDisplays: () => [{ bounds: { x: 0, y: 0 } }, { bounds: { x: 1920, y: 0 } }] },
    session: {
      fromPartition: (name: string) => ({
        protocol: {
          handle: (_scheme: string, handler: (request: { url: string }) => Promise<Response>) =>
            world.served.set(name, handler),
        },
      }),
    },
    utilityProcess: { fork: vi.fn(() => new EventEmitter()) },
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) => {
        world.exposed[name] = value;
      },
    },
    ipcRenderer: {
      invoke: async (channel: string, ...given: unknown[]) => {
        const contents = contentsOf();
        const frame = { url: contents.url, parent: null };
        return structuredClone(
          await world.handlers.get(channel)?.(
            { sender: contents, senderFrame: frame },
            ...structuredClone(given),
          ),
        );
      },
      on: (channel: string, listener: Listener) => contentsOf().bus.on(channel, listener),
      removeListener: (channel: string, listener: Listener) =>
        contentsOf().bus.removeListener(channel, listener),
    },
  };
});

let station: ScriptedStation;
let folder: string;
const made = () => world.made as MadeWindow[];
const ROLES = ['executive', 'voter', 'inspector'] as const;

beforeAll(async () => {
  station = await scriptStation({ officer: OFFICER, voter: VOTER, admission: ADMISSION });
  station.on('ballot.read', () => BALLOT);
  folder = mkdtempSync(join(tmpdir(), 'sandoq-electron-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>screens</title>');
  const config = join(folder, 'electron.json');
  writeFileSync(
    config,
    JSON.stringify({
      windows: ROLES.map((role) => ({ role, locale: 'fa' })),
      voting: station.addresses.voting,
      admission: station.addresses.admission,
      panel: { px_per_mm: 4 },
      cores: [],
    }),
  );
  const { start } = await import('../src/shells/electron/main.ts');
  await start(config, folder);
});

afterAll(async () => {
  const { app } = await import('electron');
  (app as unknown as EventEmitter).emit('will-quit');
  await station.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Loads the real preload into one window, as a page load does. */
async function open(role: (typeof ROLES)[number]): Promise<WindowLine> {
  const window = made()[ROLES.indexOf(role)];
  if (window === undefined) throw new Error('no such window');
  world.contents = window.contents;
  vi.resetModules();
  await import('../src/shells/electron/preload.ts');
  const bridge = world.exposed.sandoq as PreloadBridge;
  const { heard, until, take } = hearing();
  const detach = bridge.attach((message) => take(message as unknown as Record<string, unknown>));
  return {
    heard,
    until,
    async call(id, name, input) {
      world.contents = window.contents;
      return { id, ...(await bridge.call(name, input)) };
    },
    close: detach,
  };
}

windowSuite('Electron’s IPC', { station: () => station, open });

describe('Electron’s windows', () => {
  test('are kiosks without Node, in a sandbox, each with a session of its own', () => {
    expect(made()).toHaveLength(ROLES.length);
    for (const { options, contents } of made()) {
      expect(options.kiosk).toBe(true);
      expect(options.webPreferences).toMatchObject({
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        webSecurity: true,
        webviewTag: false,
        devTools: false,
        spellcheck: false,
      });
      expect(contents.url).toBe('station://screens/');
    }
    const partitions = made().map(({ options }) => options.webPreferences.partition);
    expect(new Set(partitions).size).toBe(ROLES.length);
    // Without `persist:` a session lives in memory only.
    for (const partition of partitions) expect(partition).not.toMatch(/^persist:/);
  });

  test('open nothing, go nowhere, ask for nothing', () => {
    for (const { contents } of made()) {
      expect(contents.openHandler?.()).toEqual({ action: 'deny' });
      for (const event of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
        const details = { preventDefault: vi.fn() };
        contents.emit(event, details);
        expect(details.preventDefault).toHaveBeenCalledOnce();
      }
      const answer = vi.fn();
      contents.permission?.(contents, 'media', answer);
      expect(answer).toHaveBeenCalledWith(false);
    }
  });

  test('are listened to only from their own top frame showing our own screens', async () => {
    await open('executive');
    const call = world.handlers.get('sandoq:call');
    const attach = world.handlers.get('sandoq:attach');
    const ours = made()[0]?.contents;
    const heardBefore = station.heard.length;
    const strangers: readonly unknown[] = [
      { sender: ours, senderFrame: { url: 'https://evil.example/', parent: null } },
      { sender: ours, senderFrame: { url: 'station://screens.evil/', parent: null } },
      { sender: ours, senderFrame: { url: 'station://screens/', parent: {} } },
      { sender: ours, senderFrame: null },
      { sender: new FakeContents(), senderFrame: { url: 'station://screens/', parent: null } },
    ];
    for (const event of strangers) {
      expect((await call?.(event, 'ballot.read', {})) as Reply).toEqual({
        ok: false,
        refusal: { code: 'forbidden' },
      });
      expect(await attach?.(event)).toBe(false);
    }
    expect(station.heard.length).toBe(heardBefore);
  });

  test('are served the built screens under the policy, and nothing outside their folder', async () => {
    expect(world.schemes).toEqual([
      { scheme: 'station', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
    const serve = world.served.get('window-voter');
    const page = await serve?.({ url: 'station://screens/' });
    expect(page?.status).toBe(200);
    expect(page?.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const url of [
      'station://screens/absent.js',
      'station://screens/..%2felectron.json/../../etc/passwd',
      'station://elsewhere/index.html',
    ]) {
      expect((await serve?.({ url }))?.status).toBe(404);
    }
  });
});
