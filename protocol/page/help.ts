/**
 * Checks in bulk in a browser: signatures by its own Ed25519 where it has one, which answers later, otherwise by the
 * reference; in as many helpers as there are cores.
 */

import { isSmallOrderEncoding } from '../src/crypto/enrol.ts';
import type { SignatureCheck } from '../src/crypto/ports.ts';
import { referenceCrypto } from '../src/crypto/reference.ts';
import type { BulkChecks } from '../src/verify/bulk.ts';
import { packChecks, unpackChecks } from '../src/verify/packed-checks.ts';
import type { HelpAnswer, HelpRequest } from './messages.ts';

const HELPERS_MAX = 8;
/** Keys of the browser that are kept: a station's devices and roles come again with each of its records. */
const KEYS_KEPT_MAX = 512;
const PROBE_KEY = new Uint8Array([
  0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1,
  0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
]);

const importKey = (key: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', Uint8Array.from(key), { name: 'Ed25519' }, false, ['verify']);

async function browserHasEd25519(): Promise<boolean> {
  try {
    await importKey(PROBE_KEY);
    return true;
  } catch {
    return false; // an older browser, or a page that it holds insecure
  }
}

const kept = new Map<string, Promise<CryptoKey>>();
function keyOf(publicKey: Uint8Array): Promise<CryptoKey> {
  const name = String.fromCharCode(...publicKey);
  const known = kept.get(name);
  if (known !== undefined) return known;
  if (kept.size >= KEYS_KEPT_MAX) kept.delete(kept.keys().next().value as string);
  const made = importKey(publicKey);
  kept.set(name, made);
  return made;
}

/** The browser compares R byte by byte and refuses a large S; small-order R is refused here, as by everyone. */
async function holds({ publicKey, message, signature }: SignatureCheck): Promise<boolean> {
  if (isSmallOrderEncoding(publicKey) || isSmallOrderEncoding(signature)) return false;
  return crypto.subtle.verify(
    { name: 'Ed25519' },
    await keyOf(publicKey),
    Uint8Array.from(signature),
    Uint8Array.from(message),
  );
}

let hasEd25519: Promise<boolean> | undefined;

export async function help(request: HelpRequest): Promise<HelpAnswer> {
  const { id } = request;
  const places = (held: readonly boolean[]): readonly number[] => held.flatMap((one, i) => (one ? [] : [i]));
  hasEd25519 ??= browserHasEd25519();
  const checks = unpackChecks(request.packed);
  if (await hasEd25519) return { id, wrong: places(await Promise.all(checks.map(holds))) };
  const held = checks.map(({ publicKey, message, signature }) =>
    referenceCrypto.verify(publicKey, message, signature),
  );
  return { id, wrong: places(held) };
}

export interface Helpers extends BulkChecks {
  close(): void;
}

export function helpersFrom(source: string): Helpers {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const waiting = new Map<number, PromiseWithResolvers<readonly number[]>>();
  const workers = Array.from({ length: Math.min(navigator.hardwareConcurrency, HELPERS_MAX) }, () => {
    const worker = new Worker(url);
    worker.onmessage = ({ data }: MessageEvent<HelpAnswer>) => {
      waiting.get(data.id)?.resolve(data.wrong);
      waiting.delete(data.id);
    };
    worker.onerror = () => {
      for (const { reject } of waiting.values()) reject(new Error('a helper of the page failed'));
    };
    return worker;
  });
  let next = 0;
  const ask = (checks: readonly SignatureCheck[]): Promise<readonly number[]> => {
    const id = next++;
    const answer = Promise.withResolvers<readonly number[]>();
    waiting.set(id, answer);
    const request: HelpRequest = { kind: 'signatures', id, packed: packChecks(checks) };
    workers[id % workers.length]?.postMessage(request, [request.packed.buffer]);
    return answer.promise;
  };
  return {
    signatures: ask,
    close: () => {
      for (const worker of workers) worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
