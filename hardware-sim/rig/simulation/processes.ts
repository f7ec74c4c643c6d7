/**
 * The station's two cores in this process: the real code on real SQLite files, with time, links, randomness and disk passed
 * in. Killed, a core reaches nothing any more: its timers, links and stores are dead to it, its files stay as they are.
 */
import {
  cpSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type RandomBytes, type StationId, votingSubject } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  type AdmissionCalls,
  type AdmissionElection,
  type AdmissionProcess,
  type AdmissionStores,
  type AdmissionView,
  admissionCalls,
  type Clock,
  createAdmission,
  createVoting,
  dispatch,
  type Handlers,
  type InHandDisk,
  type LoadedElection,
  localClaims,
  type OfficerView,
  openAdmissionStores,
  openDeviceKey,
  openToEveryone,
  openVotingStores,
  Refused,
  type VoterView,
  type Voting,
  type VotingCalls,
  type VotingOptions,
  type VotingStores,
  votingCalls,
} from '@sandoq/station-app';
import type { BoxCable, ReaderCable } from './cables.ts';
import type { Party, Steps } from './steps.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The process was killed while somebody waited for its answer. */
export class ProcessGone extends Error {}

/** The time of day on the station's computer; it may be set by hand while time itself goes on. */
export interface TimeOfDay {
  jumpMs: number;
}

export const DAY_BEGINS_MS = 1_800_000_000_000;

export interface CorePorts {
  readonly time: VirtualTime;
  readonly timeOfDay: TimeOfDay;
  readonly steps: Steps;
  readonly random: RandomBytes;
  readonly onChange: () => void;
  /** a call ended with what is no refusal: never expected */
  readonly onFailure: (what: string) => void;
}

/** One life of a core, until it is killed. */
class Life {
  alive = true;
  readonly #waiting = new Set<(cause: Error) => void>();
  readonly #ports: CorePorts;
  readonly #party: Party;

  constructor(ports: CorePorts, party: Party) {
    this.#ports = ports;
    this.#party = party;
  }

  end(): void {
    this.alive = false;
    for (const reject of this.#waiting) reject(new ProcessGone());
    this.#waiting.clear();
  }

  /** @returns whether the effect may happen */
  step(label: string): boolean {
    if (this.alive) this.#ports.steps.at(this.#party, label);
    return this.alive;
  }

  /** Never settles for whoever is dead. */
  never = <Value>(): Promise<Value> => new Promise(() => undefined);

  clock(): Clock {
    const { time, timeOfDay } = this.#ports;
    return {
      nowMs: () => DAY_BEGINS_MS + Math.floor(time.elapsedMs()) + timeOfDay.jumpMs,
      elapsedMs: () => Math.floor(time.elapsedMs()),
      after: (delayMs, run) =>
        time.after(delayMs, () => {
          if (this.alive) run();
        }),
    };
  }

  /** A store of which only these calls change anything; a dead core's change nothing. */
  guard<Store extends object>(store: Store, changes: Readonly<Record<string, unknown>>): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        const call = value.bind(target) as (...args: unknown[]) => unknown;
        if (typeof name !== 'string' || !Object.hasOwn(changes, name)) return call;
        return (...args: unknown[]) => (this.step(name) ? call(...args) : changes[name]);
      },
    });
  }

  whileAlive<Value>(running: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      // Killed while the call was being made.
      if (!this.alive) reject(new ProcessGone());
      this.#waiting.add(reject);
      running.then(
        (value) => {
          if (this.#waiting.delete(reject)) resolve(value);
        },
        (cause: unknown) => {
          if (this.#waiting.delete(reject)) reject(cause as Error);
        },
      );
    });
  }
}

const DONE = { ok: true, value: undefined } as const;
const RECORDS_CHANGES = {
  beginSession: undefined,
  writePending: undefined,
  storePending: undefined,
  clearPending: undefined,
};
const STATE_CHANGES = { commit: undefined };
const LOG_CHANGES = { append: DONE, checkpoint: undefined };
const JOURNAL_CHANGES = { put: true, update: undefined, setStation: undefined };

/** What a folder is when its process is no more: everything but SQLite's shared memory, which no crash keeps. */
export function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('-shm') });
}

/** What both cores have in common: a folder for each life, calls, and the end. */
abstract class Core<Calls extends typeof votingCalls | typeof admissionCalls, Running> {
  protected readonly ports: CorePorts;
  readonly #party: Party;
  readonly #root: string;
  #lives = 0;
  protected life: Life | undefined;
  protected running: Running | undefined;
  #closeLast = (): void => undefined;

  protected constructor(ports: CorePorts, party: Party, root: string, folder: string) {
    this.ports = ports;
    this.#party = party;
    this.#root = root;
    copyFolder(folder, this.folder);
  }

  get folder(): string {
    return join(this.#root, `${this.#party}-${this.#lives}`);
  }

  alive(): boolean {
    return this.running !== undefined;
  }

  /** @throws where a store is damaged: the process does not start */
  start(): void {
    if (this.running !== undefined) return;
    this.#closeLast();
    const life = new Life(this.ports, this.#party);
    this.life = life;
    const { running, close } = this.begin(life);
    this.#closeLast = close;
    // Its first lines may have been its last.
    if (life.alive) this.running = running;
    this.ports.onChange();
  }

  /** kill -9: files as they are, nothing flushed, nobody told. */
  kill(): void {
    if (this.life?.alive !== true) return;
    this.life.end();
    this.running = undefined;
    this.detach();
    const was = this.folder;
    const closeStores = this.#closeLast;
    this.#lives++;
    copyFolder(was, this.folder);
    // The dead code may still look at its stores until everything that it was promised has ended.
    this.#closeLast = () => {
      closeStores();
      rmSync(was, { recursive: true, force: true });
      this.#closeLast = () => undefined;
    };
    this.ports.onChange();
  }

  /** At the end of the world: files are let go of. */
  close(): void {
    this.kill();
    this.#closeLast();
  }

  async call<Name extends keyof Calls & string>(
    calls: Calls,
    handlers: Handlers<Calls> | undefined,
    name: Name,
    input: unknown,
    role: 'executive' | 'voter',
  ): Promise<unknown> {
    const life = this.life;
    if (handlers === undefined || life === undefined || !life.alive) throw new ProcessGone();
    const answer = await life.whileAlive(
      dispatch(
        {
          calls,
          handlers,
          onFailure: (call, cause) => {
            if (life.alive)
              this.ports.onFailure(
                `${call}: ${cause instanceof Error ? (cause.stack ?? '') : String(cause)}`,
              );
          },
        },
        role,
        name,
        input,
      ),
    );
    if (!answer.ok) throw new Refused(answer.refusal.code, answer.refusal.detail);
    return answer.value;
  }

  protected abstract begin(life: Life): { readonly running: Running; readonly close: () => void };
  protected abstract detach(): void;
}

export interface VotingSetting {
  readonly stationId: StationId;
  readonly election: LoadedElection;
  readonly boxCable: BoxCable;
  readonly roleReader: ReaderCable;
  readonly recount: (records: string, folder: string) => VotingOptions['spawnRecount'];
}

export class VotingCore extends Core<typeof votingCalls, Voting> {
  readonly #setting: VotingSetting;

  constructor(ports: CorePorts, setting: VotingSetting, root: string, folder: string) {
    super(ports, 'voting', root, folder);
    this.#setting = setting;
  }

  officerView(): OfficerView | undefined {
    return this.running?.view('executive') as OfficerView | undefined;
  }

  voterView(): VoterView | undefined {
    return this.running?.view('voter') as VoterView | undefined;
  }

  ask<Name extends keyof VotingCalls & string>(name: Name, input: unknown): Promise<unknown> {
    return this.call(
      votingCalls,
      this.running?.handlers,
      name,
      input,
      name.startsWith('voter.') ? 'voter' : 'executive',
    );
  }

  protected detach(): void {
    this.#setting.boxCable.letGo();
    this.#setting.roleReader.letGo(this);
  }

  protected begin(life: Life): { readonly running: Voting; readonly close: () => void } {
    const { stationId, election, boxCable, roleReader, recount } = this.#setting;
    const { random, onChange } = this.ports;
    const stores = openVotingStores(this.folder, election, { crypto: nodeCrypto, random });
    const opened: { close(): void }[] = [stores.records, stores.state];
    const guarded: VotingStores = {
      records: life.guard(stores.records, RECORDS_CHANGES),
      state: life.guard(stores.state, STATE_CHANGES),
      openLog: (bucket) => {
        const log = stores.openLog(bucket);
        opened.push(log);
        // What only waits is no step: it becomes durable with the next line.
        return life.guard(log, LOG_CHANGES);
      },
    };
    const running = createVoting({
      clock: life.clock(),
      random,
      crypto: nodeCrypto,
      election,
      identity: {
        subject: votingSubject(stationId),
        secretKey: openDeviceKey(this.folder, nodeCrypto, random).secretKey,
        softwareHash: nodeCrypto.sha256(new Uint8Array(1)),
      },
      links: {
        box: async (events) => {
          const link = await boxCable.open(events);
          return {
            write: (bytes) => {
              if (life.step('sends to the box')) link.write(bytes);
            },
            close: () => {
              if (life.alive) link.close();
            },
          };
        },
        roleReader: roleReader.openFor(this),
      },
      stores: guarded,
      outFolder: join(this.folder, 'out'),
      sendBundle: null,
      spawnRecount: recount(this.folder, join(this.folder, 'out')),
      scrubMemory: () => undefined,
      onChange: () => {
        if (life.alive) onChange();
      },
    });
    return {
      running,
      close: () => {
        for (const store of opened) store.close();
      },
    };
  }
}

interface VirtualDisk {
  readonly disk: InHandDisk;
  /** what the file holds when power comes back; undefined where nothing was ever written */
  readonly synced: () => Uint8Array | undefined;
}

/** The disk under the in-hand file: what was written and not synced is lost with the power of the computer. */
function inHandDisk(life: Life, time: VirtualTime): VirtualDisk {
  let synced: Uint8Array | undefined;
  const contentOf = (file: number): Uint8Array => {
    const bytes = new Uint8Array(fstatSync(file).size);
    readSync(file, bytes, 0, bytes.length, 0);
    return bytes;
  };
  return {
    disk: {
      async write(file, bytes) {
        await time.sleep(1);
        if (!life.step('writes the in-hand file')) return life.never();
        synced ??= contentOf(file);
        writeSync(file, bytes, 0, bytes.length, 0);
      },
      async sync(file) {
        await time.sleep(1);
        if (!life.step('syncs the in-hand file')) return life.never();
        fdatasyncSync(file);
        synced = contentOf(file);
      },
    },
    synced: () => synced,
  };
}

export interface AdmissionSetting {
  readonly election: AdmissionElection;
  readonly reader: ReaderCable;
}

export class AdmissionCore extends Core<typeof admissionCalls, AdmissionProcess> {
  readonly #setting: AdmissionSetting;
  #disk: VirtualDisk | undefined;

  constructor(ports: CorePorts, setting: AdmissionSetting, root: string, folder: string) {
    super(ports, 'admission', root, folder);
    this.#setting = setting;
  }

  view(): AdmissionView | undefined {
    return this.running?.view();
  }

  ask<Name extends keyof AdmissionCalls & string>(name: Name, input: unknown): Promise<unknown> {
    return this.call(admissionCalls, this.running?.handlers, name, input, 'executive');
  }

  /** The computer loses power: the in-hand file may be as it was last synced. */
  losePower(): void {
    this.kill();
    const synced = this.#disk?.synced();
    if (synced !== undefined) writeFileSync(join(this.folder, 'in-hand'), synced);
  }

  protected detach(): void {
    this.#setting.reader.letGo(this);
  }

  protected begin(life: Life): { readonly running: AdmissionProcess; readonly close: () => void } {
    const { election, reader } = this.#setting;
    const { random, time, onChange, onFailure } = this.ports;
    const clock = life.clock();
    this.#disk = inHandDisk(life, time);
    const { disk } = this.#disk;
    const stores = openAdmissionStores(this.folder, election, { crypto: nodeCrypto, random, clock, disk });
    const guarded: AdmissionStores = {
      journal: life.guard(stores.journal, JOURNAL_CHANGES),
      inHand: life.guard(stores.inHand, { clear: undefined }),
      log: life.guard(stores.log, LOG_CHANGES),
    };
    const running = createAdmission({
      election,
      deviceSecretKey: openDeviceKey(this.folder, nodeCrypto, random).secretKey,
      crypto: nodeCrypto,
      random,
      clock,
      links: { reader: reader.openFor(this) },
      stores: guarded,
      roll: openToEveryone,
      claims: localClaims,
      onChange: () => {
        if (life.alive) onChange();
      },
      onFailure: (what, cause) => {
        if (life.alive) onFailure(`${what}: ${cause instanceof Error ? (cause.stack ?? '') : String(cause)}`);
      },
    });
    return {
      running,
      close: () => {
        stores.inHand.close();
        stores.log.close();
        stores.journal.close();
      },
    };
  }
}
