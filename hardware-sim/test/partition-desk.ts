/**
 * One station's admission desk for the partition: the real admission code on real files, its claims over real HTTP to a
 * real province, on a line that can be cut, lose requests and lose answers. It can be killed before or after any write
 * and any request: from then on nothing of it reaches its files, and the next life begins with what is there.
 */
import { join } from 'node:path';
import {
  type CardState,
  createCardOf,
  createReaderCable,
  createReaderDevice,
  makeRoleCard,
  makeTarefeCard,
} from '@sandoq/hardware-sim';
import { ADMISSION_SLOTS, admissionSubject, type Bytes, roleSubject, tarefeSubject } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import {
  type AdmissionElection,
  type AdmissionProcess,
  type AdmissionStores,
  type ClaimsLine,
  type Clock,
  createAdmission,
  openAdmissionStores,
  openClaimsLine,
  openToEveryone,
  provinceClaims,
  Refused,
  reportLinkOf,
  systemClock,
} from '@sandoq/station-app';
import { AUTHORITY_KEY, secretOf } from '../../tally-server/test/province.ts';

const PIN = '1234';
const OFFICERS = ['executive', 'supervisor'] as const;
/** A day's waiting in a minute: probes and heartbeats come so much sooner. */
const HASTE = 40;
const SETTLE_MS = 10_000;
const TRIES_MAX = 5;

export class Killed extends Error {}

/** The way to the province, as the weather has it. */
export interface Line {
  cut: boolean;
  /** of each request that is sent */
  fate(): 'delivered' | 'request_lost' | 'answer_lost';
}

export interface DeskOrder {
  readonly station: string;
  readonly folder: string;
  readonly election: AdmissionElection;
  readonly provinceUrl: string;
  readonly roundKey: Bytes;
  readonly line: Line;
}

/** For the claims' waiting alone: the reader's time-outs are those of real readers. */
const hasty: Clock = {
  nowMs: systemClock.nowMs,
  elapsedMs: systemClock.elapsedMs,
  after: (delayMs, run) => systemClock.after(Math.ceil(delayMs / HASTE), run),
};

type Outcome = 'armed' | 'killed' | (string & {});

export class Desk {
  readonly station: string;
  readonly #order: DeskOrder;
  readonly #device = createReaderDevice({ kind: 'admission', slots: 4, duration: () => 0 });
  readonly #socket: string;
  readonly #cable;
  #process: AdmissionProcess | undefined;
  #stores: AdmissionStores | undefined;
  #alive = { now: true };
  #killIn: number | undefined;
  #tarefe: CardState | undefined;
  deaths = 0;

  constructor(order: DeskOrder, socket: string) {
    this.#order = order;
    this.station = order.station;
    this.#socket = socket;
    this.#cable = createReaderCable(this.#device, socket);
  }

  /** Dies at the n-th write or request from now, before or after it. */
  killIn(effects: number): void {
    this.#killIn = effects;
  }

  /** What was to kill it has not come: from here on nothing does. A death between two voters is mended. */
  async spare(): Promise<void> {
    this.#killIn = undefined;
    if (!this.#alive.now) await this.#revived('killed');
  }

  get #call(): AdmissionProcess['handlers'] {
    if (this.#process === undefined) throw new Error('the desk is not open');
    return this.#process.handlers;
  }

  view(): ReturnType<AdmissionProcess['view']> {
    if (this.#process === undefined) throw new Error('the desk is not open');
    return this.#process.view();
  }

  journal(): AdmissionStores['journal'] {
    if (this.#stores === undefined) throw new Error('the desk is not open');
    return this.#stores.journal;
  }

  #die(): never {
    this.#alive.now = false;
    throw new Killed();
  }

  /** Every other death comes after the deed: it is done, and nobody learns of it. */
  #effect<Value>(alive: { readonly now: boolean }, run: () => Value): Value {
    if (!alive.now) throw new Killed();
    if (this.#killIn !== undefined) this.#killIn--;
    if (this.#killIn !== 0) return run();
    this.#killIn = undefined;
    if (this.deaths % 2 === 1) return this.#die();
    const done: unknown = run();
    return done instanceof Promise ? (done.then(() => this.#die()) as Value) : this.#die();
  }

  #guard<Store extends object>(
    store: Store,
    deeds: readonly string[],
    alive: { readonly now: boolean },
  ): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        const call = value.bind(target) as (...args: unknown[]) => unknown;
        if (typeof name !== 'string' || !deeds.includes(name)) return call;
        return (...args: unknown[]) => this.#effect(alive, () => call(...args));
      },
    });
  }

  #wire(alive: { readonly now: boolean }): ClaimsLine {
    const { provinceUrl, election, line } = this.#order;
    const real = openClaimsLine(provinceUrl, election.election);
    return {
      send: async (request, timeoutMs, isAnswer) => {
        if (!alive.now || line.cut) return { kind: 'unreachable' };
        const fate = line.fate();
        if (fate === 'request_lost') return { kind: 'unreachable' };
        const sent = await real.send(request, timeoutMs, isAnswer);
        if (!alive.now) return { kind: 'unreachable' };
        if (this.#killIn !== undefined && --this.#killIn === 0) {
          this.#killIn = undefined;
          this.#alive.now = false;
        }
        return fate === 'answer_lost' ? { kind: 'unreachable' } : sent;
      },
      close: () => real.close(),
    };
  }

  async open(): Promise<void> {
    const { folder, election, station, roundKey } = this.#order;
    const alive = { now: true };
    this.#alive = alive;
    this.#killIn = undefined;
    const ports = { crypto: nodeCrypto, random: nodeRandomness, clock: systemClock };
    const stores = openAdmissionStores(folder, election, ports);
    this.#stores = stores;
    const journal = this.#guard(stores.journal, ['put', 'update', 'setStation'], alive);
    await this.#cable.plug();
    const secretKey = secretOf(admissionSubject(station));
    this.#process = createAdmission({
      ...ports,
      election,
      deviceSecretKey: secretKey,
      links: { reader: reportLinkOf({ kind: 'socket', path: this.#socket }) },
      stores: {
        journal,
        inHand: this.#guard(stores.inHand, ['write', 'clear', 'clearDurably'], alive),
        log: this.#guard(stores.log, [], alive),
      },
      roll: openToEveryone,
      claims: provinceClaims({
        ...ports,
        clock: hasty,
        election: election.election,
        stationId: station,
        directory: election.directory,
        secretKey,
        roundKey,
        journal,
        wire: this.#wire(alive),
      }),
      onChange: () => undefined,
      onFailure: (what, cause) => {
        if (!(cause instanceof Killed)) throw new Error(`${station}: ${what}`, { cause });
      },
    });
    for (const role of OFFICERS) this.#lay(role, this.#roleCard(role));
    await this.#until(() => this.view().devices[0]?.state === 'connected');
    await this.#until(() => this.view().slots.executive && this.view().slots.supervisor);
    if (this.view().phase === 'set_up')
      await this.#call['admission.open'](
        { mode: 'rehearsal', executive_pin: PIN, supervisor_pin: PIN },
        'executive',
      );
    else await this.#unlock();
  }

  async #unlock(): Promise<void> {
    for (const role of OFFICERS) await this.#call['role.unlock']({ role, pin: PIN }, role);
  }

  #roleCard(role: (typeof OFFICERS)[number]) {
    const { election, station } = this.#order;
    const order = { election: election.election, stationId: station, authorityKey: AUTHORITY_KEY };
    return makeRoleCard({ ...order, role, pin: PIN, pinTriesMax: 3 }, () =>
      secretOf(roleSubject(station, role)),
    );
  }

  #blankTarefe(): CardState {
    const { election, station } = this.#order;
    const approver = (role: (typeof OFFICERS)[number]) => ({
      subject: roleSubject(station, role),
      role,
      key: nodeCrypto.signingPublicKey(secretOf(roleSubject(station, role))),
    });
    return makeTarefeCard({
      election: election.election,
      stationId: station,
      secretKey: secretOf(tarefeSubject(station)),
      approvers: [approver('executive'), approver('supervisor')],
    });
  }

  #lay(slot: keyof typeof ADMISSION_SLOTS, state: CardState): void {
    const ports = { crypto: nodeCrypto, random: nodeRandomness };
    this.#device.setSlot(ADMISSION_SLOTS[slot], undefined);
    const card = createCardOf(state, ports, (next) => {
      if (slot === 'tarefe') this.#tarefe = next;
    });
    this.#device.setSlot(ADMISSION_SLOTS[slot], card);
  }

  async #until(holds: () => boolean): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    while (!holds()) {
      if (Date.now() > deadline)
        throw new Error(`${this.station}: waited in vain: ${JSON.stringify(this.view())}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** The process is gone; its files are as they are. */
  async die(): Promise<void> {
    this.#alive.now = false;
    this.deaths++;
    await this.#shut();
  }

  async #shut(): Promise<void> {
    await this.#process?.close().catch((cause: unknown) => {
      if (!(cause instanceof Killed)) throw cause;
    });
    this.#stores?.inHand.close();
    this.#stores?.log.close();
    this.#stores?.journal.close();
    this.#process = undefined;
    await this.#cable.pull();
  }

  close = (): Promise<void> => this.#shut();

  async #guarded(run: () => Promise<Outcome>): Promise<Outcome> {
    const alive = this.#alive;
    try {
      const outcome = await run();
      return alive.now ? outcome : 'killed';
    } catch (cause) {
      if (!alive.now) return 'killed';
      if (cause instanceof Refused) return cause.refusal.code;
      throw cause;
    }
  }

  /** Where it died, it starts again; what is in hand is ended by the card's word and the two roles. */
  async #revived(outcome: Outcome): Promise<Outcome> {
    if (outcome !== 'killed' && outcome !== 'arming') return outcome;
    const card = this.#tarefe as CardState;
    if (outcome === 'killed') {
      await this.die();
      this.#lay('tarefe', card);
      await this.open();
    } else this.#lay('tarefe', card);
    await this.#until(() => this.view().slots.tarefe);
    const isAsked = (): boolean =>
      this.view().state === 'identified' || this.view().refusal?.code === 'taking_back_unarmed';
    await this.#until(() => this.view().in_hand !== true || isAsked());
    const { in_hand: inHand, refusal } = this.view();
    if (inHand !== true) return this.holdsArmed() ? 'armed' : 'idle';
    if (refusal?.code === 'taking_back_unarmed')
      await this.#call['tarefe.take_back']({ reason: 'returned' }, 'executive');
    else for (const role of OFFICERS) await this.#approve(role);
    return this.view().state;
  }

  #approve = (role: (typeof OFFICERS)[number]) => this.#call['tarefe.approve']({ role }, role);

  /** @returns what became of it; `holds` says whether an armed card is in the person's hand */
  async admit(code: string): Promise<Outcome> {
    for (let tries = 0; ; tries++) {
      // As at a real desk: the next card is laid when the last one has been seen to go.
      this.takeCard();
      await this.#until(
        () => !this.#alive.now || (!this.view().slots.tarefe && this.view().state !== 'armed'),
      );
      this.#tarefe = this.#blankTarefe();
      this.#lay('tarefe', this.#tarefe);
      const outcome = await this.#revived(
        await this.#guarded(async () => {
          if (this.view().state !== 'idle') await this.#call['person.cancel']({}, 'executive');
          await this.#until(() => this.view().slots.tarefe);
          const entered = await this.#call['person.enter'](
            { national_code: code, document: 'passport' },
            'executive',
          );
          if (entered.state === 'refused') return entered.refusal?.code ?? 'refused';
          await this.#approve('executive');
          const done = await this.#approve('supervisor');
          return done.state === 'refused' ? (done.refusal?.code ?? 'refused') : done.state;
        }),
      );
      // A busy computer lost its reader for a moment: the roles give their PINs again.
      if (outcome === 'role_card_locked') await this.#unlock();
      else if (outcome !== 'idle') return outcome;
      if (tries >= TRIES_MAX) return outcome;
    }
  }

  /** The card just armed comes back unused. */
  async giveBack(): Promise<Outcome> {
    return this.#revived(
      await this.#guarded(async () => {
        await this.#call['tarefe.take_back']({ reason: 'returned' }, 'executive');
        return 'ended';
      }),
    );
  }

  /** of the card that lies there now */
  holdsArmed(): boolean {
    return this.#tarefe?.kind === 'tarefe' && this.#tarefe.state === 'armed';
  }

  takeCard(): void {
    this.#device.setSlot(ADMISSION_SLOTS.tarefe, undefined);
  }

  /** Doors closed, the signed sums; the same bytes each time. */
  async summary(): Promise<string> {
    if (this.view().state !== 'idle') await this.#call['person.cancel']({}, 'executive');
    if (this.view().phase === 'open') await this.#call['doors.close']({}, 'executive');
    return (await this.#call['admission.summary']({}, 'executive')).record;
  }
}

export const deskFolder = (root: string, station: string): string => join(root, station);
