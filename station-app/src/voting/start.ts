/** Puts the voting process together from its config: folders, stores, links, contract socket. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ProvisioningFiles, setKeyCheck, setMerkleHash, toHex, votingSubject } from '@sandoq/protocol';
import { nodeCrypto, nodeKeyCheck, nodeRandomness } from '@sandoq/protocol/node';
import { type Handlers, Refused, serveContract } from '../contract/socket.ts';
import { type OfficerView, type VoterView, type VotingCalls, votingCalls } from '../contract/voting.ts';
import { serialLinkOf } from '../devices/byte-link.ts';
import { systemClock } from '../devices/clock.ts';
import { reportLinkOf } from '../devices/reader-link.ts';
import { reportPrinterAt } from '../devices/report-printer.ts';
import { writeVerified } from '../outputs/export.ts';
import type { CoreLog } from '../shells/run-core.ts';
import { readCandidatePictures } from '../stores/candidate-pictures.ts';
import { type DeviceKey, openDeviceKey } from '../stores/device-key.ts';
import { readProvisioningFolder, withAmendments } from '../stores/provisioning-folder.ts';
import { sendBundleTo } from '../sync/province.ts';
import { createAmender } from './amending.ts';
import type { VotingConfig } from './config.ts';
import { createVoting, type Voting } from './create-voting.ts';
import { type ElectionFault, type LoadedElection, loadElection } from './election.ts';
import { scrubMemory, scrubSocketBuffer } from './hardening.ts';
import { softwareHash } from './software-hash.ts';
import { spawnRecountWith } from './spawn-recount.ts';
import { openVotingStores, RECORDS_FILE } from './stores.ts';

/** A package that is not there yet, or not whole, is looked for again this often. */
export const PACKAGE_RETRY_MS = 2_000;

export interface RunningVoting {
  close(): Promise<void>;
}

/** The package folder, with the amendments that were brought here during the day and kept beside the records. */
const provisioningOf = (config: VotingConfig): ProvisioningFiles =>
  withAmendments(readProvisioningFolder(config.package_folder), config.data_folder);

function assemble(
  config: VotingConfig,
  key: DeviceKey,
  election: LoadedElection,
  onChange: () => void,
): Voting {
  const data = (name: string): string => join(config.data_folder, name);
  const amender = createAmender(
    {
      files: () => provisioningOf(config),
      keep: (file, bytes) => writeVerified(data(file), bytes),
      authorityKey: config.authority_public_key,
      stationId: config.station_id,
      devicePublicKey: key.publicKey,
    },
    nodeCrypto,
  );
  return createVoting({
    amender,
    clock: systemClock,
    random: nodeRandomness,
    crypto: nodeCrypto,
    election,
    pictures: readCandidatePictures(config.package_folder, election.candidateLists, nodeCrypto),
    identity: {
      subject: votingSubject(config.station_id),
      secretKey: key.secretKey,
      softwareHash: softwareHash(),
    },
    links: { box: serialLinkOf(config.box_path), roleReader: reportLinkOf(config.role_reader) },
    stores: openVotingStores(config.data_folder, election, { crypto: nodeCrypto, random: nodeRandomness }),
    outFolder: data('out'),
    sendBundle: config.province_url === null ? null : sendBundleTo(config.province_url, election.election),
    spawnRecount: spawnRecountWith({
      stationId: config.station_id,
      packageFolder: config.package_folder,
      amendmentsFolder: config.data_folder,
      authorityPublicKeyHex: toHex(config.authority_public_key),
      storePath: data(RECORDS_FILE),
      roleReader: config.role_reader,
    }),
    reportPrinter:
      config.report_printer === null
        ? null
        : reportPrinterAt(config.report_printer.path, config.report_printer.width_dots),
    scrubMemory: () => {
      scrubSocketBuffer(config.socket);
      scrubMemory();
    },
    onChange,
  });
}

const headWithout = (config: VotingConfig) => ({
  election: { id: '', title: { fa: '', en: '' }, demonstration: true },
  station: { id: config.station_id, name: { fa: '', en: '' } },
  mode: null,
  public_count: 0,
});

const officerViewWithout = (config: VotingConfig, fault: string): OfficerView => ({
  ...headWithout(config),
  view: 'voting_officer',
  phase: 'no_package',
  counters: null,
  devices: [
    { id: 'box', state: 'not_configured', code: null },
    { id: 'role_reader', state: 'not_configured', code: null },
    { id: 'province', state: 'not_configured', code: null },
  ],
  checklist: [
    fault === 'package_missing'
      ? { id: 'package_checked', state: 'waiting', code: null }
      : { id: 'package_checked', state: 'fault', code: fault },
  ],
  progress: null,
  voter: 'none',
  step: null,
  approvals: [],
  role_cards: [],
  fault: { code: fault },
  next: { who: 'both', code: 'provide_package' },
  zero_report: null,
  slip: null,
  recount: 'not_done',
  outbox: { state: 'empty', tries: 0, code: null, receipt_digest: null },
  opens_at: null,
  closes_at: null,
});

const voterViewWithout = (config: VotingConfig): VoterView => ({
  ...headWithout(config),
  view: 'voting_voter',
  phase: 'not_open',
  code: null,
  contests: [],
  choices: [],
  idle_left_ms: null,
  alert: false,
  corrections_left: null,
  key: null,
  keypad: null,
});

/** Serves at once; a missing package is said in the view and looked for again. @throws where a store is damaged */
export async function startVoting(config: VotingConfig, log: CoreLog): Promise<RunningVoting> {
  setKeyCheck(nodeKeyCheck);
  setMerkleHash(nodeCrypto.sha256);
  mkdirSync(config.data_folder, { recursive: true, mode: 0o700 });
  const key = openDeviceKey(config.data_folder, nodeCrypto, nodeRandomness);
  let voting: Voting | undefined;
  let fault: ElectionFault = { code: 'package_missing', detail: '' };
  let changed = (): void => undefined;
  let cancelRetry = (): void => undefined;
  const tryLoading = (): void => {
    const loaded = loadElection(
      {
        files: provisioningOf(config),
        authorityKey: config.authority_public_key,
        stationId: config.station_id,
        devicePublicKey: key.publicKey,
      },
      nodeCrypto,
      Math.floor(systemClock.nowMs() / 1000),
    );
    if (loaded.ok) voting = assemble(config, key, loaded.value, () => changed());
    else {
      if (loaded.fault.detail !== fault.detail) log('error', 'no package to work with', { ...loaded.fault });
      fault = loaded.fault;
      cancelRetry = systemClock.after(PACKAGE_RETRY_MS, tryLoading);
    }
    changed();
  };
  tryLoading();
  const names = Object.keys(votingCalls) as (keyof VotingCalls)[];
  const handlers = Object.fromEntries(
    names.map((name) => [
      name,
      (input: never, role: never) => {
        if (voting === undefined) throw new Refused('no_package');
        return voting.handlers[name](input, role);
      },
    ]),
  ) as unknown as Handlers<VotingCalls>;
  const server = await serveContract<VotingCalls>({
    path: config.socket,
    token: config.token,
    calls: votingCalls,
    handlers,
    view: (role) =>
      voting?.view(role) ??
      (role === 'voter' ? voterViewWithout(config) : officerViewWithout(config, fault.code)),
    onFailure: (call, cause) =>
      log('error', 'a call failed', { call, error: cause instanceof Error ? cause.message : 'unknown' }),
  });
  changed = () => server.changed();
  return {
    async close() {
      cancelRetry();
      await server.close();
      voting?.close();
    },
  };
}
