/**
 * What passes between a window and its shell, over WebSocket or Electron's IPC alike. The window never says which
 * role it has: the shell tells it. No Node, no Electron: shared by shells, screens and tests.
 */
import type { AdmissionView } from '../contract/admission.ts';
import type { CallRefusal, ScreenRole } from '../contract/contract.ts';
import type { OfficerView, VoterView } from '../contract/voting.ts';

export const CORES = ['voting', 'admission'] as const;
export type Core = (typeof CORES)[number];

export type ShellMessage =
  | {
      readonly event: 'hello';
      readonly role: ScreenRole;
      readonly locale: 'fa' | 'en';
      readonly px_per_mm: number;
      /** the rehearsal is walked step by step from the first moment */
      readonly guide?: boolean;
      /** the cores that this window is bridged to at all */
      readonly cores: readonly Core[];
    }
  | { readonly event: 'core'; readonly core: Core; readonly state: 'connected' | 'lost' }
  | { readonly event: 'view'; readonly core: 'voting'; readonly view: OfficerView | VoterView }
  | { readonly event: 'view'; readonly core: 'admission'; readonly view: AdmissionView };

export type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly refusal: CallRefusal };

/** The bridge that Electron's preload puts on `window`; a browser page has none and opens a WebSocket. */
export interface PreloadBridge {
  call(name: string, input: unknown): Promise<Reply>;
  attach(onMessage: (message: ShellMessage) => void): () => void;
}

/** Calls of one window that wait for an answer at the same time; the next is refused as `busy`. */
export const CALLS_WAITING_MAX = 16;
/** Bytes of one message from a window. */
export const WINDOW_MESSAGE_BYTES_MAX = 64 * 1024;
