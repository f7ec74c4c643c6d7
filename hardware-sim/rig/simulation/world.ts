/**
 * One simulated station: real firmware core, real station code on real stores, real cards, real cryptography, in virtual
 * time and from one seed. Whoever makes trouble does it through here; what happened is told in the trace.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Card,
  type CardState,
  createCardOf,
  createReaderDevice,
  type ReaderDevice,
} from '@sandoq/hardware-sim';
import { ADMISSION_SLOTS, ROLE_SLOTS, type wire } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { RECORDS_FILE, recount, type VotingOptions } from '@sandoq/station-app';
import { createVirtualBox, type VirtualBox } from './box.ts';
import { type BoxCable, createBoxCable, createVirtualReaderCable, type ReaderCable } from './cables.ts';
import { type Chance, chanceOf, seededBytes } from './chance.ts';
import {
  AdmissionCore,
  type CorePorts,
  copyFolder,
  DAY_BEGINS_MS,
  type TimeOfDay,
  VotingCore,
} from './processes.ts';
import { type Scene, SIMULATION_STATION } from './scene.ts';
import { createSteps, type Party, type Step, type Steps } from './steps.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export type Place =
  | 'document'
  | 'tarefe'
  | 'executive'
  | 'supervisor'
  | 'first'
  | 'second'
  | 'box_pad'
  | 'pocket';
export type Victim = Party | 'station' | 'everything';

const READER_SLOTS: Readonly<
  Record<string, { readonly reader: 'admission' | 'role'; readonly slot: number }>
> = {
  document: { reader: 'admission', slot: ADMISSION_SLOTS.document },
  tarefe: { reader: 'admission', slot: ADMISSION_SLOTS.tarefe },
  executive: { reader: 'admission', slot: ADMISSION_SLOTS.executive },
  supervisor: { reader: 'admission', slot: ADMISSION_SLOTS.supervisor },
  first: { reader: 'role', slot: ROLE_SLOTS.first },
  second: { reader: 'role', slot: ROLE_SLOTS.second },
};

interface HeldCard {
  readonly card: Card;
  state: CardState;
  where: Place;
}

export const TRACE_LINES_MAX = 20_000;
/** A step that does not come in this time is not waited for. */
const QUIET_MS = 5_000;

export interface WorldOptions {
  readonly scene: Scene;
  readonly seed: string;
  /** the world's own folder; it is not removed by the world */
  readonly folder: string;
  readonly onStep?: (world: World, step: Step) => void;
  /** A card has changed its mind between two steps: armed, burnt, voided. */
  readonly onCard?: (world: World) => void;
}

export class World {
  readonly time: VirtualTime = createVirtualTime();
  readonly chance: Chance;
  readonly trace: string[] = [];
  readonly #onCard: WorldOptions['onCard'];
  /** what never may happen, as it was found */
  readonly findings: string[] = [];
  readonly timeOfDay: TimeOfDay = { jumpMs: 0 };
  readonly steps: Steps;
  readonly box: VirtualBox;
  readonly boxCable: BoxCable;
  readonly readerCables: { readonly admission: ReaderCable; readonly role: ReaderCable };
  readonly voting: VotingCore;
  readonly admission: AdmissionCore;
  readonly scene: Scene;
  /** faults that the flash was given: what the box then may do is another thing */
  flashDamaged = false;
  kills = 0;
  readonly #folder: string;
  readonly #devices: { readonly admission: ReaderDevice; readonly role: ReaderDevice };
  readonly #cards = new Map<string, HeldCard>();
  readonly #cardPorts;
  readonly #bells = new Set<() => void>();
  #rung = false;
  #dueKill: ((step: Step) => void) | undefined;

  constructor(options: WorldOptions) {
    const { scene, seed, folder } = options;
    this.scene = scene;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.chance = chanceOf(`${seed}/chance`);
    this.#cardPorts = { crypto: nodeCrypto, random: seededBytes(`${seed}/cards`) };
    this.#onCard = options.onCard;
    this.steps = createSteps((step) => {
      options.onStep?.(this, step);
      this.#dueKill?.(step);
    });
    const line = { time: this.time, chance: this.chance, onFault: (what: string) => this.tell('line', what) };
    this.boxCable = createBoxCable(line, (bytes) => this.box.receive(bytes));
    const device = (kind: 'admission' | 'role', slots: object): ReaderDevice =>
      createReaderDevice({ kind, slots: Object.keys(slots).length, duration: () => 0 });
    this.#devices = { admission: device('admission', ADMISSION_SLOTS), role: device('role', ROLE_SLOTS) };
    this.readerCables = {
      admission: createVirtualReaderCable(line, this.#devices.admission),
      role: createVirtualReaderCable(line, this.#devices.role),
    };
    this.box = createVirtualBox({
      firmware: scene.firmware,
      image: scene.image,
      facts: scene.facts,
      time: this.time,
      steps: this.steps,
      chance: this.chance,
      entropy: seededBytes(`${seed}/entropy`),
      cable: () => this.boxCable,
      onChange: () => this.ring(),
      onFault: (what) => {
        this.tell('box', what);
        if (!this.flashDamaged) this.findings.push(what);
      },
    });
    for (const [id, state] of scene.cards) this.addCard(id, state);
    const ports: CorePorts = {
      time: this.time,
      timeOfDay: this.timeOfDay,
      steps: this.steps,
      random: seededBytes(`${seed}/station`),
      onChange: () => this.ring(),
      onFailure: (what) => this.findings.push(`a call failed: ${what}`),
    };
    this.voting = new VotingCore(
      ports,
      {
        stationId: SIMULATION_STATION,
        election: scene.voting,
        boxCable: this.boxCable,
        roleReader: this.readerCables.role,
        recount: (data) => this.#recountWith(data),
      },
      folder,
      scene.votingFolder,
    );
    this.admission = new AdmissionCore(
      ports,
      { election: scene.admission, reader: this.readerCables.admission },
      folder,
      scene.admissionFolder,
    );
  }

  /** The room's computers and the box are switched on. */
  switchOn(): void {
    this.box.power(true);
    this.voting.start();
    this.admission.start();
  }

  tell(who: string, what: string): void {
    if (this.trace.length < TRACE_LINES_MAX)
      this.trace.push(
        `${(this.time.elapsedMs() / 1000).toFixed(3).padStart(10)} ${String(this.steps.number).padStart(6)} ${who.padEnd(10)} ${what}`,
      );
  }

  /** Something has changed: whoever waits looks again. */
  ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    this.time.after(0, () => {
      this.#rung = false;
      const bells = [...this.#bells];
      this.#bells.clear();
      for (const bell of bells) bell();
    });
  }

  /** At the next change, or when `limitMs` have passed. */
  change(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const bell = (): void => {
        cancel();
        this.#bells.delete(bell);
        resolve();
      };
      const cancel = this.time.after(limitMs, bell);
      this.#bells.add(bell);
    });
  }

  /** @returns whether it came to hold in time */
  async until(holds: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.time.elapsedMs() + limitMs;
    while (!holds()) {
      const leftMs = endMs - this.time.elapsedMs();
      if (leftMs <= 0) return false;
      await this.change(leftMs);
    }
    return true;
  }

  kill(victim: Victim): void {
    this.kills++;
    this.tell('death', victim);
    if (victim === 'voting' || victim === 'station' || victim === 'everything') this.voting.kill();
    if (victim === 'admission') this.admission.kill();
    if (victim === 'station' || victim === 'everything') this.admission.losePower();
    if (victim === 'box' || victim === 'everything') this.box.power(false);
  }

  /** Before the n-th step from now; at the latest when everybody has been quiet for a while. */
  killAtStep(victim: Victim, steps: number): Promise<void> {
    const at = this.steps.number + steps;
    return new Promise((resolve) => {
      const now = (): void => {
        cancel();
        this.#dueKill = undefined;
        this.kill(victim);
        resolve();
      };
      const cancel = this.time.after(QUIET_MS, now);
      this.#dueKill = ({ number }) => {
        if (number >= at) now();
      };
    });
  }

  revive(victim: Victim): void {
    this.tell('on again', victim);
    try {
      if (victim === 'box' || victim === 'everything') this.box.power(true);
      if (victim !== 'box' && victim !== 'admission') this.voting.start();
      if (victim !== 'box' && victim !== 'voting') this.admission.start();
    } catch (cause) {
      this.findings.push(`cannot start: ${cause instanceof Error ? cause.stack : String(cause)}`);
      throw cause;
    }
  }

  addCard(id: string, state: CardState): void {
    const card = createCardOf(state, this.#cardPorts, (next) => {
      held.state = next;
      this.#onCard?.(this);
    });
    const held: HeldCard = { card, state, where: 'pocket' };
    this.#cards.set(id, held);
  }

  removeCard(id: string): void {
    this.place(id, 'pocket');
    this.#cards.delete(id);
  }

  cardState(id: string): CardState {
    return this.#held(id).state;
  }

  cardStates(): readonly (readonly [string, CardState])[] {
    return [...this.#cards].map(([id, { state }]) => [id, state]);
  }

  where(id: string): Place {
    return this.#held(id).where;
  }

  cardAt(place: Exclude<Place, 'pocket'>): string | undefined {
    for (const [id, { where }] of this.#cards) if (where === place) return id;
    return undefined;
  }

  /** Laid where another card lies, it takes its place. */
  place(id: string, where: Place): void {
    const held = this.#held(id);
    if (held.where === where) return;
    this.#lift(held);
    if (where === 'pocket') return;
    const other = this.cardAt(where);
    if (other !== undefined) this.#lift(this.#held(other));
    held.where = where;
    this.#field(where, held.card);
    this.ring();
  }

  press(key: wire.Key): void {
    this.tell('voter', `presses ${key}`);
    this.box.mechanics.press(key);
  }

  /** Everything off, and what lasts taken as a scene. */
  asScene(folder: string): Scene {
    this.kill('everything');
    copyFolder(this.voting.folder, join(folder, 'voting'));
    copyFolder(this.admission.folder, join(folder, 'admission'));
    const cards = new Map([...this.#cards].map(([id, { state }]) => [id, state]));
    return {
      ...this.scene,
      votingFolder: join(folder, 'voting'),
      admissionFolder: join(folder, 'admission'),
      image: this.box.image(),
      facts: this.box.mechanics.facts(),
      cards,
    };
  }

  close(): void {
    this.box.power(false);
    this.voting.close();
    this.admission.close();
  }

  #held(id: string): HeldCard {
    const held = this.#cards.get(id);
    if (held === undefined) throw new Error(`there is no card ${id}`);
    return held;
  }

  #lift(held: HeldCard): void {
    const { where } = held;
    held.where = 'pocket';
    if (where !== 'pocket') this.#field(where, undefined);
    this.ring();
  }

  #field(where: Exclude<Place, 'pocket'>, card: Card | undefined): void {
    if (where === 'box_pad') {
      this.box.layCard(card);
      return;
    }
    const at = READER_SLOTS[where];
    if (at === undefined) throw new Error(`there is no place ${where}`);
    this.#devices[at.reader].setSlot(at.slot, card);
  }

  /** The recount's own program, in this process: its own connection to the reader, in the world's time. */
  #recountWith(data: string): VotingOptions['spawnRecount'] {
    const owner = {};
    return async ({ source, bundlePath, pins }) => {
      try {
        const result = await recount(
          {
            packageFolder: this.scene.packageFolder,
            authorityKey: this.scene.authorityKey,
            stationId: SIMULATION_STATION,
            source:
              source.kind === 'store'
                ? { kind: 'store', path: join(data, RECORDS_FILE) }
                : { kind: 'records', path: source.path },
            bundlePath,
            roleReader: {
              open: this.readerCables.role.openFor(owner),
              clock: {
                nowMs: () => DAY_BEGINS_MS + this.time.elapsedMs(),
                elapsedMs: () => this.time.elapsedMs(),
                after: (delayMs, run) => this.time.after(delayMs, run),
              },
              random: seededBytes(`recount ${this.time.events}`),
            },
            pins: pins.map(({ slot, pin }) => ({ slot, pin })),
          },
          () => undefined,
        );
        if (!result.agreed) this.tell('recount', JSON.stringify({ ...result, totals: undefined }));
        return result.agreed;
      } catch (cause) {
        this.tell('recount', cause instanceof Error ? cause.message : String(cause));
        return undefined;
      } finally {
        this.readerCables.role.letGo(owner);
      }
    };
  }

  /** For whoever looks at a failing seed afterwards. */
  writeTrace(path: string): void {
    writeFileSync(path, `${this.trace.join('\n')}\n`);
  }

  get folder(): string {
    return this.#folder;
  }
}
