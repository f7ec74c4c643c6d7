/**
 * The same verification with its signature checks done in bulk, elsewhere: in threads, or by a browser's own
 * cryptography, which only answers later. A pass believes every check and hands it on; when none of them fails the
 * pass was right. Otherwise the next pass knows which fail, until a pass meets no new failure: its verdict is then
 * the one that checking one by one would give.
 */

import type { Bytes } from '../codec/bytes.ts';
import { toHex } from '../codec/bytes.ts';
import { SIGNATURE_BYTES, type SignatureCheck } from '../crypto/ports.ts';
import { type Verified, type VerifyOrder, verifyInSteps } from './verify.ts';

/** Checks of one hand-over: enough that a message costs nothing beside them. */
export const CHECKS_PER_BATCH = 2048;
/** Batches that are out at one time: more would only fill the memory. */
export const BATCHES_AHEAD_MAX = 8;
/** Each pass finds failures that the one before could not meet; a folder bent more often than this is judged slowly. */
export const PASSES_MAX = 12;

export interface BulkChecks {
  /** places in the list, of the signatures that do not hold */
  signatures(checks: readonly SignatureCheck[]): Promise<readonly number[]>;
}

/** Every check by its own bytes: 32 of the key, 64 of the signature; what was signed tells the rest. */
const nameOf = ({ publicKey, message, signature }: SignatureCheck, sha256: (bytes: Bytes) => Bytes): string =>
  `${toHex(publicKey)}${toHex(signature)}${toHex(sha256(message))}`;

class Pass {
  readonly #bulk: BulkChecks;
  readonly #sha256: (bytes: Bytes) => Bytes;
  readonly #failing: Set<string>;
  #signatures: SignatureCheck[] = [];
  readonly #out = new Set<Promise<void>>();
  /** failures that were not known when the pass began */
  found = 0;

  constructor(bulk: BulkChecks, sha256: (bytes: Bytes) => Bytes, failing: Set<string>) {
    this.#bulk = bulk;
    this.#sha256 = sha256;
    this.#failing = failing;
  }

  readonly verify = (publicKey: Bytes, message: Bytes, signature: Bytes): boolean => {
    if (signature.length !== SIGNATURE_BYTES) return false;
    const check = { publicKey, message, signature };
    if (this.#failing.size > 0 && this.#failing.has(nameOf(check, this.#sha256))) return false;
    this.#signatures.push(check);
    return true;
  };

  #send(work: Promise<readonly string[]>): void {
    const sent = work.then((names) => {
      for (const name of names) this.#failing.add(name);
      this.found += names.length;
      this.#out.delete(sent);
    });
    this.#out.add(sent);
  }

  /** Hands on what has come together; all of it at the end. */
  async handOn(isLast: boolean): Promise<void> {
    const least = isLast ? 1 : CHECKS_PER_BATCH;
    while (this.#signatures.length >= least) {
      const checks = this.#signatures.splice(0, CHECKS_PER_BATCH);
      const names = (wrong: readonly number[]) =>
        wrong.map((i) => nameOf(checks[i] as SignatureCheck, this.#sha256));
      this.#send(this.#bulk.signatures(checks).then(names));
      while (this.#out.size >= BATCHES_AHEAD_MAX) await Promise.race(this.#out);
    }
    if (isLast) await Promise.all(this.#out);
  }
}

/**
 * @param order its `verify` is not called
 * @returns undefined where PASSES_MAX were not enough: then verify one by one
 */
export async function verifyInBulk(order: VerifyOrder, bulk: BulkChecks): Promise<Verified | undefined> {
  const { sha256 } = order.crypto;
  const failing = new Set<string>();
  for (let number = 0; number < PASSES_MAX; number++) {
    const pass = new Pass(bulk, sha256, failing);
    const steps = verifyInSteps({ ...order, crypto: { sha256, verify: pass.verify } });
    for (let step = steps.next(); ; step = steps.next()) {
      await pass.handOn(step.done === true);
      if (step.done !== true) continue;
      if (pass.found === 0) return step.value;
      break;
    }
  }
  return undefined;
}
