/** Puts the admission process together from its config: folders, stores, reader, contract socket. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  admissionSubject,
  type Bytes,
  CLAIM_KEY_BYTES,
  type Subject,
  setKeyCheck,
  setMerkleHash,
} from '@sandoq/protocol';
import { nodeCrypto, nodeKeyCheck, nodeRandomness } from '@sandoq/protocol/node';
import type { RollFileFault } from '@sandoq/protocol/roll';
import { type AdmissionCalls, type AdmissionView, admissionCalls } from '../contract/admission.ts';
import type { AdmissionFault } from '../contract/codes-admission.ts';
import { type Handlers, serveContract } from '../contract/socket.ts';
import { systemClock } from '../devices/clock.ts';
import { reportLinkOf } from '../devices/reader-link.ts';
import type { CoreLog } from '../shells/run-core.ts';
import { type DeviceKey, openDeviceKey } from '../stores/device-key.ts';
import { readProvisioningFolder } from '../stores/provisioning-folder.ts';
import { openClaimsLine } from '../sync/claims-line.ts';
import { type AdmissionProcess, createAdmission } from './admission.ts';
import { keylessClaims, localClaims, type OpenClaims } from './claims.ts';
import type { AdmissionConfig } from './config.ts';
import type { AdmissionStores } from './context.ts';
import { type AdmissionElection, checkElection, type ElectionFault } from './election.ts';
import { refused } from './faults.ts';
import type { Journal } from './journal.ts';
import { provinceClaims } from './province-claims.ts';
import { closedRoll, openToEveryone, type Roll, readRoll } from './roll.ts';
import { eraseRollKey, readRollKey } from './roll-file.ts';
import { openAdmissionStores } from './stores.ts';
import { openTerminals, terminalsOf } from './terminals/open.ts';
import type { Terminals } from './terminals/terminals.ts';

/** A package that is not there yet, or not whole, is looked for again this often. */
export const PACKAGE_RETRY_MS = 2_000;

export interface RunningAdmission {
  close(): Promise<void>;
}

interface Loaded {
  readonly process: AdmissionProcess;
  readonly close: () => Promise<void>;
}

/** For enrolment: what the province must list. The secret key stays in the folder. */
export function enrolAdmission(
  folder: string,
  station: string,
  terminal = 1,
): { readonly subject: Subject; readonly publicKey: Bytes } {
  const { publicKey, secretKey } = openDeviceKey(folder, nodeCrypto, nodeRandomness);
  secretKey.fill(0);
  return { subject: admissionSubject(station, terminal), publicKey };
}

/** The key of the roll's positions, 0600, in the admission folder: it never travels with the roll. */
export const ROLL_KEY_FILE = 'roll.key';

/** What the officers are told: by what they can do about it. */
const FAULT_OF_ROLL: Readonly<Record<RollFileFault, AdmissionFault>> = {
  roll_missing: 'roll_missing',
  roll_key_missing: 'roll_key_wrong',
  roll_key_wrong: 'roll_key_wrong',
  roll_malformed: 'roll_refused',
  roll_not_signed: 'roll_refused',
  roll_index_damaged: 'roll_refused',
  roll_block_damaged: 'roll_refused',
  delta_malformed: 'roll_day_refused',
  delta_not_signed: 'roll_day_refused',
  delta_out_of_turn: 'roll_day_refused',
  delta_damaged: 'roll_day_refused',
};
const PACKAGE_FAULTS: readonly AdmissionFault[] = [
  'package_missing',
  'package_refused',
  'station_not_in_package',
  'device_not_in_package',
];

/** A package with a roll that cannot be read is not used: it would admit whom the roll refuses. */
function loadRoll(
  config: AdmissionConfig,
  election: AdmissionElection,
  journal: Journal,
): Roll | ElectionFault {
  if (config.roll_path === null) return openToEveryone;
  if (journal.station().phase === 'closed') return closedRoll;
  const key = readRollKey(join(config.data_folder, ROLL_KEY_FILE));
  if (key === undefined) return { code: 'roll_key_wrong', detail: `roll_key_missing: ${ROLL_KEY_FILE}` };
  const roll = readRoll(config.roll_path, key, election, nodeCrypto, Math.floor(systemClock.nowMs() / 1000));
  key.fill(0);
  return roll.ok
    ? roll.value
    : { code: FAULT_OF_ROLL[roll.fault.code], detail: `${roll.fault.code}: ${roll.fault.detail}` };
}

/** Names people to the province: 32 bytes, 0600, in the admission folder. The same at every station of the round. */
export const ROUND_KEY_FILE = 'round.key';

function claimsOf(
  config: AdmissionConfig,
  key: DeviceKey,
  { election, directory }: AdmissionElection,
  journal: Journal,
  terminals: Terminals | undefined,
): OpenClaims {
  if (config.province_url === null) return localClaims;
  const path = join(config.data_folder, ROUND_KEY_FILE);
  const roundKey = existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
  if (roundKey?.length !== CLAIM_KEY_BYTES) return keylessClaims;
  return provinceClaims({
    election,
    stationId: config.station_id,
    directory,
    crypto: nodeCrypto,
    random: nodeRandomness,
    clock: systemClock,
    secretKey: key.secretKey,
    roundKey,
    journal,
    terminals,
    wire: openClaimsLine(config.province_url, election),
  });
}

function withTerminals(
  config: AdmissionConfig,
  key: DeviceKey,
  log: CoreLog,
  election: AdmissionElection,
  stores: AdmissionStores,
): { readonly stores: AdmissionStores; readonly terminals: Terminals | undefined } {
  const order = config.terminals;
  if (order === undefined) return { stores, terminals: undefined };
  return openTerminals(
    {
      folder: config.data_folder,
      number: order.number,
      listen: order.listen ?? undefined,
      peers: order.peers.map(({ number: terminal, host, port }) => ({ terminal, host, port })),
      secondFolder: order.second_folder ?? undefined,
      election,
      secretKey: key.secretKey,
      crypto: nodeCrypto,
      random: nodeRandomness,
      clock: systemClock,
      onFailure: (cause) =>
        log('error', 'terminals failed', { error: cause instanceof Error ? cause.message : 'unknown' }),
    },
    stores,
  );
}

function load(
  config: AdmissionConfig,
  key: DeviceKey,
  log: CoreLog,
  onChange: () => void,
): Loaded | ElectionFault {
  const checked = checkElection(
    readProvisioningFolder(config.package_folder),
    nodeCrypto,
    {
      authorityKey: config.authority_public_key,
      stationId: config.station_id,
      devicePublicKey: key.publicKey,
      terminal: config.terminals?.number,
    },
    Math.floor(systemClock.nowMs() / 1000),
  );
  if (!checked.ok) return checked.fault;
  const election = checked.value;
  // A station of several must not be served by one that does not know of the others.
  if (terminalsOf(election) > 1 && config.terminals === undefined)
    return {
      code: 'package_refused',
      detail: 'the station has several terminals: wanted terminals in the config',
    };
  const own = openAdmissionStores(config.data_folder, election, {
    crypto: nodeCrypto,
    random: nodeRandomness,
    clock: systemClock,
  });
  const closeStores = (): void => {
    own.inHand.close();
    own.log.close();
    own.journal.close();
  };
  const roll = loadRoll(config, election, own.journal);
  if ('code' in roll) {
    closeStores();
    return roll;
  }
  const { stores, terminals } = withTerminals(config, key, log, election, own);
  const eraseKeyOnceClosed = (): void => {
    if (stores.journal.station().phase === 'closed') eraseRollKey(join(config.data_folder, ROLL_KEY_FILE));
  };
  eraseKeyOnceClosed();
  const process = createAdmission({
    election,
    deviceSecretKey: key.secretKey,
    crypto: nodeCrypto,
    random: nodeRandomness,
    clock: systemClock,
    links: { reader: reportLinkOf(config.reader) },
    stores,
    roll,
    terminals,
    claims: claimsOf(config, key, election, stores.journal, terminals),
    onChange: () => {
      eraseKeyOnceClosed();
      onChange();
    },
    onFailure: (what, cause) =>
      log('error', `${what} failed`, { error: cause instanceof Error ? cause.message : 'unknown' }),
  });
  return {
    process,
    async close() {
      await process.close();
      await terminals?.close();
      closeStores();
      roll.close();
    },
  };
}

const noPackage = (): never => {
  throw refused('no_package');
};

const emptyView = (config: AdmissionConfig, fault: ElectionFault | undefined): AdmissionView => ({
  view: 'admission',
  election: { id: '', title: { fa: '', en: '' }, demonstration: true },
  station: { id: config.station_id, name: { fa: '', en: '' } },
  mode: null,
  phase: 'no_package',
  ...(fault === undefined ? {} : { fault }),
  devices: [
    { id: 'admission_reader', state: 'not_configured', code: null },
    { id: 'province', state: 'not_configured', code: null },
  ],
  slots: { document: false, tarefe: false, executive: false, supervisor: false },
  unlocked: { executive: false, supervisor: false },
  state: 'idle',
  person: null,
  refusal: null,
  approvals: { executive: false, supervisor: false },
  styles: [],
  ledger: {
    admitted: 0,
    local: 0,
    visiting: 0,
    issued: 0,
    returned: 0,
    spoiled: 0,
    abandoned: 0,
    code_only: 0,
    offline: 0,
    helped: 0,
  },
  rate_per_hour: 0,
  next: {
    who: 'both',
    code: fault === undefined || PACKAGE_FAULTS.includes(fault.code) ? 'provide_package' : 'restore_roll',
  },
});

/** Serves at once; what is missing is said in the view and looked for again. @throws where a store is damaged */
export async function startAdmission(config: AdmissionConfig, log: CoreLog): Promise<RunningAdmission> {
  setKeyCheck(nodeKeyCheck);
  setMerkleHash(nodeCrypto.sha256);
  mkdirSync(config.data_folder, { recursive: true, mode: 0o700 });
  const key = openDeviceKey(config.data_folder, nodeCrypto, nodeRandomness);
  let loaded: Loaded | undefined;
  let changed = (): void => undefined;
  let cancelRetry = (): void => undefined;
  let lastFault: ElectionFault | undefined;
  const tryLoading = (): void => {
    const result = load(config, key, log, () => changed());
    if ('process' in result) {
      loaded = result;
      changed();
      return;
    }
    if (result.code !== lastFault?.code || result.detail !== lastFault.detail) {
      log('error', 'no package to work with', { ...result });
      lastFault = result;
      changed();
    }
    cancelRetry = systemClock.after(PACKAGE_RETRY_MS, tryLoading);
  };
  tryLoading();
  const names = Object.keys(admissionCalls) as (keyof AdmissionCalls)[];
  const handlers = Object.fromEntries(
    names.map((name) => [
      name,
      (input: never, role: never) => (loaded?.process.handlers[name] ?? noPackage)(input, role),
    ]),
  ) as unknown as Handlers<AdmissionCalls>;
  const server = await serveContract<AdmissionCalls>({
    path: config.socket,
    token: config.token,
    calls: admissionCalls,
    handlers,
    view: () => loaded?.process.view() ?? emptyView(config, lastFault),
    onFailure: (call, cause) =>
      log('error', 'a call failed', { call, error: cause instanceof Error ? cause.message : 'unknown' }),
  });
  changed = () => server.changed();
  return {
    async close() {
      cancelRetry();
      await server.close();
      await loaded?.close();
    },
  };
}
