import { failure, type Result, success } from '../result.ts';

/** Input that the law cannot accept: where it is (`$.boxes[3].contests[0].votes["c7"]`) and what is wanted there. */
export interface Refusal {
  readonly path: string;
  readonly problem: string;
}

/** Carries a refusal out of nested reading; never leaves this folder: `attempt` turns it into a `Result`. */
export class RefusedInput extends Error {
  readonly refusal: Refusal;
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.refusal = { path, problem };
  }
}

export function refuse(path: string, problem: string): never {
  throw new RefusedInput(path, problem);
}

export function attempt<Value>(read: () => Value): Result<Value, Refusal> {
  try {
    return success(read());
  } catch (thrown) {
    if (thrown instanceof RefusedInput) return failure(thrown.refusal);
    throw thrown;
  }
}

const SHOWN_MAX = 60;

/** Text from a file, safe to show in a terminal: quoted, control and direction characters escaped, cut short. */
export function quoted(text: string): string {
  const cut = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function pathTo(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  return /^[a-z_]+$/.test(step) ? `${path}.${step}` : `${path}[${quoted(step)}]`;
}
