/** Several stations' hardware in one process, and the control socket over them. */
import { mkdirSync } from 'node:fs';
import type { CardPorts } from '../cards/card.ts';
import type { Deed, RoomView } from '../control/deeds.ts';
import { serveControl } from '../control/server.ts';
import type { BoxSupply } from './box-host.ts';
import { type BenchConfig, STATIONS_MAX, type StationBenchConfig } from './config.ts';
import { BenchRefusal } from './refusal.ts';
import { StationBench } from './station.ts';

export interface BenchPorts {
  readonly cards: CardPorts;
  readonly randomBelow: (bound: number) => number;
  /** the supply of the box whose flash lies in this file, and which kind of box is wanted */
  readonly supplyOf: (flash: string, box: StationBenchConfig['box']) => BoxSupply;
  readonly log: (event: string, fields: Readonly<Record<string, string>>) => void;
}

export interface Bench {
  station(id: string): StationBench | undefined;
  readonly stations: () => readonly StationBench[];
  perform(deed: Deed, quiet?: boolean): Promise<unknown>;
  /** Called after a station has come or gone. */
  onStations(listener: () => void): void;
  close(): Promise<void>;
}

class RunningBench implements Bench {
  readonly #ports: BenchPorts;
  readonly #stations = new Map<string, StationBench>();
  readonly #listeners: (() => void)[] = [];

  constructor(ports: BenchPorts) {
    this.#ports = ports;
  }

  station(id: string): StationBench | undefined {
    return this.#stations.get(id);
  }

  stations(): readonly StationBench[] {
    return [...this.#stations.values()];
  }

  onStations(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async perform(deed: Deed, quiet = false): Promise<unknown> {
    if (deed.do === 'stations') return [...this.#stations.keys()];
    if (deed.do === 'add_station') return (await this.add(deed.config)).room();
    if (deed.do === 'remove_station') {
      const station = this.#found(deed.station);
      this.#stations.delete(deed.station);
      await station.close();
      this.#tell();
      return null;
    }
    return this.#found(deed.station).perform(deed, quiet);
  }

  watch(id: string, onChange: (view: RoomView) => void): () => void {
    const station = this.#found(id);
    return station.watch(() => onChange(station.room()));
  }

  async add(config: StationBenchConfig): Promise<StationBench> {
    const id = config.station_id;
    if (this.#stations.has(id)) throw new BenchRefusal('station_exists', id);
    if (this.#stations.size >= STATIONS_MAX) throw new BenchRefusal('too_many_stations');
    mkdirSync(config.folder, { recursive: true });
    const station = new StationBench({
      config,
      supply: this.#ports.supplyOf(config.box.flash, config.box),
      ports: this.#ports.cards,
      randomBelow: this.#ports.randomBelow,
      log: (event, detail) => this.#ports.log(event, { station: id, detail }),
    });
    this.#stations.set(id, station);
    try {
      await station.start();
    } catch (cause) {
      this.#stations.delete(id);
      await station.close();
      throw cause;
    }
    this.#tell();
    return station;
  }

  async close(): Promise<void> {
    const all = [...this.#stations.values()];
    this.#stations.clear();
    await Promise.all(all.map((station) => station.close()));
  }

  #found(id: string): StationBench {
    const station = this.#stations.get(id);
    if (station === undefined) throw new BenchRefusal('station_unknown', id);
    return station;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Everything of the config but the panel, which the process adds. */
export async function startBench(config: BenchConfig, ports: BenchPorts): Promise<Bench> {
  mkdirSync(config.data_folder, { recursive: true });
  const bench = new RunningBench(ports);
  try {
    for (const station of config.stations) await bench.add(station);
    const control = await serveControl(config.control_socket, bench);
    const closeStations = bench.close.bind(bench);
    return Object.assign(bench, {
      async close() {
        await control.close();
        await closeStations();
      },
    });
  } catch (cause) {
    await bench.close();
    throw cause;
  }
}
