/**
 * One voter at the box, as the voter's screen tells it. Lives in memory only; her style, nonces and choices are not
 * here but in one object that is wiped. Time comes as TIMED_OUT.
 */
import { setup } from 'xstate';

export type VoterEvent =
  | { readonly type: 'VOTING_OPENED' }
  | { readonly type: 'VOTING_ENDED' }
  | { readonly type: 'CARD_LAID' }
  | { readonly type: 'CARD_TAKEN' }
  | { readonly type: 'BALLOT_BEGUN' }
  | { readonly type: 'CARD_REFUSED' }
  | { readonly type: 'REVIEW_OPENED' }
  | { readonly type: 'REVIEW_LEFT' }
  | { readonly type: 'PRINTING_STARTED' }
  | { readonly type: 'PRINTING_REFUSED' }
  | { readonly type: 'PAPER_IN_WINDOW' }
  | { readonly type: 'VOTE_CAST' }
  | { readonly type: 'PAPER_REJECTED' }
  | { readonly type: 'PAPER_RETAINED' }
  | { readonly type: 'SESSION_ENDED' }
  | { readonly type: 'OFFICER_CALLED' }
  /** a restart or a new link found this ballot at the box */
  | { readonly type: 'BALLOT_FOUND' };

/** Whatever the voter was doing, the box has the last word. */
const fates = {
  VOTE_CAST: 'cast',
  PAPER_REJECTED: 'rejected',
  PAPER_RETAINED: 'ended',
  PAPER_IN_WINDOW: 'in_window',
  OFFICER_CALLED: 'officer_needed',
  BALLOT_FOUND: 'printing',
} as const;

export const voterMachine = setup({ types: { events: {} as VoterEvent } }).createMachine({
  id: 'voter',
  initial: 'not_open',
  states: {
    not_open: { on: { VOTING_OPENED: 'welcome' } },
    welcome: {
      on: { CARD_LAID: 'reading_card', VOTING_ENDED: 'not_open', ...fates },
    },
    reading_card: {
      on: { BALLOT_BEGUN: 'choosing', CARD_REFUSED: 'card_refused', CARD_TAKEN: 'welcome', ...fates },
    },
    card_refused: {
      on: { CARD_TAKEN: 'welcome', CARD_LAID: 'reading_card', VOTING_ENDED: 'not_open', ...fates },
    },
    choosing: {
      on: {
        REVIEW_OPENED: 'review',
        SESSION_ENDED: 'ended',
        CARD_TAKEN: 'welcome',
        OFFICER_CALLED: 'officer_needed',
      },
    },
    review: {
      on: {
        REVIEW_LEFT: 'choosing',
        PRINTING_STARTED: 'printing',
        SESSION_ENDED: 'ended',
        CARD_TAKEN: 'welcome',
        OFFICER_CALLED: 'officer_needed',
      },
    },
    printing: { on: { PRINTING_REFUSED: 'review', SESSION_ENDED: 'ended', ...fates } },
    in_window: { on: { SESSION_ENDED: 'ended', ...fates } },
    rejected: {
      on: {
        BALLOT_BEGUN: 'choosing',
        CARD_REFUSED: 'card_refused',
        CARD_TAKEN: 'welcome',
        OFFICER_CALLED: 'officer_needed',
      },
    },
    cast: { on: { CARD_TAKEN: 'welcome', VOTING_ENDED: 'not_open', ...fates } },
    ended: { on: { CARD_TAKEN: 'welcome', CARD_LAID: 'reading_card', VOTING_ENDED: 'not_open', ...fates } },
    officer_needed: {
      on: { CARD_TAKEN: 'welcome', SESSION_ENDED: 'ended', VOTING_ENDED: 'not_open', ...fates },
    },
  },
});
export type VoterState =
  | 'not_open'
  | 'welcome'
  | 'reading_card'
  | 'card_refused'
  | 'choosing'
  | 'review'
  | 'printing'
  | 'in_window'
  | 'cast'
  | 'rejected'
  | 'officer_needed'
  | 'ended';
