/**
 * Every effect of a party is a numbered step: what the station makes durable or sends, each word that the box programs,
 * what it sends. Before a step, anybody may be killed.
 */
export type Party = 'voting' | 'admission' | 'box';

export interface Step {
  readonly number: number;
  readonly party: Party;
  readonly label: string;
}

export interface Steps {
  /** Called before the effect. */
  at(party: Party, label: string): void;
  readonly number: number;
}

export function createSteps(before: (step: Step) => void): Steps {
  let number = 0;
  return {
    at(party, label) {
      before({ number: number++, party, label });
    },
    get number() {
      return number;
    },
  };
}
