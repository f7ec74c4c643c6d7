/** Stations one after another in a lane: opened, voted, closed, counted, and their processes kept for the next one. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import type { BenchClient } from '@sandoq/hardware-sim';
import type { BoxChoice } from './box-choice.ts';
import { CoreHost, type CorePair } from './core-host.ts';
import type { DayPlan, PlannedStation } from './day-plan.ts';
import { closeStation, type Hands, openStation, voteAll } from './hands.ts';
import { type Folders, type Provisioned, stationBench } from './provision.ts';
import { startStation } from './station.ts';

export interface Day {
  /** where each station's papers are left; undefined: nowhere */
  readonly papers: string | undefined;
  readonly box: BoxChoice;
  readonly plan: DayPlan;
  readonly folders: Folders;
  readonly sockets: string;
  readonly provisioned: Provisioned;
  readonly provinceUrl: string;
  readonly rollPath: (station: PlannedStation) => string | null;
}

export interface DayClock {
  firstAdmission: number | undefined;
  lastReceipt: number;
  votes: number;
  /** processor seconds by kind of process, over the whole day with its starts and counts */
  readonly cpu: { voting: number; admission: number };
}

/**
 * A lane's processes hand each message to and fro and seldom work at once: held to one processor they wake each other
 * without a signal between processors, which costs a virtual machine more than the message. undefined: any.
 */
export const processorOf = (lane: number): number | undefined =>
  process.platform === 'linux' ? lane % availableParallelism() : undefined;

/** A lane counts one station while the next one opens: two pairs of processes take turns. */
export function corePairs(root: string, lane: number): CorePair[] {
  const host = (name: 'voting' | 'admission', turn: number): CoreHost =>
    new CoreHost(name, join(root, `lane${lane}`, `${name}${turn}.log`), processorOf(lane));
  return [0, 1].map((turn) => ({ voting: host('voting', turn), admission: host('admission', turn) }));
}

export interface Lane {
  readonly bench: BenchClient;
  readonly processor: number | undefined;
  /** free ones */
  readonly pairs: CorePair[];
}

interface OpenStation {
  readonly station: PlannedStation;
  readonly hands: Hands;
  end(): Promise<void>;
}

async function open(
  day: Day,
  { bench, processor, pairs }: Lane,
  station: PlannedStation,
  clock: DayClock,
): Promise<OpenStation> {
  const config = stationBench(day.folders, day.sockets, station.id, 'virtual', null, day.box);
  await bench.perform({ do: 'add_station', config });
  const hosts = pairs.shift();
  const cores = await startStation({
    folders: day.folders,
    sockets: day.sockets,
    bench: config,
    authorityPublicKey: day.provisioned.authorityPublicKey,
    provinceUrl: day.provinceUrl,
    rollPath: day.rollPath(station),
    processor,
    hosts,
  });
  const end = async (): Promise<void> => {
    clock.cpu.voting += cores.voting.cpuSeconds();
    clock.cpu.admission += cores.admission.cpuSeconds();
    await cores.stop();
    if (hosts !== undefined) pairs.push(hosts);
    await bench.perform({ do: 'remove_station', station: station.id });
  };
  const hands = { bench, station: station.id, cores };
  try {
    await openStation(hands);
    return { station, hands, end };
  } catch (cause) {
    await end();
    throw cause;
  }
}

/** Printed when the receipt is there: what an officer would put into the envelope. */
async function leavePapers(into: string, folders: Folders, hands: Hands): Promise<void> {
  const folder = join(into, hands.station);
  mkdirSync(folder, { recursive: true });
  for (const form of ['zero_report', 'minutes', 'slip_pages'] as const) {
    const { file } = await hands.cores.officer.call('paper.print', { form, locale: 'fa' });
    copyFileSync(join(folders.voting(hands.station), 'out', file), join(folder, basename(file)));
  }
}

/**
 * One station after another. The next one opens while the last one counts and signs, as it would in the next room.
 * @returns how many recounts agreed
 */
export async function runLane(
  day: Day,
  lane: Lane,
  waiting: PlannedStation[],
  clock: DayClock,
  onClosed: () => void,
): Promise<number> {
  const openNext = (): Promise<OpenStation> | undefined => {
    const station = waiting.shift();
    return station === undefined ? undefined : open(day, lane, station, clock);
  };
  // A board at serial ports is one board.
  const overlaps = day.box.host !== 'serial';
  let agreed = 0;
  let coming = openNext();
  while (coming !== undefined) {
    const { station, hands, end } = await coming;
    coming = undefined;
    try {
      clock.firstAdmission ??= performance.now();
      await voteAll(hands, station.deal(), () => {
        clock.votes++;
      });
      if (overlaps) coming = openNext();
      const closed = await closeStation(hands, true);
      clock.lastReceipt = performance.now();
      if (day.papers !== undefined) await leavePapers(day.papers, day.folders, hands);
      if (closed.recountAgreed) agreed++;
      onClosed();
    } catch (cause) {
      await coming?.then(
        (opened) => opened.end(),
        () => undefined,
      );
      throw cause;
    } finally {
      await end();
    }
    coming ??= openNext();
  }
  return agreed;
}
