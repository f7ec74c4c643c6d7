/**
 * From open doors to the receipt. One way: no event leads back to an earlier stage except where a step that had not
 * happened yet was called off.
 */
import { setup } from 'xstate';

export type CloseEvent =
  | { readonly type: 'DOORS_ASKED' }
  | { readonly type: 'DOORS_CLOSED' }
  | { readonly type: 'CLOSE_ASKED' }
  | { readonly type: 'STEP_ENDED' }
  | { readonly type: 'CLOSED' }
  | { readonly type: 'COUNT_STARTED' }
  | { readonly type: 'COUNT_STOPPED' }
  | { readonly type: 'SLIP_MADE' }
  | { readonly type: 'RECEIPT_KEPT' };

export const closeMachine = setup({ types: { events: {} as CloseEvent } }).createMachine({
  id: 'close',
  initial: 'open',
  states: {
    open: { on: { DOORS_ASKED: 'closing_doors', DOORS_CLOSED: 'doors_closed' } },
    closing_doors: { on: { STEP_ENDED: 'open', DOORS_CLOSED: 'doors_closed' } },
    doors_closed: { on: { CLOSE_ASKED: 'closing', CLOSED: 'closed' } },
    closing: { on: { STEP_ENDED: 'doors_closed', CLOSED: 'closed' } },
    closed: { on: { COUNT_STARTED: 'counting' } },
    counting: { on: { COUNT_STOPPED: 'closed', SLIP_MADE: 'counted' } },
    counted: { on: { RECEIPT_KEPT: 'finished' } },
    finished: { type: 'final' },
  },
});
export type CloseState =
  | 'open'
  | 'closing_doors'
  | 'doors_closed'
  | 'closing'
  | 'closed'
  | 'counting'
  | 'counted'
  | 'finished';

const AFTER_RESTART: Partial<Record<CloseState, CloseState>> = {
  closing_doors: 'open',
  closing: 'doors_closed',
  // The keys of the count died with the process; the representatives give them again.
  counting: 'closed',
};
export const closeStateAfterRestart = (state: CloseState): CloseState => AFTER_RESTART[state] ?? state;
