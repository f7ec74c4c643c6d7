/** The law applied to the slips that stand, as they come, and its outcome checked a second way. */
import type { Bytes } from '../codec/bytes.ts';
import { checkOutcome } from '../law/check.ts';
import { createCount } from '../law/count.ts';
import type { Election } from '../law/election.ts';
import type { Outcome } from '../law/outcome.ts';
import type { Box } from '../law/sums.ts';
import type { ContestTotal } from '../records/generated.ts';
import { boxOfSlip, type LawInForce, lawInForce } from '../records/law-file.ts';
import { type Faults, PUBLISHER } from './publication.ts';
import { jsonLine, readJson } from './published-json.ts';

export class AppliedLaw {
  readonly #law: Election;
  readonly #count: ReturnType<typeof createCount>;
  readonly #boxes: Box[] = [];
  #refusal: { readonly path: string; readonly problem: string } | undefined;

  private constructor(law: Election) {
    this.#law = law;
    this.#count = createCount(law);
  }

  /** @returns undefined where the package binds no law */
  static of(folder: LawInForce): AppliedLaw | undefined {
    const law = lawInForce(folder);
    return law === undefined ? undefined : new AppliedLaw(law);
  }

  add(stationId: string, totals: readonly ContestTotal[]): void {
    if (this.#refusal !== undefined) return;
    const box = boxOfSlip(this.#law, { stationId, totals });
    const added = box.ok ? this.#count.add(box.value) : box;
    if (!added.ok)
      this.#refusal = {
        path: `slip of ${stationId}: ${added.fault.path}`,
        problem: added.fault.problem,
      };
    else if (box.ok) this.#boxes.push(box.value);
  }

  outcome(seed: string | null, faults: Faults): Outcome | null {
    const outcome = this.#refusal === undefined ? this.#count.outcome(seed) : undefined;
    if (outcome?.ok !== true) {
      const { path, problem } = outcome?.fault ?? (this.#refusal as { path: string; problem: string });
      faults.add('law_refused', '', path, PUBLISHER, problem);
      return null;
    }
    for (const { contest, problem } of checkOutcome(this.#law, this.#boxes, outcome.value))
      faults.add('certificate_wrong', '', contest, PUBLISHER, problem);
    return outcome.value;
  }
}

/** A published outcome says itself by which seed its lots were drawn. */
export function publishedSeed(bytes: Bytes | undefined): string | null {
  const value = bytes === undefined ? undefined : readJson(bytes, jsonLine)?.value;
  const lots = typeof value === 'object' && value !== null && 'lots' in value ? value.lots : undefined;
  return typeof lots === 'object' && lots !== null && 'seed' in lots && typeof lots.seed === 'string'
    ? lots.seed
    : null;
}
