/** The window contract over Electron's IPC: who asks is decided by which window the message comes from. */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import { openBridge, type WindowBridge } from '../bridge.ts';
import type { CoreAddress } from '../core-link.ts';
import type { KioskWindow } from '../kiosk-server.ts';
import type { Core, Reply } from '../window-protocol.ts';
import { ATTACH_CHANNEL, CALL_CHANNEL, MESSAGE_CHANNEL, SCREENS_ORIGIN } from './channels.ts';

export interface IpcOptions {
  readonly px_per_mm: number;
  readonly addresses: Readonly<Record<Core, CoreAddress>>;
  /** the window that main opened with these contents; undefined for anything else */
  readonly windowOf: (contents: WebContents) => KioskWindow | undefined;
  readonly onFailure: (call: string, cause: unknown) => void;
}

const FORBIDDEN: Reply = { ok: false, refusal: { code: 'forbidden' } };

/** Only the top frame of a window of ours, showing our own screens, is listened to. */
function windowOfSender(event: IpcMainInvokeEvent, options: IpcOptions): KioskWindow | undefined {
  const frame = event.senderFrame;
  if (frame === null || frame.parent !== null) return undefined;
  if (!frame.url.startsWith(`${SCREENS_ORIGIN}/`)) return undefined;
  return options.windowOf(event.sender);
}

/** @returns what undoes it. */
export function bindIpc(ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>, options: IpcOptions): () => void {
  const bridges = new Map<WebContents, WindowBridge>();
  const detach = (contents: WebContents): void => {
    bridges.get(contents)?.close();
    bridges.delete(contents);
  };
  ipcMain.handle(ATTACH_CHANNEL, (event) => {
    const window = windowOfSender(event, options);
    if (window === undefined) return false;
    const contents = event.sender;
    // A reload attaches anew: the page before it is gone.
    detach(contents);
    contents.once('destroyed', () => detach(contents));
    bridges.set(
      contents,
      openBridge({
        role: window.role,
        locale: window.locale,
        px_per_mm: options.px_per_mm,
        addresses: options.addresses,
        send: (message) => {
          if (!contents.isDestroyed()) contents.send(MESSAGE_CHANNEL, message);
        },
        onFailure: options.onFailure,
      }),
    );
    return true;
  });
  ipcMain.handle(CALL_CHANNEL, (event, name: unknown, input: unknown): Promise<Reply> | Reply => {
    const window = windowOfSender(event, options);
    const bridge = bridges.get(event.sender);
    return window === undefined || bridge === undefined ? FORBIDDEN : bridge.call(name, input);
  });
  return () => {
    ipcMain.removeHandler(ATTACH_CHANNEL);
    ipcMain.removeHandler(CALL_CHANNEL);
    for (const contents of [...bridges.keys()]) detach(contents);
  };
}
