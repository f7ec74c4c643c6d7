/** Verifies off the page's own thread, with the reference cryptography: nothing is asked of the browser but to run it. */
import { fromHex, fromUtf8 } from '../src/codec/bytes.ts';
import { enrolPublicKey } from '../src/crypto/enrol.ts';
import { referenceCrypto } from '../src/crypto/reference.ts';
import { readerOf } from '../src/verify/publication.ts';
import { verifyPublication } from '../src/verify/verify.ts';
import { verdictLines } from '../src/verify/words.ts';
import type { VerifyAnswer, VerifyRequest } from './messages.ts';

declare const self: DedicatedWorkerGlobalScope;
const answer = (message: VerifyAnswer): void => self.postMessage(message);
const DIGITS = /^[0-9a-f]{64}$/i;

self.onmessage = ({ data }: MessageEvent<VerifyRequest>) => {
  const { files, authority, lots } = data;
  const given = authority.trim();
  const inFolder = fromUtf8(files.get('package/authority.pub') ?? new Uint8Array(0))?.trim() ?? '';
  const text = given === '' ? inFolder : given;
  const key = DIGITS.test(text) ? fromHex(text) : undefined;
  if (given !== '' && (key === undefined || !enrolPublicKey(key))) return answer({ kind: 'key_malformed' });
  const { verdict, provisioning } = verifyPublication({
    reader: readerOf(files),
    crypto: referenceCrypto,
    authorityKey: key ?? new Uint8Array(32),
    keyFromFolder: given === '',
    lots: lots.trim() === '' ? null : lots.trim(),
    progress: (done, all) => answer({ kind: 'progress', done, all }),
  });
  answer({
    kind: 'verdict',
    verdict,
    lines: {
      fa: verdictLines(verdict, provisioning, 'fa'),
      en: verdictLines(verdict, provisioning, 'en'),
    },
  });
};
