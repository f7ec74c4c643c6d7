/**
 * The cast, from the sealed ballot to its fate (ARCHITECTURE §2). The machine's only kept state is the `pending` row
 * of the records store, written in the same transaction as what it stands for: a row there means that the fate of one
 * ballot is to be asked from the box, nothing there means that no ballot is in hand.
 *
 * | state | pending row | known |
 * | --- | --- | --- |
 * | idle | empty | no ballot |
 * | printing | full | PRINT is under way |
 * | in_window | full | the paper stands in the window; green or correction decides |
 * | asking | full | the box is being asked: after a restart, a lost link, an unreadable answer |
 * | unresolved | full | the box cannot be asked, or its answer proves nothing: an officer is told |
 */
import { setup } from 'xstate';

export type CastEvent =
  | { readonly type: 'BALLOT_SEALED' }
  | { readonly type: 'PAPER_IN_WINDOW' }
  | { readonly type: 'STILL_PRINTING' }
  | { readonly type: 'VOTE_CAST' }
  | { readonly type: 'BALLOT_REJECTED' }
  | { readonly type: 'BALLOT_RETAINED' }
  /** the box holds neither records nor paper of this ballot */
  | { readonly type: 'NOTHING_AT_BOX' }
  | { readonly type: 'BOX_LOST' }
  | { readonly type: 'OUTCOME_DOUBTED' }
  | { readonly type: 'ASK' };

const decided = {
  VOTE_CAST: { target: 'idle', actions: 'storeRecords' },
  BALLOT_REJECTED: { target: 'idle', actions: 'clearPending' },
  BALLOT_RETAINED: { target: 'idle', actions: 'clearPending' },
  NOTHING_AT_BOX: { target: 'idle', actions: 'clearPending' },
} as const;

/** The driver runs effects by their names, after this pure step. */
const BY_DRIVER = (): void => undefined;

export const castMachine = setup({
  types: { events: {} as CastEvent },
  actions: { storeRecords: BY_DRIVER, clearPending: BY_DRIVER, writePending: BY_DRIVER },
}).createMachine({
  id: 'cast',
  initial: 'idle',
  states: {
    idle: { on: { BALLOT_SEALED: { target: 'printing', actions: 'writePending' } } },
    printing: {
      on: {
        ...decided,
        PAPER_IN_WINDOW: 'in_window',
        ASK: 'asking',
        BOX_LOST: 'unresolved',
        OUTCOME_DOUBTED: 'unresolved',
      },
    },
    in_window: {
      on: {
        ...decided,
        PAPER_IN_WINDOW: 'in_window',
        ASK: 'asking',
        BOX_LOST: 'unresolved',
        OUTCOME_DOUBTED: 'unresolved',
      },
    },
    asking: {
      on: {
        ...decided,
        PAPER_IN_WINDOW: 'in_window',
        STILL_PRINTING: 'printing',
        BOX_LOST: 'unresolved',
        OUTCOME_DOUBTED: 'unresolved',
      },
    },
    unresolved: { on: { ASK: 'asking' } },
  },
});
export type CastState = 'idle' | 'printing' | 'in_window' | 'asking' | 'unresolved';
export const CAST_EFFECTS = ['storeRecords', 'clearPending', 'writePending'] as const;
export type CastEffect = (typeof CAST_EFFECTS)[number];
