/** The verifier on a folder: `npm run verify -- DIR`. Files, keys and words only; the judgement is src/verify. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Bytes,
  enrolPublicKey,
  fromHex,
  fromUtf8,
  type NoteKey,
  type OnePublication,
  PUBLICATION_FILE_BYTES_MAX,
  PUBLICATION_FILES_MAX,
  PUBLICATIONS_MAX,
  type PublicationReader,
  parseNoteKey,
  peopleIn,
  referenceCrypto,
  setMerkleHash,
  type Verdict,
  type Verified,
  type VerifyOrder,
  verdictLines,
  verifyInShares,
  verifyPublication,
  wholeLines,
  wholeVerdict,
} from '@sandoq/protocol';
import { SEED_LENGTH_MAX } from '@sandoq/protocol/law';
import { nodeCrypto, type ThreadedJudges, threadedJudges } from '@sandoq/protocol/node';
import { LOCALES } from '@sandoq/protocol/persian';

const HELP = `Verifies a publication from its files alone: every signature, session, ledger and proof, the totals made again,
the counting law applied; or names what is wrong, where and whose. See protocol/docs/VERIFY.md.

  npm run --silent verify -- DIR [options]

DIR is a publication, or a folder of several: then each is verified, and all together.

  --authority KEY   the election authority's public key: 64 hexadecimal digits, or a file that holds them.
                    Without it the key in the folder is believed, and the verdict says so
  --lots SEED       the public seed of the lots; without it a tie stays a tie
  --seen FILE       a checkpoint of the bulletin that somebody kept; this one must continue it (repeatable)
  --witness KEY     a witness who must have signed the checkpoint: name+hash+key (repeatable)
  --reference       the reference cryptography instead of the machine's own: slower, same verdict
  --locale fa|en    one language instead of both
  --json            no words, only the verdict
  --help            this text

The last line on standard output is the verdict as JSON.
Exit: 0 everything agrees, 1 something does not, 2 wrong usage or a folder that cannot be read.
`;

const NOT_OK = 1;
const USAGE = 2;
const PROGRESS_SECONDS = 5;
/** Below this many bytes of slips and entries, threads cost more than they bring. */
const BYTES_IN_THREADS_MIN = 2 * 1024 * 1024;

class UsageFault extends Error {}

const own = (buffer: Buffer): Bytes => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

function bytesOf(file: string): Bytes {
  try {
    return own(readFileSync(file));
  } catch (thrown) {
    throw new UsageFault(`${JSON.stringify(file)} cannot be read: ${String(thrown)}`);
  }
}

/** Plain files only, by their path in the folder; each is read when it is asked for. */
function readerOf(folder: string): PublicationReader {
  const names: string[] = [];
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) continue;
      if (names.length === PUBLICATION_FILES_MAX)
        throw new UsageFault(`more than ${PUBLICATION_FILES_MAX} files in the folder`);
      names.push(relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
    }
  } catch (thrown) {
    if (thrown instanceof UsageFault) throw thrown;
    throw new UsageFault(`${JSON.stringify(folder)} cannot be read: ${String(thrown)}`);
  }
  names.sort();
  const known = new Set(names);
  return {
    names: () => names,
    read: (name) => {
      if (!known.has(name)) return undefined;
      const path = join(folder, name);
      const status = statSync(path, { throwIfNoEntry: false });
      if (status?.isFile() !== true || status.size > PUBLICATION_FILE_BYTES_MAX) return undefined;
      return own(readFileSync(path));
    },
  };
}

/** Whether threads are worth their start: by the size of what they would judge, in packs or file by file. */
function isLarge(folder: string, names: readonly string[]): boolean {
  let bytes = 0;
  for (const name of names) {
    if (!/^(packs|slips|package\/stations)\//.test(name)) continue;
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
    if (bytes >= BYTES_IN_THREADS_MIN) return true;
  }
  return false;
}

/** @param given digits or a file; undefined: what the folder itself says, whether or not that is a key */
function authorityKey(reader: PublicationReader, given: string | undefined): Bytes {
  const digits = /^[0-9a-f]{64}$/i;
  if (given === undefined) {
    const text = fromUtf8(reader.read('package/authority.pub') ?? new Uint8Array(0))?.trim() ?? '';
    return digits.test(text) ? (fromHex(text) as Bytes) : new Uint8Array(32);
  }
  const text = digits.test(given) ? given : (fromUtf8(bytesOf(given))?.trim() ?? '');
  const key = digits.test(text) ? fromHex(text) : undefined;
  if (key === undefined || !enrolPublicKey(key))
    throw new UsageFault(
      '--authority wants an Ed25519 public key as 64 hexadecimal digits, or a file of them',
    );
  return key;
}

function witnessKey(text: string): NoteKey {
  const key = parseNoteKey(text);
  if (key?.type !== 'witness')
    throw new UsageFault(`--witness wants name+hash+key, not ${JSON.stringify(text)}`);
  return key;
}

/**
 * The publications of a folder that is none itself, by name; empty where it is one, or holds none. A folder beside
 * them that is no publication is one that does not hold: it is verified, and named.
 */
function publicationsIn(folder: string): readonly string[] {
  const isOne = (path: string): boolean =>
    existsSync(join(path, 'index.json')) || existsSync(join(path, 'package', 'package.cose'));
  if (isOne(folder)) return [];
  const entries = (() => {
    try {
      return readdirSync(folder, { withFileTypes: true });
    } catch (thrown) {
      throw new UsageFault(`${JSON.stringify(folder)} cannot be read: ${String(thrown)}`);
    }
  })();
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (!names.some((name) => isOne(join(folder, name)))) return [];
  if (names.length > PUBLICATIONS_MAX)
    throw new UsageFault(`more than ${PUBLICATIONS_MAX} publications in the folder`);
  return names.sort();
}

function optionsOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        authority: text,
        lots: text,
        seen: { ...text, multiple: true },
        witness: { ...text, multiple: true },
        reference: flag,
        locale: text,
        json: flag,
        help: flag,
      },
    });
  } catch (thrown) {
    throw new UsageFault(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function progress(): (done: number, all: number) => void {
  let last = performance.now();
  return (done, all) => {
    if (performance.now() - last < PROGRESS_SECONDS * 1000) return;
    last = performance.now();
    process.stderr.write(`${done} of ${all} stations\n`);
  };
}

/** Threads for all publications of a run: made for the first that is large, at once, while its files are read. */
let judges: ThreadedJudges | undefined;

/** The reference judges on this thread alone, so that nothing of the fast way is believed. */
async function verified(
  folder: string,
  orderOf: (reader: PublicationReader) => VerifyOrder,
  byReference: boolean,
): Promise<Verified & { readonly reader: PublicationReader }> {
  const reader = readerOf(folder);
  const inThreads = !byReference && isLarge(folder, reader.names());
  if (inThreads) judges ??= threadedJudges();
  const order = orderOf(reader);
  const found =
    inThreads && judges !== undefined ? await verifyInShares(order, judges) : verifyPublication(order);
  return { ...found, reader };
}

async function main(): Promise<number> {
  const { values, positionals } = optionsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new UsageFault('one folder is wanted');
  const locale = LOCALES.find((known) => known === values.locale);
  if (values.locale !== undefined && locale === undefined) throw new UsageFault('--locale wants fa or en');
  const { lots = null } = values;
  if (
    lots !== null &&
    (lots.length === 0 || lots.length > SEED_LENGTH_MAX || /[\p{Cc}\u2028\u2029]/u.test(lots))
  )
    throw new UsageFault(
      `--lots wants text of 1 to ${SEED_LENGTH_MAX} characters without control characters`,
    );
  // The reference hashes by itself, too.
  if (values.reference !== true) setMerkleHash(nodeCrypto.sha256);
  const orderOf = (reader: PublicationReader): VerifyOrder => ({
    reader,
    crypto: values.reference === true ? referenceCrypto : nodeCrypto,
    authorityKey: authorityKey(reader, values.authority),
    keyFromFolder: values.authority === undefined,
    lots,
    witnesses: (values.witness ?? []).map(witnessKey),
    seen: new Map((values.seen ?? []).map((file) => [file, bytesOf(file)])),
    progress: progress(),
  });
  const languages = values.json === true ? [] : locale === undefined ? LOCALES : [locale];
  const say = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n\n`);
  const check = async (path: string): Promise<{ verdict: Verdict; reader: PublicationReader }> => {
    const { verdict, provisioning, reader } = await verified(path, orderOf, values.reference === true);
    for (const language of languages) say(verdictLines(verdict, provisioning, language));
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
    return { verdict, reader };
  };
  const folders = publicationsIn(folder);
  if (folders.length === 0) return (await check(folder)).verdict.ok ? 0 : NOT_OK;
  if ((values.seen ?? []).length > 0)
    throw new UsageFault('--seen is about one bulletin: name its publication, not the folder of all');
  const all: OnePublication[] = [];
  for (const name of folders) {
    if (languages.length > 0) process.stdout.write(`${JSON.stringify(name)}\n`);
    const { verdict, reader } = await check(join(folder, name));
    const people = verdict.ok ? peopleIn(reader.read('totals.json')) : undefined;
    all.push({ folder: name, verdict, people });
  }
  const whole = wholeVerdict(all);
  for (const language of languages) say(wholeLines(whole, language));
  process.stdout.write(`${JSON.stringify(whole)}\n`);
  return whole.ok ? 0 : NOT_OK;
}

try {
  process.exitCode = await main();
} catch (thrown) {
  if (!(thrown instanceof UsageFault)) throw thrown;
  process.stderr.write(`verify: ${thrown.message}\nSee --help.\n`);
  process.exitCode = USAGE;
} finally {
  await judges?.close();
}
