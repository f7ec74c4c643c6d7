/** A station's two cores, started by their command lines, with clients that act as its screens. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { StationBenchInput } from '@sandoq/hardware-sim';
import {
  type AdmissionCalls,
  type AdmissionView,
  admissionViewSchema,
  buildCores,
  type ContractClient,
  connectContract,
  coreFile,
  type OfficerView,
  officerViewSchema,
  type VoterView,
  type VotingCalls,
  voterViewSchema,
} from '@sandoq/station-app';
import type { CorePair } from './core-host.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import type { Folders } from './provision.ts';

export interface StationCores {
  readonly voting: RunningProcess;
  readonly admission: RunningProcess;
  readonly officer: ContractClient<VotingCalls, OfficerView>;
  readonly voter: ContractClient<VotingCalls, VoterView>;
  readonly desk: ContractClient<AdmissionCalls, AdmissionView>;
  stop(): Promise<void>;
}

export interface StationOrder {
  readonly folders: Folders;
  readonly sockets: string;
  readonly bench: StationBenchInput;
  readonly authorityPublicKey: string;
  readonly provinceUrl: string | null;
  readonly rollPath: string | null;
  /** the processor that its two cores are held to */
  readonly processor?: number | undefined;
  /** processes that serve one station after another; new ones where left out */
  readonly hosts?: CorePair | undefined;
  /** several terminals: the port that each listens on, in their order */
  readonly terminalPorts?: readonly number[];
}

export interface CoreConfigs {
  readonly voting: CoreConfig;
  readonly admission: CoreConfig;
  /** of the second terminal and those after it */
  readonly moreAdmissions: readonly CoreConfig[];
}

export interface CoreConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly socket: string;
  readonly token: string;
}

export function coreConfigs(order: StationOrder): CoreConfigs {
  const { folders, sockets, bench } = order;
  const station = bench.station_id;
  const shared = {
    station_id: station,
    package_folder: folders.package,
    authority_public_key: order.authorityPublicKey,
    province_url: order.provinceUrl,
  };
  const core = (name: string, data_folder: string, more: Readonly<Record<string, unknown>>): CoreConfig => {
    const socket = join(sockets, `${station}.${name}`);
    const token = randomBytes(24).toString('hex');
    return { config: { ...shared, ...more, data_folder, socket, token }, socket, token };
  };
  const readers = [bench.admission_reader_socket, ...(bench.more_admission_reader_sockets ?? [])];
  const [admission, ...moreAdmissions] = readers.map((path, i) =>
    core(i === 0 ? 'admission' : `admission-${i + 1}`, folders.admission(station, i + 1), {
      reader: { kind: 'socket', path },
      roll_path: order.rollPath,
      ...terminalsOf(order, i + 1, readers.length),
    }),
  );
  return {
    voting: core('voting', folders.voting(station), {
      box_path: bench.box.pty,
      role_reader: { kind: 'socket', path: bench.role_reader_socket },
    }),
    admission: admission as CoreConfig,
    moreAdmissions,
  };
}

/** The terminals of one station call each other on this machine: the higher number the lower. */
function terminalsOf({ terminalPorts }: StationOrder, number: number, total: number) {
  if (total === 1) return {};
  const address = (terminal: number) => {
    const port = terminalPorts?.[terminal - 1];
    if (port === undefined) throw new Error('several terminals, and no ports for them');
    return { host: '127.0.0.1', port };
  };
  const lower = Array.from({ length: number - 1 }, (_, i) => i + 1);
  return {
    terminals: {
      number,
      listen: address(number),
      peers: lower.map((terminal) => ({ number: terminal, ...address(terminal) })),
      second_folder: null,
    },
  };
}

let cores: Promise<unknown> | undefined;

/** Starts a core from the bundle of the sources as they are: built once a run, where it is stale. */
export async function startCore(
  order: StationOrder,
  name: 'voting' | 'admission',
  configs: CoreConfigs,
  terminal = 1,
): Promise<RunningProcess> {
  cores ??= buildCores();
  await cores;
  const station = order.bench.station_id;
  const folder =
    name === 'voting' ? order.folders.voting(station) : order.folders.admission(station, terminal);
  const config = terminal === 1 ? configs[name] : configs.moreAdmissions[terminal - 2];
  if (config === undefined) throw new Error('a terminal that is not configured');
  if (order.hosts !== undefined && terminal === 1)
    return order.hosts[name].start(config.config, join(folder, 'config.json'));
  return startProcess({
    name: terminal === 1 ? name : `${name}-${terminal}`,
    script: coreFile(name),
    config: config.config,
    configPath: join(folder, 'config.json'),
    logPath: join(folder, 'stderr.log'),
    processor: order.processor,
  });
}

export async function startStation(order: StationOrder): Promise<StationCores> {
  const configs = coreConfigs(order);
  const [voting, admission] = await Promise.all([
    startCore(order, 'voting', configs),
    startCore(order, 'admission', configs),
  ]);
  const officer = connectContract<VotingCalls, OfficerView>(
    configs.voting.socket,
    configs.voting.token,
    'executive',
    (raw) => officerViewSchema.parse(raw),
  );
  const voter = connectContract<VotingCalls, VoterView>(
    configs.voting.socket,
    configs.voting.token,
    'voter',
    (raw) => voterViewSchema.parse(raw),
  );
  const desk = connectContract<AdmissionCalls, AdmissionView>(
    configs.admission.socket,
    configs.admission.token,
    'executive',
    (raw) => admissionViewSchema.parse(raw),
  );
  return {
    voting,
    admission,
    officer,
    voter,
    desk,
    async stop() {
      officer.close();
      voter.close();
      desk.close();
      await Promise.all([voting.stop(), admission.stop()]);
    },
  };
}

export const VIEW_TIMEOUT_MS = 60_000;

/** Waits for a view that holds. @throws with the last view's code words where it does not come */
export function until<View extends object>(
  client: { onView(listener: (view: View) => void): () => void; readonly closed: Promise<void> },
  holds: (view: View) => boolean,
  what: string,
): Promise<View> {
  return new Promise((resolve, reject) => {
    let last: View | undefined;
    let off: (() => void) | undefined;
    const done = (act: () => void): void => {
      clearTimeout(timer);
      off?.();
      act();
    };
    const timer = setTimeout(
      () =>
        done(() =>
          reject(new Error(`waited in vain for ${what}; last view: ${JSON.stringify(last).slice(0, 1500)}`)),
        ),
      VIEW_TIMEOUT_MS,
    );
    void client.closed.then(() =>
      done(() => reject(new Error(`the core went away while waiting for ${what}`))),
    );
    let settled = false;
    off = client.onView((view) => {
      last = view;
      if (settled || !holds(view)) return;
      settled = true;
      queueMicrotask(() => done(() => resolve(view)));
    });
  });
}
