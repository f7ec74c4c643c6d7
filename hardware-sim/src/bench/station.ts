/** One station's hardware: box, two readers, and the cards that people carry between them. */
import { join } from 'node:path';
import { ADMISSION_SLOTS, boxSubject, fromHex, parseElectionId, ROLE_SLOTS, toHex } from '@sandoq/protocol';
import type { Card, CardPorts } from '../cards/card.ts';
import { type CardState, createCardOf } from '../cards/card-state.ts';
import { type CardStore, openCardStore } from '../cards/card-store.ts';
import { fingerTemplate, forgedCard, makeRoleCard, makeVoterCard } from '../cards/making.ts';
import type { RoleCardState } from '../cards/role-card.ts';
import type { TarefeCardState } from '../cards/tarefe-card.ts';
import type {
  Cable,
  CardView,
  Deed,
  Enrolment,
  NewCard,
  Place,
  RasterView,
  RoomView,
  StationState,
} from '../control/deeds.ts';
import { PLACES } from '../control/deeds.ts';
import type { Raster } from '../mechanics/printer.ts';
import { chipDuration, createReaderDevice, noDuration, type ReaderDevice } from '../reader/device.ts';
import { createReaderCable, type ReaderCable } from '../reader/socket.ts';
import { type BenchBox, createBenchBox } from './box.ts';
import type { BoxSupply } from './box-host.ts';
import type { StationBenchConfig } from './config.ts';
import { openEnrolmentFile } from './enrolment-file.ts';
import { BenchRefusal } from './refusal.ts';
import { makeStationCards } from './station-cards.ts';

/** Cards in one room, the population's among them. */
export const CARDS_MAX = 20_000;
/** Pages of kept papers: each answer stays below the control socket's line bound. */
const PAPERS_PAGE_BYTES_MAX = 512 * 1024;

type StationDeed = Extract<Deed, { readonly station: string }>;
type DeedOf<Name extends Deed['do']> = Extract<Deed, { readonly do: Name }>;

interface HeldCard {
  readonly id: string;
  readonly card: Card;
  state: CardState;
  readonly stored: boolean;
  where: Place;
}

export interface StationBenchSettings {
  readonly config: StationBenchConfig;
  readonly supply: BoxSupply;
  readonly ports: CardPorts;
  readonly randomBelow: (bound: number) => number;
  readonly log: (event: string, detail: string) => void;
}

const rasterView = (raster: Raster): RasterView => ({
  width_dots: raster.widthBytes * 8,
  rows: raster.rows,
  base64: Buffer.from(raster.bits).toString('base64'),
});

/** `tarefe-3` is the third desk's; plain names are the first's, and those of other places stand for it too. */
const deskOf = (place: Place): number => Number(/-([2-4])$/.exec(place)?.[1] ?? 1) - 1;
const slotOfDesk = (place: Place): keyof typeof ADMISSION_SLOTS =>
  place.replace(/-[2-4]$/, '') as keyof typeof ADMISSION_SLOTS;

export class StationBench {
  readonly config: StationBenchConfig;
  readonly #settings: StationBenchSettings;
  readonly #store: CardStore;
  readonly #cards = new Map<string, HeldCard>();
  readonly #at = new Map<Place, HeldCard>();
  readonly #box: BenchBox;
  /** one a terminal */
  readonly #desks: readonly { readonly reader: ReaderDevice; readonly cable: ReaderCable }[];
  readonly #roleReader: ReaderDevice;
  readonly #cables: { readonly admission_reader: ReaderCable; readonly role_reader: ReaderCable };
  readonly #enrolment: ReturnType<typeof openEnrolmentFile>;
  readonly #watchers = new Set<() => void>();
  #finger: string | null = null;
  /** papers in the bin when the card on the pad was laid */
  #binAtCard = 0;
  #nextCard = 1;
  #announced = false;

  constructor(settings: StationBenchSettings) {
    const { config } = settings;
    this.#settings = settings;
    this.config = config;
    this.#enrolment = openEnrolmentFile(join(config.folder, 'enrolment.json'));
    this.#store = openCardStore(join(config.folder, 'cards.slots'));
    for (const { id, state } of this.#store.cards) this.#hold(id, state, true);
    const duration = config.mechanics === 'virtual' ? noDuration : chipDuration;
    const reader = (kind: 'admission' | 'role', slots: object): ReaderDevice =>
      createReaderDevice({ kind, slots: Object.keys(slots).length, duration });
    const desk = (socket: string) => {
      const device = reader('admission', ADMISSION_SLOTS);
      return { reader: device, cable: createReaderCable(device, socket) };
    };
    const first = desk(config.admission_reader_socket);
    this.#desks = [first, ...(config.more_admission_reader_sockets ?? []).map(desk)];
    this.#roleReader = reader('role', ROLE_SLOTS);
    this.#cables = {
      admission_reader: first.cable,
      role_reader: createReaderCable(this.#roleReader, config.role_reader_socket),
    };
    this.#box = createBenchBox({
      config,
      supply: settings.supply,
      randomBelow: settings.randomBelow,
      log: settings.log,
      onChange: () => this.#changed(),
    });
  }

  async start(): Promise<void> {
    for (const desk of this.#desks) await desk.cable.plug();
    await this.#cables.role_reader.plug();
    await this.#box.cable.plug();
  }

  async close(): Promise<void> {
    this.#watchers.clear();
    await this.#box.close();
    for (const desk of this.#desks) await desk.cable.pull();
    await this.#cables.role_reader.pull();
    this.#store.close();
  }

  /** @returns how to stop watching. Changes of one moment are told once. */
  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange);
    return () => {
      this.#watchers.delete(onChange);
    };
  }

  /** @param quiet the view of what was done is of no interest, and is not made */
  async perform(deed: StationDeed, quiet = false): Promise<unknown> {
    switch (deed.do) {
      case 'enrolment':
        return this.#enrol(deed);
      case 'make_card':
        return this.#cardView(this.#make(deed.card, deed.as));
      case 'discard_card':
        return this.#discard(deed.card);
      case 'place_card':
        this.#place(deed.card, deed.where);
        return quiet ? null : this.room();
      case 'finger':
        return this.#setFinger(deed.national_code);
      case 'press':
        if (!this.#box.powered()) throw new BenchRefusal('no_power');
        this.#box.mechanics.press(deed.key);
        return null;
      case 'paper':
        if (!this.#box.mechanics.paperFault(deed.fault)) throw new BenchRefusal('fault_impossible');
        return this.room();
      case 'lid':
        if (this.#box.mechanics.facts().lidOpen === deed.open) throw new BenchRefusal('already_there');
        this.#box.mechanics.setLid(deed.open);
        return this.room();
      case 'cable':
        return this.#cable(deed.link, deed.plugged);
      case 'power':
        if (this.#box.powered() === deed.on) throw new BenchRefusal('already_there');
        this.#box.power(deed.on);
        return this.room();
      case 'state':
        return this.state(deed.raster);
      case 'await_window':
        return this.#awaitWindow(deed);
      case 'pass_time':
        return this.#passTime(deed.minutes);
      case 'papers':
        return this.#papers(deed);
      case 'watch':
        return this.room();
      case 'remove_station':
        throw new BenchRefusal('bad_request', 'a station cannot remove itself');
    }
  }

  room(): RoomView {
    const facts = this.#box.mechanics.facts();
    const armed = this.#box.mechanics.faultsArmed();
    const at = (place: Place): string | null => this.#at.get(place)?.id ?? null;
    return {
      station: this.config.station_id,
      power: this.#box.powered(),
      firmware_fault: this.#box.firmwareFault(),
      cables: {
        box: this.#box.cable.plugged(),
        role_reader: this.#cables.role_reader.plugged(),
        admission_reader: this.#cables.admission_reader.plugged(),
      },
      window: facts.window,
      overprinted: facts.overprinted,
      bins: { ...facts.bins, taken_out: facts.takenOut },
      fell_since_card: this.#at.has('box_pad') && facts.bins.bin > this.#binAtCard,
      paper_out: facts.paperOut,
      jam_armed: armed.jam,
      unseen_fall_armed: armed.unseenFall,
      lid_open: facts.lidOpen,
      finger: this.#finger,
      desks: this.#desks.length,
      slots: Object.fromEntries(
        PLACES.filter((place) => place !== 'pocket').map((place) => [place, at(place)]),
      ) as RoomView['slots'],
    };
  }

  state(withRaster: boolean): StationState {
    const raster = this.#box.mechanics.raster();
    return {
      ...this.room(),
      enrolled: this.#enrolment.read() !== undefined,
      cards: [...this.#cards.values()].map((held) => this.#cardView(held)),
      raster: withRaster && raster !== undefined ? rasterView(raster) : null,
    };
  }

  #changed(): void {
    if (this.#announced || this.#watchers.size === 0) return;
    this.#announced = true;
    setImmediate(() => {
      this.#announced = false;
      for (const watcher of this.#watchers) watcher();
    });
  }

  #hold(id: string, state: CardState, stored: boolean): HeldCard {
    const card = createCardOf(state, this.#settings.ports, (next) => {
      held.state = next;
      if (stored) this.#store.write(id, next);
    });
    const held: HeldCard = { id, card, state, stored, where: 'pocket' };
    this.#cards.set(id, held);
    return held;
  }

  #cardView(held: HeldCard): CardView {
    const { state } = held;
    const view = { card: held.id, kind: state.kind, where: held.where };
    switch (state.kind) {
      case 'role':
        return {
          ...view,
          role: state.role,
          ...(state.number === undefined ? {} : { number: state.number }),
          pin: state.pin.pin,
        };
      case 'voter':
        return { ...view, national_code: state.nationalCode, name: state.name, pin: state.pin.pin };
      case 'amayesh':
        return { ...view, inclusive_code: state.inclusiveCode };
      default:
        return view;
    }
  }

  #found(id: string): HeldCard {
    const held = this.#cards.get(id);
    if (held === undefined) throw new BenchRefusal('card_unknown', id);
    return held;
  }

  #freeId(kind: string): string {
    for (;;) {
      const id = `${kind}-${this.#nextCard++}`;
      if (!this.#cards.has(id)) return id;
    }
  }

  #make(wanted: NewCard, givenId: string | undefined): HeldCard {
    const id = givenId ?? this.#freeId(wanted.kind);
    if (this.#cards.has(id)) throw new BenchRefusal('card_exists', id);
    if (this.#cards.size >= CARDS_MAX) throw new BenchRefusal('too_many_cards');
    const state = this.#newState(wanted);
    const stored = wanted.kind !== 'voter' || !wanted.temporary;
    if (stored) this.#store.write(id, state);
    const held = this.#hold(id, state, stored);
    this.#changed();
    return held;
  }

  #newState(wanted: NewCard): CardState {
    const { crypto, random } = this.#settings.ports;
    switch (wanted.kind) {
      case 'voter': {
        const { national_code: nationalCode, name, birth_date: birthDate, pin } = wanted;
        const made = makeVoterCard(crypto, { nationalCode, name, birthDate }, pin);
        return wanted.forged ? forgedCard(made) : made;
      }
      case 'amayesh':
        return { kind: 'amayesh', inclusiveCode: wanted.inclusive_code };
      case 'foreign':
      case 'plastic':
        return { kind: wanted.kind };
      case 'tarefe': {
        const sibling = this.#stateOf('tarefe');
        return { ...sibling, state: 'blank', pendingNonce: null, armed: null };
      }
      case 'role': {
        const { election, stationId, authorityKey, pin } = this.#stateOf('role');
        const order = { election, stationId, authorityKey, role: wanted.role, pin: wanted.pin };
        return makeRoleCard({ ...order, pinTriesMax: pin.triesMax }, random);
      }
    }
  }

  #stateOf<Kind extends 'tarefe' | 'role'>(
    kind: Kind,
  ): Kind extends 'tarefe' ? TarefeCardState : RoleCardState {
    for (const { state } of this.#cards.values()) if (state.kind === kind) return state as never;
    throw new BenchRefusal('not_enrolled');
  }

  #discard(id: string): null {
    const held = this.#found(id);
    this.#put(held, 'pocket');
    this.#cards.delete(id);
    if (held.stored) this.#store.remove(id);
    this.#changed();
    return null;
  }

  #place(id: string, where: Place): void {
    const held = this.#found(id);
    if (held.where === where) throw new BenchRefusal('already_there', id);
    if (deskOf(where) >= this.#desks.length) throw new BenchRefusal('bad_request', 'no such desk');
    if (where !== 'pocket' && this.#at.has(where)) throw new BenchRefusal('slot_occupied', where);
    this.#put(held, where);
    this.#changed();
  }

  #put(held: HeldCard, where: Place): void {
    if (held.where !== 'pocket') {
      this.#at.delete(held.where);
      this.#field(held.where, undefined);
    }
    held.where = where;
    if (where === 'pocket') return;
    this.#at.set(where, held);
    this.#field(where, held.card);
  }

  #field(where: Exclude<Place, 'pocket'>, card: Card | undefined): void {
    if (where === 'box_pad') {
      this.#binAtCard = this.#box.mechanics.facts().bins.bin;
      this.#box.mechanics.layCard(card);
    } else if (where === 'first' || where === 'second') this.#roleReader.setSlot(ROLE_SLOTS[where], card);
    else this.#desks[deskOf(where)]?.reader.setSlot(ADMISSION_SLOTS[slotOfDesk(where)], card);
  }

  #setFinger(nationalCode: string | null): null {
    this.#finger = nationalCode;
    const template = nationalCode && fingerTemplate(this.#settings.ports.crypto, nationalCode);
    for (const { reader } of this.#desks)
      reader.setFinger(template === null || template === '' ? undefined : template);
    this.#changed();
    return null;
  }

  async #cable(link: Cable, plugged: boolean): Promise<RoomView> {
    const cable = link === 'box' ? this.#box.cable : this.#cables[link];
    if (cable.plugged() === plugged) throw new BenchRefusal('already_there', link);
    await (plugged ? cable.plug() : cable.pull());
    this.#changed();
    return this.room();
  }

  async #passTime(minutes: number): Promise<null> {
    await this.#settings.supply.passTime(minutes);
    return null;
  }

  #awaitWindow(deed: DeedOf<'await_window'>): Promise<RoomView> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        const fault = this.#box.firmwareFault();
        if (fault !== null) reject(new BenchRefusal('firmware_fault', fault));
        else if (this.#box.mechanics.facts().window === deed.window) resolve(this.room());
        else return false;
        return true;
      };
      if (look()) return;
      const timer = setTimeout(() => {
        stop();
        reject(new BenchRefusal('timeout'));
      }, deed.timeout_ms);
      const stop = this.watch(() => {
        if (!look()) return;
        stop();
        clearTimeout(timer);
      });
    });
  }

  #papers(deed: DeedOf<'papers'>): { readonly papers: readonly RasterView[]; readonly next: number | null } {
    if (!this.config.keep_papers) throw new BenchRefusal('bad_request', 'this bench keeps no papers');
    const all = this.#box.mechanics.papers.read(deed.bin);
    const papers: RasterView[] = [];
    let bytes = 0;
    for (const raster of all.slice(deed.from)) {
      const view = rasterView(raster);
      bytes += view.base64.length;
      if (papers.length > 0 && bytes > PAPERS_PAGE_BYTES_MAX) break;
      papers.push(view);
    }
    const next = deed.from + papers.length;
    return { papers, next: next < all.length ? next : null };
  }

  async #enrol(deed: DeedOf<'enrolment'>): Promise<Enrolment> {
    const done = this.#enrolment.read();
    if (done !== undefined) {
      if (done.authority_key !== deed.authority_key || done.public.election !== deed.election)
        throw new BenchRefusal('already_enrolled', done.public.election);
      return done.public;
    }
    const election = parseElectionId(deed.election);
    if (election === undefined) throw new BenchRefusal('bad_request', 'not an election id');
    const station = this.config.station_id;
    const authorityKey = fromHex(deed.authority_key) as Uint8Array;
    const made = makeStationCards(deed, { station, election, authorityKey }, this.#settings.ports);
    if (made === undefined)
      throw new BenchRefusal('bad_request', 'PINs for executive and supervisor are wanted');
    const subject = boxSubject(station, deed.box_unit);
    const key = await this.#box.provision(authorityKey, subject);
    if (!key.ok) throw new BenchRefusal('box_refused', key.fault);
    for (const { id, state } of made.cards) this.#replace(id, state);
    const box = { subject, key: toHex(key.value) };
    const enrolment: Enrolment = { station, election: deed.election, box, ...made.enrolled };
    this.#enrolment.write({ authority_key: deed.authority_key, public: enrolment });
    this.#changed();
    return enrolment;
  }

  /** A killed enrolment may have left cards behind: those of the same name are made anew. */
  #replace(id: string, state: CardState): void {
    if (this.#cards.has(id)) this.#discard(id);
    this.#store.write(id, state);
    this.#hold(id, state, true);
  }
}
