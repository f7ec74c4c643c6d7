/** Verifies off the page's own thread: a small folder with the reference cryptography, a large one with helpers. */
import { fromHex, fromUtf8 } from '../src/codec/bytes.ts';
import { enrolPublicKey } from '../src/crypto/enrol.ts';
import { referenceCrypto } from '../src/crypto/reference.ts';
import { verifyInBulk } from '../src/verify/bulk.ts';
import { readerOf } from '../src/verify/publication.ts';
import { type Verified, type VerifyOrder, verifyPublication } from '../src/verify/verify.ts';
import { verdictLines } from '../src/verify/words.ts';
import { help, helpersFrom } from './help.ts';
import type { HelpRequest, VerifyAnswer, VerifyRequest } from './messages.ts';

declare const self: DedicatedWorkerGlobalScope;
const answer = (message: VerifyAnswer): void => self.postMessage(message);
const DIGITS = /^[0-9a-f]{64}$/i;
/** Below this the reference is done sooner than helpers are made, and asks nothing of the browser but to run it. */
const FILES_WITH_HELPERS_MIN = 300;

async function verified(order: VerifyOrder, source: string): Promise<Verified> {
  if (order.reader.names().length < FILES_WITH_HELPERS_MIN) return verifyPublication(order);
  const helpers = helpersFrom(source);
  try {
    return (await verifyInBulk(order, helpers)) ?? verifyPublication(order);
  } finally {
    helpers.close();
  }
}

async function verify({ files, authority, lots, source }: VerifyRequest): Promise<void> {
  const given = authority.trim();
  const inFolder = fromUtf8(files.get('package/authority.pub') ?? new Uint8Array(0))?.trim() ?? '';
  const text = given === '' ? inFolder : given;
  const key = DIGITS.test(text) ? fromHex(text) : undefined;
  if (given !== '' && (key === undefined || !enrolPublicKey(key))) return answer({ kind: 'key_malformed' });
  const order: VerifyOrder = {
    reader: readerOf(files),
    crypto: referenceCrypto,
    authorityKey: key ?? new Uint8Array(32),
    keyFromFolder: given === '',
    lots: lots.trim() === '' ? null : lots.trim(),
    progress: (done, all) => answer({ kind: 'progress', done, all }),
  };
  const { verdict, provisioning } = await verified(order, source);
  answer({
    kind: 'verdict',
    verdict,
    lines: {
      fa: verdictLines(verdict, provisioning, 'fa'),
      en: verdictLines(verdict, provisioning, 'en'),
    },
  });
}

self.onmessage = ({ data }: MessageEvent<VerifyRequest | HelpRequest>) => {
  const work = data.kind === 'verify' ? verify(data) : help(data).then((done) => self.postMessage(done));
  // Thrown where the page hears it, as an error of this thread.
  work.catch((cause: unknown) => {
    setTimeout(() => {
      throw cause;
    });
  });
};
