/** `npm run lab -- bits`: single bits changed anywhere in a publication's files; each must be found and its file named. */
import { parseArgs } from 'node:util';
import { type Bytes, readerOf, verifyPublication } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { AUTHORITY_KEY } from '../../tally-server/test/province.ts';
import { SmallPublication } from '../test/publication-builder.ts';

const HELP = `usage: npm run lab -- bits [--changes N] [--seed N]

Publishes a small election by the real server: package, slips, a correction, receipts, sums, outcome, bulletin. Then
changes one bit N times (1,000), half of them in a file drawn by chance, half at a byte drawn by chance over all files,
and verifies each time. Kept: each change is found, and the file that was changed is named.
`;

const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1405' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [changes, seed] = [Number(values.changes), Number(values.seed)];
if (!Number.isInteger(changes) || changes < 1 || !Number.isInteger(seed)) {
  process.stderr.write(HELP);
  process.exit(2);
}

let state = seed >>> 0;
/** A whole number below `limit` (a linear congruence is chance enough for places). */
function below(limit: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 4_294_967_296) * limit);
}

const small = new SmallPublication();
try {
  await small.start();
  await small.send('s3', 25, 3);
  const first = small.publish();
  const { address, election } = small.province;
  const corrected = await fetch(`${address}/api/elections/${election}/corrections`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.from(small.correction(first, 's1')),
  });
  if (corrected.status !== 201) throw new Error('the correction was not taken');
  const honest = small.publish();
  const verdictOf = (files: ReadonlyMap<string, Bytes>) =>
    verifyPublication({
      reader: readerOf(files),
      crypto: nodeCrypto,
      authorityKey: AUTHORITY_KEY,
      keyFromFolder: false,
      lots: null,
    }).verdict;
  if (!verdictOf(honest).ok) throw new Error('the honest publication does not hold');
  const files = [...honest];
  const bytes = files.reduce((sum, [, content]) => sum + content.length, 0);
  const touched = new Set<string>();
  const missed: string[] = [];
  const misnamed: string[] = [];
  for (let i = 0; i < changes; i++) {
    let place = below(bytes);
    let [name, content] = files[below(files.length)] as [string, Bytes];
    if (i % 2 === 0) {
      for ([name, content] of files) {
        if (place < content.length) break;
        place -= content.length;
      }
    } else place = below(content.length);
    const bent = Uint8Array.from(content);
    bent[place] = (bent[place] as number) ^ (1 << below(8));
    const verdict = verdictOf(new Map(honest).set(name, bent));
    touched.add(name);
    if (verdict.ok) missed.push(`${name} byte ${place}`);
    else if (!verdict.faults.some(({ file }) => file === name)) misnamed.push(`${name} byte ${place}`);
    if (i % 250 === 249) process.stderr.write(`  ${i + 1} changes\n`);
  }
  const figures = {
    changes,
    files: files.length,
    files_changed: touched.size,
    bytes,
    not_found: missed,
    found_but_file_not_named: misnamed,
  };
  const ok = missed.length === 0 && misnamed.length === 0;
  process.stdout.write(`${JSON.stringify({ name: 'bits', ok, figures })}\n`);
  process.exitCode = ok ? 0 : 1;
} finally {
  await small.province.remove();
}
