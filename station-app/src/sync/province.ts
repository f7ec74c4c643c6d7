/** The one request that the voting process makes of the province: bounded in time and size, total, never redirected. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BUNDLE_BYTES_MAX, type Bytes } from '@sandoq/protocol';
import { z } from 'zod';
import { RECEIPT_ANSWER_BYTES_MAX, SEND_TIMEOUT_MS, type SendBundle, type SendResult } from './outbox.ts';

const refusalSchema = z.object({ code: z.string().regex(/^[a-z0-9_]{1,64}$/) });

interface Answer {
  readonly status: number;
  /** undefined where it is longer than a receipt can be */
  readonly body: Bytes | undefined;
}

async function readBounded(response: IncomingMessage, bytesMax: number): Promise<Bytes | undefined> {
  const chunks: Bytes[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
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

/** Node's own client, not `fetch`: that one takes longer to load than a station takes to send its one slip. */
function post(url: URL, body: Bytes): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', 'content-length': body.length },
        signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
        agent: false,
      },
      (response) => {
        readBounded(response, RECEIPT_ANSWER_BYTES_MAX).then(
          (answer) => resolve({ status: response.statusCode ?? 0, body: answer }),
          reject,
        );
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
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
      const { status, body } = await post(url, bundle);
      if (body === undefined || status === 0 || isPassing(status)) return { kind: 'unreachable' };
      // A redirect is nobody's answer: a province does not move during its day.
      if (status >= 300 && status < 400) return { kind: 'unreachable' };
      const answered = status >= 200 && status < 300;
      return answered ? { kind: 'answered', receipt: body } : { kind: 'refused', code: refusalCode(body) };
    } catch {
      return { kind: 'unreachable' };
    }
  };
}
