/** For tests: a bench, a province and stations of the demonstration, as real processes on real files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchClient, createBenchClient } from '@sandoq/hardware-sim';
import { type DayPlan, DEMONSTRATION_DATE, planDemonstration, VOTING_AGE_YEARS } from '../rig/day-plan.ts';
import type { Hands } from '../rig/hands.ts';
import { type RunningProcess, startProcess } from '../rig/processes.ts';
import {
  type Folders,
  foldersUnder,
  type Provisioned,
  provision,
  stationBench,
  writeRoll,
} from '../rig/provision.ts';
import { type CoreConfigs, coreConfigs, type StationOrder, startStation } from '../rig/station.ts';

export interface Rehearsal {
  readonly plan: DayPlan;
  readonly root: string;
  readonly folders: Folders;
  readonly provisioned: Provisioned;
  readonly provinceUrl: string;
  readonly bench: BenchClient;
  /** starts (again) the two cores of the first station */
  open(): Promise<Hands & { readonly configs: CoreConfigs }>;
  /** kills the bench, and with it the box, and starts it again */
  restartBench(): Promise<void>;
  /** everybody stops, and the files stay */
  stopAll(): Promise<void>;
  end(): Promise<void>;
}

/** One station of the demonstration with `voters` planned voters; nothing is opened yet. */
export async function rehearse(voters: number, seed: number): Promise<Rehearsal> {
  const root = mkdtempSync(join(tmpdir(), 'sandoq-test-'));
  const sockets = mkdtempSync(join(tmpdir(), 'sq-'));
  const whole = planDemonstration(voters, seed);
  const plan = { ...whole, stations: whole.stations.slice(0, 1) };
  const station = plan.stations[0] as (typeof plan.stations)[number];
  const folders = foldersUnder(root);
  const config = stationBench(folders, sockets, station.id, 'virtual', null);
  const control = join(sockets, 'control');
  const startBench = (stations: readonly unknown[]): Promise<RunningProcess> =>
    startProcess({
      name: 'bench',
      script: 'hardware-sim/bin/bench.ts',
      configPath: join(root, 'bench.json'),
      logPath: join(root, 'bench.log'),
      config: { data_folder: join(root, 'bench'), control_socket: control, panel: null, stations },
    });
  let bench = await startBench([]);
  let client = await createBenchClient(control);
  const provisioned = await provision(
    client,
    folders,
    plan.definition,
    plan.stations,
    () => config,
    () => undefined,
  );
  const rollPath = join(root, 'people.roll');
  writeRoll({ path: rollPath, admissionFolders: [folders.admission(station.id)] }, folders, {
    election: provisioned.election,
    electionDate: DEMONSTRATION_DATE,
    votingAgeYears: VOTING_AGE_YEARS,
    people: station.deal(),
  });
  await client.perform({ do: 'add_station', config });
  const province = await startProcess({
    name: 'province',
    script: 'tally-server/bin/server.ts',
    configPath: join(root, 'province.json'),
    logPath: join(root, 'province.log'),
    config: {
      data_folder: folders.province,
      host: '127.0.0.1',
      port: 0,
      authority_public_key: provisioned.authorityPublicKey,
      package_folders: [folders.package],
    },
  });
  const provinceUrl = String(province.ready['address']);
  const order: StationOrder = {
    folders,
    sockets,
    bench: config,
    authorityPublicKey: provisioned.authorityPublicKey,
    provinceUrl,
    rollPath,
  };
  const opened: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of opened.splice(0)) await stop();
    client.close();
    await Promise.all([bench.stop(), province.stop()]);
  };
  return {
    plan,
    root,
    folders,
    provisioned,
    provinceUrl,
    get bench() {
      return client;
    },
    async open() {
      const cores = await startStation(order);
      opened.push(() => cores.stop());
      return {
        get bench() {
          return client;
        },
        station: station.id,
        cores,
        configs: coreConfigs(order),
      };
    },
    async restartBench() {
      client.close();
      await bench.kill();
      bench = await startBench([config]);
      client = await createBenchClient(control);
    },
    stopAll,
    async end() {
      await stopAll();
      rmSync(root, { recursive: true, force: true });
      rmSync(sockets, { recursive: true, force: true });
    },
  };
}
