/** What can be expected to fail returns a `Result`; a broken invariant throws. */
export type Result<Value, Fault> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: Fault };

export const success = <Value>(value: Value): Result<Value, never> => ({ ok: true, value });
export const failure = <Fault>(fault: Fault): Result<never, Fault> => ({ ok: false, fault });
