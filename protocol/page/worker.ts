/** Verifies off the page's own thread: a small folder by itself, a large one with workers of its own, one a core. */
import { fromHex, fromUtf8 } from '../src/codec/bytes.ts';
import { setMerkleHash } from '../src/codec/merkle.ts';
import { enrolPublicKey } from '../src/crypto/enrol.ts';
import { missingFiles } from '../src/verify/check-files.ts';
import type { JudgeAnswer } from '../src/verify/dealt.ts';
import { readerOf } from '../src/verify/publication.ts';
import { judgeTogether, resultMemory, type ShareFolder } from '../src/verify/share.ts';
import type { Verified, VerifyOrder } from '../src/verify/verdict.ts';
import { verifyInShares, verifyPublication } from '../src/verify/verify.ts';
import { verdictLines } from '../src/verify/words.ts';
import { browserChecks, judgeByBrowser } from './browser-checks.ts';
import { type Chosen, chooseCrypto } from './crypto.ts';
import { type PageJudges, pageJudges } from './judges.ts';
import type { VerifyAnswer, VerifyRequest, WorkerRequest } from './messages.ts';

declare const self: DedicatedWorkerGlobalScope;
const answer = (message: VerifyAnswer): void => self.postMessage(message);
const DIGITS = /^[0-9a-f]{64}$/i;
/** Below this many bytes workers cost more than they bring. */
const BYTES_WITH_WORKERS_MIN = 2 * 1024 * 1024;
const FILES_AT_ONCE = 256;

async function choose(): Promise<Chosen> {
  const chosen = await chooseCrypto();
  setMerkleHash(chosen.crypto.sha256);
  return chosen;
}
const chosen = choose();

/** A nation file by file is two hundred thousand small ones: one after another they would take longer than their checks. */
async function read(files: VerifyRequest['files']): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const all = [...files];
  const bytes = new Map<string, Uint8Array>();
  try {
    for (let at = 0; at < all.length; at += FILES_AT_ONCE) {
      const some = all.slice(at, at + FILES_AT_ONCE);
      const held = await Promise.all(some.map(([, file]) => file.arrayBuffer()));
      some.forEach(([path], i) => {
        bytes.set(path, new Uint8Array(held[i] as ArrayBuffer));
      });
      answer({ kind: 'reading', done: bytes.size, all: all.length });
    }
    return bytes;
  } catch {
    return undefined; // changed since it was chosen: the browser does not give it out
  }
}

const verified = async (order: VerifyOrder, judges: PageJudges | undefined): Promise<Verified> =>
  judges === undefined ? verifyPublication(order) : verifyInShares(order, judges);

async function verify({ files, authority, lots, source }: VerifyRequest): Promise<void> {
  let bytes = 0;
  for (const { size } of files.values()) bytes += size;
  const judges = bytes < BYTES_WITH_WORKERS_MIN ? undefined : pageJudges(source);
  try {
    const held = await read(files);
    if (held === undefined) return answer({ kind: 'unreadable' });
    const given = authority.trim();
    const inFolder = fromUtf8(held.get('package/authority.pub') ?? new Uint8Array(0))?.trim() ?? '';
    const text = given === '' ? inFolder : given;
    const key = DIGITS.test(text) ? fromHex(text) : undefined;
    if (given !== '' && (key === undefined || !enrolPublicKey(key))) return answer({ kind: 'key_malformed' });
    const { crypto, isReference } = await chosen;
    if (isReference && !(await browserChecks())) answer({ kind: 'slow' });
    const order: VerifyOrder = {
      reader: readerOf(held),
      crypto,
      authorityKey: key ?? new Uint8Array(32),
      keyFromFolder: given === '',
      lots: lots.trim() === '' ? null : lots.trim(),
      progress: (done, all) => answer({ kind: 'progress', done, all }),
    };
    const { verdict, provisioning } = await verified(order, judges);
    answer({
      kind: 'verdict',
      verdict,
      missing: verdict.ok ? { count: 0, first: '' } : missingFiles(order.reader),
      lines: {
        fa: verdictLines(verdict, provisioning, 'fa'),
        en: verdictLines(verdict, provisioning, 'en'),
      },
    });
  } finally {
    judges?.close();
  }
}

let folder: ShareFolder | undefined;
let hasEd25519: Promise<boolean> | undefined;
async function handle(request: WorkerRequest): Promise<void> {
  if (request.kind === 'verify') return verify(request);
  if (request.kind === 'folder') {
    folder = request.folder;
    return;
  }
  const { crypto } = await chosen;
  if (folder === undefined) throw new Error('a share before its folder');
  hasEd25519 ??= browserChecks();
  const { id, share } = request;
  const byBrowser = (await hasEd25519) ? await judgeByBrowser(folder, crypto, share) : undefined;
  const message: JudgeAnswer = { id, result: byBrowser ?? judgeTogether(folder, crypto, share) };
  self.postMessage(message, resultMemory(message.result));
}

self.onmessage = ({ data }: MessageEvent<WorkerRequest>) => {
  // Thrown where the page hears it, as an error of this thread.
  handle(data).catch((cause: unknown) => {
    setTimeout(() => {
      throw cause;
    });
  });
};
