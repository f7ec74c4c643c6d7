/** The card that another terminal was preparing when it was lost: known from what it told of its hands, ended by this desk. */
import type { InHandFile } from '../in-hand.ts';
import type { Journal } from '../journal.ts';
import { type Admission, cardsOut } from '../journal-cell.ts';

export interface LeftCard {
  readonly terminal: number;
  readonly line: Admission;
}

/** @returns the line as it stands, where the card armed for it is the one that was in hand; undefined: it has gone further */
export function stillOut(journal: Pick<Journal, 'lineOf'>, inHand: Admission): Admission | undefined {
  const line = journal.lineOf(inHand);
  return line !== undefined && line.armings === inHand.armings && cardsOut(line) === 1 ? line : undefined;
}

export class LeftCards {
  readonly #journal: Pick<Journal, 'lineOf'>;
  readonly #inHandOf: ReadonlyMap<number, InHandFile>;

  constructor(journal: Pick<Journal, 'lineOf'>, inHandOf: ReadonlyMap<number, InHandFile>) {
    this.#journal = journal;
    this.#inHandOf = inHandOf;
  }

  /** What a terminal had in hand when it was last heard. */
  of(terminal: number): Admission | undefined {
    const left = this.#inHandOf.get(terminal)?.left;
    return left?.kind === 'arm' ? left.admission : undefined;
  }

  /** @returns the first of a terminal that is not within reach */
  left(reached: readonly number[]): LeftCard | undefined {
    for (const terminal of this.#inHandOf.keys()) {
      const inHand = this.of(terminal);
      if (reached.includes(terminal) || inHand === undefined) continue;
      const line = stillOut(this.#journal, inHand);
      if (line !== undefined) return { terminal, line };
    }
    return undefined;
  }

  keep(terminal: number, line: Admission | undefined): void {
    const file = this.#inHandOf.get(terminal);
    if (line === undefined) file?.clear();
    else file?.keep({ kind: 'arm', admission: line });
  }

  close(): void {
    for (const file of this.#inHandOf.values()) file.close();
  }
}
