/**
 * The station's day up to the moment the doors are open; closing has a machine of its own. Approvals in hand are not
 * kept over a restart: `opening` falls back to `loaded`, and what the box has done meanwhile is asked from it.
 */
import { setup } from 'xstate';

export type StationEvent =
  | { readonly type: 'PACKAGE_ACCEPTED' }
  | { readonly type: 'PACKAGE_LOADED' }
  | { readonly type: 'PACKAGE_FORGOTTEN' }
  | { readonly type: 'OPENING_ASKED' }
  | { readonly type: 'OPENING_ENDED' }
  | { readonly type: 'OPENED' };

export const stationMachine = setup({ types: { events: {} as StationEvent } }).createMachine({
  id: 'station',
  initial: 'no_package',
  states: {
    no_package: { on: { PACKAGE_ACCEPTED: 'set_up' } },
    set_up: { on: { PACKAGE_LOADED: 'loaded' } },
    loaded: {
      // A box that was replaced or emptied must be loaded again.
      on: { PACKAGE_FORGOTTEN: 'set_up', OPENING_ASKED: 'opening', OPENED: 'open' },
    },
    opening: { on: { OPENING_ENDED: 'loaded', OPENED: 'open' } },
    open: { type: 'final' },
  },
});
export type StationState = 'no_package' | 'set_up' | 'loaded' | 'opening' | 'open';

/** What a restart finds: a step whose approvals are gone begins anew. */
export const stationStateAfterRestart = (state: StationState): StationState =>
  state === 'opening' ? 'loaded' : state;
