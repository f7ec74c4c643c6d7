/** The admission process's stores in its data folder: one place that knows their names, for whoever opens them. */
import { join } from 'node:path';
import type { Crypto, RandomBytes } from '@sandoq/protocol';
import type { Clock } from '../devices/clock.ts';
import { openEventLog } from '../stores/event-log.ts';
import { type AdmissionStores, currentBucket } from './context.ts';
import type { AdmissionElection } from './election.ts';
import { type InHandDisk, openInHandFile, systemDisk } from './in-hand.ts';
import { openJournal } from './journal.ts';

export interface AdmissionStorePorts {
  readonly crypto: Crypto;
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly disk?: InHandDisk;
}

/** @throws where a store is damaged or belongs to another package */
export function openAdmissionStores(
  folder: string,
  election: AdmissionElection,
  { crypto, random, clock, disk = systemDisk }: AdmissionStorePorts,
): AdmissionStores {
  const journal = openJournal({
    path: join(folder, 'admissions.sqlite'),
    crypto,
    random,
    packageDigest: election.packageDigest,
    admissionsMax: election.station.votesMax,
  });
  const inHand = openInHandFile(join(folder, 'in-hand'), clock, disk);
  const log = openEventLog({
    path: join(folder, 'log.sqlite'),
    crypto,
    bucket: () => currentBucket({ clock, election }),
  });
  return { journal, inHand, log };
}
