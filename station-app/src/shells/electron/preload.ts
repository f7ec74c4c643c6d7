/** The sandboxed preload: the contract and nothing else reaches the page. Built to one CommonJS file. */
import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import type { PreloadBridge, ShellMessage } from '../window-protocol.ts';
import { ATTACH_CHANNEL, CALL_CHANNEL, MESSAGE_CHANNEL } from './channels.ts';

const bridge: PreloadBridge = {
  call: (name, input) => ipcRenderer.invoke(CALL_CHANNEL, name, input),
  attach(onMessage) {
    const listen = (_event: IpcRendererEvent, message: ShellMessage): void => onMessage(message);
    ipcRenderer.on(MESSAGE_CHANNEL, listen);
    void ipcRenderer.invoke(ATTACH_CHANNEL);
    return () => {
      ipcRenderer.removeListener(MESSAGE_CHANNEL, listen);
    };
  },
};
contextBridge.exposeInMainWorld('sandoq', bridge);
