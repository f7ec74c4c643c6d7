/** The box in virtual time: the real core behind its doors, the simulated metal around it, and flash that may fail. */
import {
  createFlash,
  createSimBox,
  type Firmware,
  FLASH_BYTES,
  type NorFlash,
  PowerCut,
  type SimBox,
  type TornBits,
} from '@sandoq/firmware-host';
import {
  type Card,
  createMechanics,
  type Mechanics,
  type MechanicsFacts,
  type Schedule,
} from '@sandoq/hardware-sim';
import {
  type Bytes,
  createFrameReader,
  decodeBoxMessage,
  encodeFrame,
  encodeRequest,
  PORTS,
} from '@sandoq/protocol';
import type { BoxCable } from './cables.ts';
import type { Chance } from './chance.ts';
import type { Steps } from './steps.ts';
import type { VirtualTime } from './virtual-time.ts';

const TICK_MS = 100;
const WORD_BYTES = 4;

/** Cells that no longer do as they are told. */
export interface FlashFaults {
  /** words programmed until one of them cannot clear its bits; undefined: never */
  stuckAfter: number | undefined;
  /** which bits of a word come through where power goes in the middle of it; undefined: power goes between words */
  torn: TornBits | undefined;
}

function scheduleOn(time: VirtualTime): Schedule {
  let generation = 0;
  return {
    after(duration, done) {
      const mine = generation;
      time.after(duration, () => {
        if (mine === generation) done();
      });
    },
    stop() {
      generation++;
    },
  };
}

export interface VirtualBox {
  readonly mechanics: Mechanics;
  readonly flashFaults: FlashFaults;
  powered(): boolean;
  power(on: boolean): void;
  /** A bit of a cell falls over by itself, in what was ever written. */
  flipBit(chance: Chance): string;
  image(): Uint8Array;
  /** every word programmed in this world, in order: address and bytes. Erasures are not among them. */
  programmed(): readonly (readonly [number, Uint8Array])[];
  receive(bytes: Bytes): void;
  layCard(card: Card | undefined): void;
  /** PROVISION in the workshop. @returns its public key */
  provision(authorityKey: Bytes, subject: string): Promise<Bytes>;
}

export interface VirtualBoxSettings {
  readonly firmware: Firmware;
  readonly image: Uint8Array | undefined;
  readonly facts: MechanicsFacts;
  readonly time: VirtualTime;
  readonly steps: Steps;
  readonly chance: Chance;
  readonly entropy: (length: number) => Bytes;
  readonly cable: () => BoxCable;
  readonly onChange: () => void;
  /** the core fell, or asked the metal for what no firmware may ask */
  readonly onFault: (what: string) => void;
}

class Box implements VirtualBox {
  readonly mechanics: Mechanics;
  readonly flashFaults: FlashFaults = { stuckAfter: undefined, torn: undefined };
  readonly #settings: VirtualBoxSettings;
  readonly #core: SimBox;
  #cells: NorFlash;
  #dark = false;
  readonly #programmed: (readonly [number, Uint8Array])[] = [];
  #workshop: ((bytes: Bytes) => void) | undefined;
  #cancelTick = (): void => undefined;

  constructor(settings: VirtualBoxSettings) {
    this.#settings = settings;
    const { time, image } = settings;
    this.#cells = createFlash(image === undefined ? {} : { image });
    this.mechanics = createMechanics({
      schedule: scheduleOn(time),
      send: (port, bytes) => this.#core.receive(port, bytes),
      onChange: settings.onChange,
      onViolation: ({ message }) => settings.onFault(`violation: ${message}`),
      facts: settings.facts,
      randomBelow: (bound) => settings.chance.below(bound),
    });
    this.#core = createSimBox({
      firmware: settings.firmware,
      flash: this.#flash(),
      transmit: (port, bytes) => this.#transmit(port, bytes),
      nowMs: () => Math.floor(time.elapsedMs()),
      entropy: (into) => into.set(settings.entropy(into.length)),
      onStop: (reason, cause) => this.#stopped(reason, cause),
    });
  }

  powered(): boolean {
    return this.#core.powered;
  }

  power(on: boolean): void {
    if (on === this.#core.powered) return;
    if (on) {
      this.#dark = false;
      this.mechanics.power(true);
      this.#core.powerOn();
      const tick = (): void => {
        this.#core.tick();
        if (this.#core.powered) this.#cancelTick = this.#settings.time.after(TICK_MS, tick);
      };
      this.#cancelTick = this.#settings.time.after(TICK_MS, tick);
    } else {
      this.#dark = true;
      this.#core.powerOff();
      this.#afterCut();
    }
    this.#settings.onChange();
  }

  #afterCut(): void {
    this.#cancelTick();
    this.mechanics.power(false);
  }

  /** Killed in the middle of a step of its own: what it is doing to its flash ends here, between two words or within one. */
  #cutHere(write: () => void): void {
    if (!this.#dark) return;
    const { torn } = this.flashFaults;
    if (torn === undefined) throw new PowerCut();
    this.#cells.cutAfter(0, torn);
    try {
      write();
    } finally {
      this.#cells.cutAfter(undefined);
    }
  }

  flipBit(chance: Chance): string {
    const image = this.#cells.image();
    const at = chance.below(image.length);
    image[at] = (image[at] as number) ^ (1 << chance.below(8));
    this.#cells = createFlash({ image });
    return `bit at ${at}`;
  }

  image(): Uint8Array {
    return this.#cells.image();
  }

  programmed(): readonly (readonly [number, Uint8Array])[] {
    return this.#programmed;
  }

  receive(bytes: Bytes): void {
    this.#core.receive(PORTS.host, bytes);
  }

  layCard(card: Card | undefined): void {
    this.mechanics.layCard(card);
  }

  provision(authorityKey: Bytes, subject: string): Promise<Bytes> {
    return new Promise((resolve, reject) => {
      const reader = createFrameReader(
        (payload) => {
          const message = decodeBoxMessage(payload);
          if (!message.ok) return;
          const { value } = message;
          if (value.kind === 'refusal') reject(new Error(value.body.reason));
          if (value.kind !== 'reply' || value.request !== 'provision') return;
          this.#workshop = undefined;
          resolve((value.body as { readonly key: Bytes }).key);
        },
        () => undefined,
      );
      this.#workshop = (bytes) => reader.push(bytes);
      this.receive(encodeFrame(encodeRequest('provision', 1, { authorityKey, subject })));
    });
  }

  /** The cells behind numbered steps: power may go before any word, and a cell may be stuck. */
  #flash(): NorFlash {
    const box = this;
    const { steps } = this.#settings;
    return {
      get writes() {
        return box.#cells.writes;
      },
      cutAfter: (count, torn) => box.#cells.cutAfter(count, torn),
      read: (address, into) => {
        if (address + into.length <= FLASH_BYTES) box.#cells.read(address, into);
      },
      program(address, from) {
        for (let at = 0; at < from.length; at += WORD_BYTES) {
          steps.at('box', 'programs a word');
          const word = from.subarray(at, at + WORD_BYTES);
          box.#cutHere(() => box.#cells.program(address + at, word));
          const { stuckAfter } = box.flashFaults;
          if (stuckAfter !== undefined) box.flashFaults.stuckAfter = stuckAfter - 1;
          if (stuckAfter === 0) box.#settings.onFault('a flash cell is stuck');
          else {
            box.#cells.program(address + at, word);
            box.#programmed.push([address + at, word.slice()]);
          }
        }
      },
      erase(sector) {
        steps.at('box', 'erases a sector');
        box.#cutHere(() => box.#cells.erase(sector));
        box.#cells.erase(sector);
      },
      settle: () => box.#cells.settle(),
      image: () => box.#cells.image(),
      close: () => box.#cells.close(),
    };
  }

  #transmit(port: number, bytes: Bytes): void {
    if (this.#dark) return;
    if (port === PORTS.console) return;
    if (port !== PORTS.host) {
      this.#settings.steps.at('box', `commands port ${port}`);
      if (!this.#dark) this.mechanics.receive(port, bytes);
      return;
    }
    if (this.#workshop !== undefined) {
      this.#workshop(bytes);
      return;
    }
    this.#settings.steps.at('box', 'sends');
    if (!this.#dark) this.#settings.cable().fromBox(bytes);
  }

  #stopped(reason: string, cause: unknown): void {
    if (reason === 'power_cut') {
      this.#afterCut();
      this.#settings.onChange();
      return;
    }
    this.#settings.onFault(`core ${reason}: ${cause instanceof Error ? cause.message : 'unknown'}`);
    this.mechanics.power(false);
    if (this.#core.powered) this.mechanics.power(true);
  }
}

export const createVirtualBox = (settings: VirtualBoxSettings): VirtualBox => new Box(settings);
