/** What became of a request, by whichever way it went. */
import type { Bytes } from '@sandoq/protocol';
import { z } from 'zod';

export type ClaimsSent =
  | { readonly kind: 'answered'; readonly answer: Bytes }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unreachable' };

/** Whether these bytes are the province's word on the request; what is not costs the line on which it came. */
export type IsClaimsAnswer = (answer: Bytes) => boolean;

/** what a refusal is called that bears no name of the province's */
export const NAMELESS_REFUSAL = 'claims_refused';

const refusalSchema = z.object({ code: z.string().regex(/^[a-z0-9_]{1,64}$/), status: z.int().optional() });

/** Statuses that pass by themselves: overload, restarts, gateways. */
const isPassing = (status: number): boolean =>
  status >= 500 || status === 408 || status === 425 || status === 429;

/** @param status of the HTTP answer; on a line the refusal carries it */
export function refusalIn(text: string, status?: number): ClaimsSent {
  if (status !== undefined && isPassing(status)) return { kind: 'unreachable' };
  try {
    const refusal = refusalSchema.safeParse(JSON.parse(text)).data;
    if (status === undefined && refusal?.status !== undefined && isPassing(refusal.status))
      return { kind: 'unreachable' };
    return { kind: 'refused', code: refusal?.code ?? NAMELESS_REFUSAL };
  } catch {
    return { kind: 'refused', code: NAMELESS_REFUSAL };
  }
}
