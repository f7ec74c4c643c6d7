/** The one request that the voting process makes of the province, over plain fetch: bounded in time and size, total. */
import { BUNDLE_BYTES_MAX, type Bytes } from '@sandoq/protocol';
import { z } from 'zod';
import { RECEIPT_ANSWER_BYTES_MAX, SEND_TIMEOUT_MS, type SendBundle, type SendResult } from './outbox.ts';

const refusalSchema = z.object({ code: z.string().regex(/^[a-z0-9_]{1,64}$/) });

async function readBounded(response: Response, bytesMax: number): Promise<Bytes | undefined> {
  const chunks: Bytes[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Statuses that pass by themselves: overload, restarts, gateways. */
const isPassing = (status: number): boolean =>
  status >= 500 || status === 408 || status === 425 || status === 429;

function refusalCode(body: Bytes): string {
  try {
    const raw: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const nested = z.object({ refusal: refusalSchema }).safeParse(raw);
    if (nested.success) return nested.data.refusal.code;
    return refusalSchema.safeParse(raw).data?.code ?? 'province_refused';
  } catch {
    return 'province_refused';
  }
}

/** `POST {province}/api/elections/{election}/bundles` */
export function sendBundleTo(provinceUrl: string, election: string): SendBundle {
  const url = new URL(
    `api/elections/${election}/bundles`,
    provinceUrl.endsWith('/') ? provinceUrl : `${provinceUrl}/`,
  );
  return async (bundle): Promise<SendResult> => {
    if (bundle.length > BUNDLE_BYTES_MAX) return { kind: 'refused', code: 'province_refused' };
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: new Uint8Array(bundle),
        signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
        redirect: 'error',
      });
      const body = await readBounded(response, RECEIPT_ANSWER_BYTES_MAX);
      if (body === undefined || isPassing(response.status)) return { kind: 'unreachable' };
      return response.ok ? { kind: 'answered', receipt: body } : { kind: 'refused', code: refusalCode(body) };
    } catch {
      return { kind: 'unreachable' };
    }
  };
}
