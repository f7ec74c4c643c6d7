// A records store filled vote by vote in a given order, by a process that is killed at any moment and started again: it
// goes on where the file says that it is. Every vote has its own slots. Arguments: file, votes, seed of the order.
import { type Bytes, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { openRecordsStore, type RecordsLayout } from '../../station-app/src/stores/records-store.ts';
import { shuffledOrder } from './shuffled.ts';

const CONTESTS = 2;
const SLOTS_SEED = 4;

export const storeLayoutOf = (votes: number): RecordsLayout => ({
  packageDigest: new Uint8Array(32).fill(7),
  contests: CONTESTS,
  sealedBytes: 150,
  votesMax: votes + 5,
});

const bytesOf = (name: string, length: number): Bytes =>
  Uint8Array.from(
    { length },
    (_, i) => nodeCrypto.sha256(Buffer.from(`${name} ${i >> 5}`))[i & 31] as number,
  );
const sealedOf = (vote: number): Bytes[] =>
  [0, 1].map((contest) => bytesOf(`sealed ${vote} ${contest}`, 150));
const signaturesOf = (vote: number): Bytes[] =>
  [0, 1].map((contest) => bytesOf(`signature ${vote} ${contest}`, 64));

if (import.meta.main) {
  const [path = '', count = '0', seed = '0'] = process.argv.slice(2);
  const votes = Number(count);
  const rows = shuffledOrder((votes + 5) * CONTESTS, SLOTS_SEED);
  const slotsOf = (vote: number): number[] => rows.slice(vote * CONTESTS, (vote + 1) * CONTESTS);
  const taken = new Set<number>();
  let draws: number[] = [];
  const store = openRecordsStore(path, storeLayoutOf(votes), {
    crypto: nodeCrypto,
    uniformBelow: () => {
      const slot = draws.shift() as number;
      return slot - [...taken].filter((other) => other < slot).length;
    },
  });
  const voteOf = new Map(
    Array.from({ length: votes }, (_, vote) => [toHex(sealedOf(vote)[0] as Bytes), vote]),
  );
  const done = new Set<number>();
  for (const { sealed } of store.records()) {
    const vote = voteOf.get(toHex(sealed));
    if (vote === undefined) continue;
    done.add(vote);
    for (const slot of slotsOf(vote)) taken.add(slot);
  }
  const keep = (vote: number): void => {
    draws = slotsOf(vote);
    store.storePending(signaturesOf(vote));
    for (const slot of slotsOf(vote)) taken.add(slot);
    done.add(vote);
  };
  const pending = store.pending()?.[0];
  process.stdout.write('running\n');
  if (pending !== undefined) keep(voteOf.get(toHex(pending)) as number);
  for (const vote of shuffledOrder(votes, Number(seed))) {
    if (done.has(vote)) continue;
    store.writePending(sealedOf(vote));
    keep(vote);
  }
  store.close();
  process.stdout.write('done\n');
}
