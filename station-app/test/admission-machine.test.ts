/** The table of the desk: which events each state takes. Every reachable state is visited, every event tried. */
import { expect, test } from 'vitest';
import { transition } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { admissionMachine } from '../src/machines/admission.ts';
import { ADMISSION_EVENTS as ALL } from './admission-events.ts';

/** In brackets: only without an admission in hand; `!`: only with one; `?`: only with a person known; `2`: only with both approvals. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  idle: ['DOCUMENT_LAID', 'CODE_ENTERED', 'PERSON_REFUSED', 'CARD_FOUND_ARMED'],
  reading: ['DOCUMENT_READ', 'PERSON_REFUSED', 'READING_FAILED', 'CARD_FOUND_ARMED'],
  needs_proof: ['HOLDER_PROVED', 'PROOF_FAILED', 'PERSON_REFUSED', 'CANCELLED'],
  identified: ['ROLE_APPROVED', '(PERSON_REFUSED)', 'CARD_RETURNED', '!CARD_HANDED_OVER', '(CANCELLED)'],
  awaiting_approvals: [
    'ROLE_APPROVED',
    'APPROVALS_VOIDED',
    '(PERSON_REFUSED)',
    '2ADMISSION_JOURNALLED',
    '!CARD_HANDED_OVER',
    '(CANCELLED)',
  ],
  arming: [
    'CARD_ARMED',
    'ARMING_INTERRUPTED',
    '?CARD_FOUND_BLANK',
    '?CARD_FOUND_SPENT',
    'CARD_HANDED_OVER',
    'CARD_SPOILED',
    'TAKING_BACK_ENDED',
  ],
  armed: ['CARD_TAKEN', 'CARD_SPOILED', 'CARD_RETURNED', 'CANCELLED'],
  refused: ['?CARD_SPOILED', 'CARD_RETURNED', 'CARD_FOUND_ARMED', 'CANCELLED'],
  done: ['CARD_FOUND_ARMED', 'CANCELLED'],
};
const EVERYWHERE = ['HELP_NOTED', 'INTERRUPTED'];

const paths = getShortestPaths(admissionMachine, { events: ALL });

test('every state of the table is reached', () => {
  expect(new Set(paths.map((path) => String(path.state.value)))).toEqual(new Set(Object.keys(TAKES)));
});

test('every state takes exactly the events of its row', () => {
  for (const { state } of paths) {
    const { inHand, person: known, approvals } = state.context;
    const allowed = new Set(EVERYWHERE);
    for (const entry of TAKES[String(state.value)] ?? []) {
      const name = entry.replace(/^[(!?2]|\)$/g, '');
      const open =
        (!entry.startsWith('(') || !inHand) &&
        (!entry.startsWith('!') || inHand) &&
        (!entry.startsWith('?') || known !== null) &&
        (!entry.startsWith('2') || (approvals.executive && approvals.supervisor));
      if (open) allowed.add(name.replace(')', ''));
    }
    for (const event of ALL)
      expect(state.can(event), `${event.type} in ${String(state.value)}`).toBe(allowed.has(event.type));
  }
});

test('whoever is in hand cannot be forgotten: only the card’s word, or the officers’, lets her go', () => {
  const words = new Set([
    'CARD_ARMED',
    'CARD_HANDED_OVER',
    'CARD_SPOILED',
    'CARD_RETURNED',
    'TAKING_BACK_ENDED',
  ]);
  for (const { state } of paths) {
    if (!state.context.inHand) continue;
    for (const event of ALL) {
      if (!state.can(event) || words.has(event.type)) continue;
      const [next] = transition(admissionMachine, state, event);
      expect(next.context.inHand, `${event.type} in ${String(state.value)}`).toBe(true);
    }
  }
});

test('idle and done know nobody', () => {
  for (const { state } of paths)
    if (state.matches('idle') || state.matches('done'))
      expect(state.context).toMatchObject({ person: null, grant: null, refusal: null, inHand: false });
});
