/** Puts the terminals of one desk together: links, second disk, what others had in hand. */
import { join } from 'node:path';
import type { Bytes, Crypto, RandomBytes } from '@sandoq/protocol';
import type { Clock } from '../../devices/clock.ts';
import type { AdmissionStores } from '../context.ts';
import type { AdmissionElection } from '../election.ts';
import { openInHandFile } from '../in-hand.ts';
import { openPeerLinks, type PeerAddress } from './peer-links.ts';
import { openSecondDisk } from './second-disk.ts';
import { sharedJournal } from './shared-journal.ts';
import { Terminals } from './terminals.ts';

export interface TerminalsOrder {
  readonly folder: string;
  readonly number: number;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly peers: readonly PeerAddress[];
  readonly secondFolder: string | undefined;
  readonly election: AdmissionElection;
  readonly secretKey: Bytes;
  readonly crypto: Crypto;
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly onFailure: (cause: unknown) => void;
}

/** How many admission terminals the station's signed entry lists. */
export const terminalsOf = ({ station }: AdmissionElection): number =>
  station.devices.filter(({ purpose }) => purpose === 'admission').length;

/** @returns the terminals, and the stores with the journal that all of them keep */
export function openTerminals(
  order: TerminalsOrder,
  stores: AdmissionStores,
): { readonly terminals: Terminals; readonly stores: AdmissionStores } {
  const { folder, number: here, election, crypto, random, clock } = order;
  const total = terminalsOf(election);
  const others = Array.from({ length: total }, (_, i) => i + 1).filter((one) => one !== here);
  const inHandOf = new Map(
    others.map((terminal) => [terminal, openInHandFile(join(folder, `in-hand-of-${terminal}`), clock)]),
  );
  const disk =
    order.secondFolder === undefined
      ? undefined
      : openSecondDisk({
          folder: order.secondFolder,
          clock,
          journal: {
            crypto,
            random,
            packageDigest: election.packageDigest,
            admissionsMax: election.station.votesMax,
          },
        });
  const terminals = new Terminals({
    here,
    total,
    journal: stores.journal,
    clock,
    inHandOf,
    disk,
    links: (events) =>
      openPeerLinks({
        here,
        listen: order.listen,
        peers: order.peers,
        clock,
        session: {
          crypto,
          random,
          station: election.station.id,
          here,
          packageDigest: election.packageDigest,
          secretKey: order.secretKey,
          directory: election.directory,
          atSeconds: () => Math.floor(clock.nowMs() / 1000),
        },
        onFailure: order.onFailure,
        ...events,
      }),
  });
  return { terminals, stores: { ...stores, journal: sharedJournal(stores.journal, terminals) } };
}
