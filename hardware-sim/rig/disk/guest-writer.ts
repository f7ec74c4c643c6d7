/**
 * Runs in the guest: opens the station's real stores on the guest's own file system, says what they hold, and goes on from there.
 * Each deed that is durable is acknowledged on the console, until the emulator is killed or the deeds are done. Arguments: folder,
 * deeds to do at most.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes, type Subject, toHex } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import type { NationalCode } from '@sandoq/protocol/persian';
import { nationalCodeFrom } from '@sandoq/seeds';
import { openInHandFile } from '../../../station-app/src/admission/in-hand.ts';
import { openJournal } from '../../../station-app/src/admission/journal.ts';
import type { Admission } from '../../../station-app/src/admission/journal-cell.ts';
import { openEventLog, verifyEventLog } from '../../../station-app/src/stores/event-log.ts';
import { openRecordsStore } from '../../../station-app/src/stores/records-store.ts';
import { uniformBelowFrom } from '../../../station-app/src/stores/slot-map.ts';
import {
  DEEDS,
  GUEST_CONTESTS,
  GUEST_SEALED_BYTES,
  GUEST_VOTES_MAX,
  type GuestStores,
  guestBytes,
  isCleared,
  nextDeed,
  sealedOf,
} from './guest-deeds.ts';

const [root = '', most = '0'] = process.argv.slice(2);
const folder = join(root, 'station');
mkdirSync(folder, { recursive: true });
const packageDigest = guestBytes('package', 32);
const records = openRecordsStore(
  join(folder, 'records.sqlite'),
  {
    packageDigest,
    contests: GUEST_CONTESTS,
    sealedBytes: GUEST_SEALED_BYTES,
    votesMax: GUEST_VOTES_MAX,
  },
  { crypto: nodeCrypto, uniformBelow: uniformBelowFrom(nodeRandomness) },
);
const journal = openJournal({
  path: join(folder, 'admissions.sqlite'),
  crypto: nodeCrypto,
  random: nodeRandomness,
  packageDigest,
  admissionsMax: GUEST_VOTES_MAX,
});
const log = openEventLog({ path: join(folder, 'log.sqlite'), crypto: nodeCrypto, bucket: () => 0 });
const inHand = openInHandFile(join(folder, 'in-hand'), {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});

const codeOf = (vote: number): NationalCode => nationalCodeFrom(String(300_000_001 + vote)) as NationalCode;
const admissionOf = (vote: number): Admission => ({
  nationalCode: codeOf(vote),
  document: 'national_card',
  style: 0,
  visiting: false,
  helped: false,
  offline: false,
  bucket: 1_800_000_000,
  state: 'admitted',
  armings: 1,
  spoiled: 0,
  returned: 0,
  turn: 1,
  told: 'claimed',
  doubled: false,
});

const voteOfSealed = new Map<string, number>();
const voteOfCode = new Map<string, number>();
for (let vote = 0; vote < GUEST_VOTES_MAX; vote++) {
  voteOfSealed.set(toHex(sealedOf(vote)[0] as Uint8Array), vote);
  voteOfCode.set(codeOf(vote), vote);
}
const ascending = (a: number, b: number): number => a - b;

/** Reads everything back. @throws where a part of a vote is there and another is not */
function found(): GuestStores {
  const held = records.records();
  const stored = held.flatMap(({ sealed }) => voteOfSealed.get(toHex(sealed)) ?? []).sort(ascending);
  for (const vote of stored)
    for (const part of sealedOf(vote))
      if (!held.some(({ sealed }) => equalBytes(sealed, part))) throw new Error(`half of vote ${vote}`);
  if (held.length !== stored.length * GUEST_CONTESTS) throw new Error('records of no vote');
  const pending = records.pending()?.[0];
  const { left } = inHand;
  const lines = log.lines();
  const chain = verifyEventLog(lines, [], {
    crypto: nodeCrypto,
    directory: { find: () => undefined } as never,
    election: 'guest' as never,
    subject: 'guest' as Subject,
  });
  if (!chain.ok) throw new Error(`the log: ${chain.fault.code}`);
  return {
    stored,
    pending: pending === undefined ? null : (voteOfSealed.get(toHex(pending)) ?? -1),
    lines: lines.length,
    journal: journal
      .admissions()
      .map(({ nationalCode }) => voteOfCode.get(nationalCode) ?? -1)
      .sort(ascending),
    inHand: left?.kind === 'arm' ? (voteOfCode.get(left.admission.nationalCode) ?? -1) : null,
  };
}

async function perform(vote: number, deed: (typeof DEEDS)[number]): Promise<void> {
  switch (deed) {
    case 'in_hand':
      return inHand.write({ kind: 'arm', admission: admissionOf(vote) });
    case 'journal':
      journal.put(admissionOf(vote));
      return;
    case 'started':
      inHand.clear();
      log.append({ event: 'ballot_started' });
      return;
    case 'pending':
      return records.writePending(sealedOf(vote));
    case 'fate':
      if (isCleared(vote)) records.clearPending();
      else records.storePending(sealedOf(vote).map((_, i) => guestBytes(`signature ${vote} ${i}`, 64)));
      return;
    case 'ended':
      log.append({ event: isCleared(vote) ? 'ballot_rejected' : 'ballot_cast', counters: [vote + 1] });
  }
}

try {
  const stores = found();
  console.log(`FOUND ${JSON.stringify(stores)}`);
  const from = nextDeed(stores);
  for (let deed = from; deed < from + Number(most); deed++) {
    await perform(Math.floor(deed / DEEDS.length), DEEDS[deed % DEEDS.length] as (typeof DEEDS)[number]);
    console.log(`DONE ${deed + 1}`);
  }
  records.close();
  journal.close();
  log.close();
  inHand.close();
} catch (cause) {
  console.log(
    `FAILED ${cause instanceof Error ? (cause.stack ?? '').replaceAll('\n', ' | ') : String(cause)}`,
  );
  process.exitCode = 1;
}
