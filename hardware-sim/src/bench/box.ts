/**
 * One ballot box on the bench: a core behind its doors, the metal around it, its serial cable, and the facts that outlive
 * the bench process. The paper's picture does not: it is the voter's, and no file of ours may hold it.
 */
import { join } from 'node:path';
import {
  type Bytes,
  createFrameReader,
  decodeBoxMessage,
  encodeFrame,
  encodeRequest,
  failure,
  PORTS,
  type Result,
  success,
} from '@sandoq/protocol';
import { z } from 'zod';
import { createSerialCable, type SerialCable } from '../links/serial-cable.ts';
import { createMechanics, FRESH_FACTS, type Mechanics, type MechanicsFacts } from '../mechanics/mechanics.ts';
import { MechanicsViolation } from '../mechanics/printer.ts';
import { realSchedule, virtualSchedule } from '../mechanics/schedule.ts';
import type { BoxHost, BoxSupply } from './box-host.ts';
import type { StationBenchConfig } from './config.ts';
import { type FactFile, openFactFile } from './fact-file.ts';

/** The core answers in milliseconds; making its key takes tens of them. */
export const PROVISION_TIMEOUT_MS = 30_000;

const count = z.int().min(0);
const storedSchema = z.strictObject({
  power: z.boolean(),
  window: z.enum(['empty', 'paper', 'jammed']),
  overprinted: z.boolean(),
  incomplete: z.boolean(),
  inHead: z.boolean(),
  lidOpen: z.boolean(),
  paperOut: z.boolean(),
  bins: z.strictObject({ bin: count, rejected: count, retained: count }),
  takenOut: count,
}) satisfies z.ZodType<MechanicsFacts & { readonly power: boolean }>;

export interface BenchBox {
  readonly mechanics: Mechanics;
  readonly cable: SerialCable;
  powered(): boolean;
  power(on: boolean): void;
  /** why the box was stopped: its firmware asked the metal for something impossible */
  firmwareFault(): string | null;
  /** PROVISION over the box's own host port, before anyone is connected. @returns its public key. */
  provision(authorityKey: Bytes, subject: string): Promise<Result<Bytes, string>>;
  close(): Promise<void>;
}

export interface BenchBoxSettings {
  readonly config: StationBenchConfig;
  readonly supply: BoxSupply;
  readonly onChange: () => void;
  readonly log: (event: string, detail: string) => void;
  readonly randomBelow: (bound: number) => number;
}

class SimulatedBox implements BenchBox {
  readonly mechanics: Mechanics;
  readonly cable: SerialCable;
  readonly #settings: BenchBoxSettings;
  readonly #file: FactFile;
  #core: BoxHost | undefined;
  /** The last core has let go of its flash. */
  #gone: Promise<void> = Promise.resolve();
  #fault: string | null = null;
  /** Takes what the core says on the host port in the workshop, in the place of the cable. */
  #workshop: ((bytes: Bytes) => void) | undefined;

  constructor(settings: BenchBoxSettings) {
    const { config } = settings;
    this.#settings = settings;
    this.#file = openFactFile(join(config.folder, 'box.facts'));
    const raw = this.#file.read();
    const stored = raw === undefined ? { power: true, ...FRESH_FACTS } : storedSchema.parse(raw);
    const { power, ...facts } = stored;
    this.cable = createSerialCable({
      pty: config.box.pty,
      onData: (bytes) => this.#core?.receive(PORTS.host, bytes),
      onBroken: settings.onChange,
    });
    this.mechanics = createMechanics({
      schedule: config.mechanics === 'virtual' ? virtualSchedule() : realSchedule(),
      send: (port, bytes) => this.#core?.receive(port, bytes),
      onChange: () => this.#changed(),
      onViolation: (violation) => this.#stopped(violation.message),
      facts,
      keepPapers: config.keep_papers,
      randomBelow: settings.randomBelow,
    });
    if (power) this.power(true);
  }

  powered(): boolean {
    return this.#core !== undefined;
  }

  firmwareFault(): string | null {
    return this.#fault;
  }

  power(on: boolean): void {
    if (on === this.powered()) return;
    if (on) {
      this.#fault = null;
      this.mechanics.power(true);
      this.#core = this.#settings.supply.powerOn({
        send: (port, bytes) => this.#fromCore(port, bytes),
        restarted: (why) => this.#restarted(why),
        dark: (why) => this.#stopped(why),
      });
    } else this.#cut();
    this.#changed();
  }

  async provision(authorityKey: Bytes, subject: string): Promise<Result<Bytes, string>> {
    const core = this.#core;
    if (core === undefined) return failure('no_power');
    try {
      return await new Promise((resolve) => {
        const timer = setTimeout(() => resolve(failure('timeout')), PROVISION_TIMEOUT_MS);
        const reader = createFrameReader(
          (payload) => {
            const message = decodeBoxMessage(payload);
            if (!message.ok) return;
            const { value } = message;
            if (value.kind === 'refusal') resolve(failure(value.body.reason));
            else if (value.kind === 'reply' && value.request === 'provision')
              resolve(success((value.body as { readonly key: Bytes }).key));
            else return;
            clearTimeout(timer);
          },
          () => undefined,
        );
        this.#workshop = (bytes) => reader.push(bytes);
        core.receive(PORTS.host, encodeFrame(encodeRequest('provision', 1, { authorityKey, subject })));
      });
    } finally {
      this.#workshop = undefined;
    }
  }

  async close(): Promise<void> {
    this.#cut();
    await this.#gone;
    await this.cable.pull();
    this.#file.close();
  }

  #cut(): void {
    if (this.#core !== undefined) this.#gone = this.#core.powerOff();
    this.#core = undefined;
    this.mechanics.power(false);
  }

  #fromCore(port: number, bytes: Bytes): void {
    if (port === PORTS.host) {
      if (this.#workshop !== undefined) this.#workshop(bytes);
      else this.cable.write(bytes);
    } else if (port === PORTS.console)
      this.#settings.log('box_console', Buffer.from(bytes).toString('latin1'));
    else if (this.#fault === null) this.#toMetal(port, bytes);
  }

  #toMetal(port: number, bytes: Bytes): void {
    try {
      this.mechanics.receive(port, bytes);
    } catch (cause) {
      // Told through onViolation already; the core must not learn of it by an exception in the middle of a step.
      if (!(cause instanceof MechanicsViolation)) throw cause;
    }
  }

  #restarted(why: string): void {
    this.#settings.log('firmware_restarted', why);
    this.mechanics.power(false);
    this.mechanics.power(true);
  }

  /** Loudly: the box stops where it stands, says why, and moves nothing more until power is given again by hand. */
  #stopped(what: string): void {
    this.#fault = what;
    this.#settings.log('firmware_fault', what);
    setImmediate(() => {
      if (this.#fault === null) return;
      this.#cut();
      this.#changed();
    });
  }

  #changed(): void {
    // Before the constructor has ended, or after close, there is nothing to keep.
    const facts = { power: this.powered(), ...(this.mechanics?.facts() ?? FRESH_FACTS) };
    this.#file.write(facts);
    this.#settings.onChange();
  }
}

export const createBenchBox = (settings: BenchBoxSettings): BenchBox => new SimulatedBox(settings);
