/** The voting process's stores in its data folder: one place that knows their names, for whoever opens them. */
import { join } from 'node:path';
import { type Crypto, type RandomBytes, sealedBytes } from '@sandoq/protocol';
import { openEventLog } from '../stores/event-log.ts';
import { openRecordsStore } from '../stores/records-store.ts';
import { uniformBelowFrom } from '../stores/slot-map.ts';
import { openStateStore } from '../stores/state-store.ts';
import type { VotingOptions } from './create-voting.ts';
import type { LoadedElection } from './election.ts';

export type VotingStores = VotingOptions['stores'];

export const RECORDS_FILE = 'records.sqlite';

/** @throws where a store is damaged or belongs to another package */
export function openVotingStores(
  folder: string,
  election: LoadedElection,
  ports: { readonly crypto: Crypto; readonly random: RandomBytes },
): VotingStores {
  const { crypto, random } = ports;
  const records = openRecordsStore(
    join(folder, RECORDS_FILE),
    {
      packageDigest: election.packageDigest,
      contests: election.package.contests.length,
      sealedBytes: sealedBytes(election.package.contests),
      votesMax: election.station.votesMax,
    },
    { crypto, uniformBelow: uniformBelowFrom(random) },
  );
  return {
    records,
    state: openStateStore(join(folder, 'state.sqlite')),
    openLog: (bucket) => openEventLog({ path: join(folder, 'log.sqlite'), crypto, bucket }),
  };
}
