/**
 * One sentence of what would be next, from what can be seen in the room. The panel knows nothing of the station's
 * screens: where they have the word, it says so. The first that holds, in this order:
 */
import type { StationState } from '../control/deeds.ts';

export const NEXT_STEPS = [
  'firmware_fault',
  'no_power',
  'not_enrolled',
  'box_cable_pulled',
  'reader_cable_pulled',
  'jammed',
  'lid_open',
  'paper_overprinted',
  'paper_in_window',
  'paper_out',
  'role_cards_lie',
  'vote_fell',
  'card_on_pad',
  'other_on_pad',
  'document_and_tarefe',
  'code_and_tarefe',
  'document_lies',
  'tarefe_lies',
  'desk_cards_wanted',
  'person_with_chip',
  'person_with_paper',
  'nobody',
] as const;
export type NextStep = (typeof NEXT_STEPS)[number];

/** Whom the officer is serving, as far as the hand at the panel knows. */
export type PersonAtDesk = 'none' | 'with_chip' | 'with_paper';

export function nextStep(state: StationState, person: PersonAtDesk): NextStep {
  const { slots } = state;
  const kindAt = (card: string | null): string | undefined =>
    state.cards.find((one) => one.card === card)?.kind;
  if (state.firmware_fault !== null) return 'firmware_fault';
  if (!state.power) return 'no_power';
  if (!state.enrolled) return 'not_enrolled';
  if (!state.cables.box) return 'box_cable_pulled';
  if (!state.cables.admission_reader || !state.cables.role_reader) return 'reader_cable_pulled';
  if (state.window === 'jammed') return 'jammed';
  if (state.lid_open) return 'lid_open';
  if (state.window === 'paper') return state.overprinted ? 'paper_overprinted' : 'paper_in_window';
  if (state.paper_out) return 'paper_out';
  if (slots.first !== null || slots.second !== null) return 'role_cards_lie';
  if (state.fell_since_card) return 'vote_fell';
  if (slots.box_pad !== null) return kindAt(slots.box_pad) === 'tarefe' ? 'card_on_pad' : 'other_on_pad';
  if (slots.tarefe !== null) {
    if (person === 'with_paper') return 'code_and_tarefe';
    return slots.document !== null || person !== 'none' ? 'document_and_tarefe' : 'tarefe_lies';
  }
  if (slots.document !== null) return 'document_lies';
  if (slots.executive === null || slots.supervisor === null) return 'desk_cards_wanted';
  if (person === 'with_chip') return 'person_with_chip';
  return person === 'with_paper' ? 'person_with_paper' : 'nobody';
}
