/** A voter of a simulated day: what she will choose, how she behaves, and what became of her. */
export type Habit =
  | 'votes'
  | 'corrects'
  | 'leaves_choosing'
  | 'leaves_paper'
  /** her card is off the pad for a while, at a moment of its own */
  | 'tears_card'
  /** brings her card back unused */
  | 'returns_card';

export interface SimulatedVoter {
  readonly number: number;
  readonly choices: readonly { readonly contest: number; readonly choice: readonly number[] | 'blank' }[];
  readonly habit: Habit;
  /** exactly one, when the day is over */
  outcome: 'waiting' | 'admitted' | 'voted' | 'kept_back' | 'went_home';
  pressedGreen: boolean;
}
