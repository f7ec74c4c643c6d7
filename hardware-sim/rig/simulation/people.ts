/**
 * The people of a simulated day, who do what the screens tell them: officers at the desk and in the hall, voters at the box.
 * They know what people know: which card they have handed out, which paper fell. Nobody looks into a store.
 */
import type { wire } from '@sandoq/protocol';
import { type AdmissionView, type OfficerView, Refused, type VoterView } from '@sandoq/station-app';
import { ProcessGone } from './processes.ts';
import {
  CONTESTS,
  codeOfVoter,
  SIMULATION_PINS,
  type SimulationRole,
  TAREFE_CARDS,
  VOTER_PIN,
  voterCard,
} from './scene.ts';
import type { World } from './world.ts';

/** Longer than anything that mends itself: links that are found again, five tries of thirty seconds, a voter's time. */
export const PATIENCE_MS = 30 * 60_000;
const LOOK_AGAIN_MS = 1_000;
/** Nobody acts sooner on what a screen says. */
const REACTION_MS = 200;
const HAND_MS = 400;
/** Longer than two heartbeats of which every frame is late. */
const FIGURES_LATE_MS = 20_000;

export type Habit =
  | 'votes'
  | 'corrects'
  | 'leaves_choosing'
  | 'leaves_paper'
  /** her card is off the pad for a while, at a moment of its own */
  | 'tears_card'
  /** brings her card back unused */
  | 'returns_card';

export interface SimulatedVoter {
  readonly number: number;
  readonly choices: readonly { readonly contest: number; readonly choice: readonly number[] | 'blank' }[];
  readonly habit: Habit;
  /** exactly one, when the day is over */
  outcome: 'waiting' | 'admitted' | 'voted' | 'kept_back' | 'went_home';
  pressedGreen: boolean;
}

/** Whoever finds a thing that may not be tells it and stops the day. */
export class Finding extends Error {}

const WAYS_OUT = { core: ProcessGone, refusal: Refused } as const;

export class People {
  readonly world: World;
  readonly voters: readonly SimulatedVoter[];
  /** cards that nobody holds */
  readonly #freeCards: string[] = Array.from({ length: TAREFE_CARDS }, (_, i) => `tarefe-${i + 1}`);
  readonly #queue: { readonly voter: SimulatedVoter; readonly card: string }[] = [];
  /** armed cards whose voters are gone, for the desk to void */
  readonly #leftCards: { readonly card: string; readonly voter: SimulatedVoter }[] = [];
  #deskDone = false;
  #boothDone = false;
  #roleCards: Promise<void> = Promise.resolve();
  /** every instruction, fault and phase that was seen */
  readonly passed = new Set<string>();
  corrections = 0;

  constructor(world: World, voters: readonly SimulatedVoter[]) {
    this.world = world;
    this.voters = voters;
  }

  // What everybody needs.

  #officer(): OfficerView | undefined {
    const view = this.world.voting.officerView();
    if (view !== undefined) {
      this.passed.add(`next.${view.next.code}`);
      if (view.fault !== null) this.passed.add(`code.${view.fault.code}`);
    }
    return view;
  }

  #screen(): VoterView | undefined {
    const view = this.world.voting.voterView();
    if (view?.code != null) this.passed.add(`code.voter.${view.code}`);
    return view;
  }

  #desk(): AdmissionView | undefined {
    const view = this.world.admission.view();
    if (view !== undefined) this.passed.add(`next.${view.next.code}`);
    if (view?.refusal != null) this.passed.add(`code.person.${view.refusal.code}`);
    return view;
  }

  /** @returns the code of the refusal, `gone` where the process died, undefined where it was done */
  async #try(who: string, what: string, deed: () => Promise<unknown>): Promise<string | undefined> {
    try {
      await deed();
      this.world.tell(who, what);
      return undefined;
    } catch (cause) {
      if (cause instanceof WAYS_OUT.core) return 'gone';
      if (!(cause instanceof WAYS_OUT.refusal)) throw cause;
      const { code, detail } = cause.refusal;
      this.world.tell(who, `${what}: refused, ${code} ${detail ?? ''}`);
      if (code === 'failed') throw new Finding(`${what} failed: ${this.world.findings.at(-1) ?? ''}`);
      this.passed.add(`code.${code}`);
      return code;
    }
  }

  async #patiently(what: string, step: () => Promise<'done' | 'again'>): Promise<void> {
    const endMs = this.world.time.elapsedMs() + PATIENCE_MS;
    while ((await step()) !== 'done') {
      if (this.world.findings.length > 0) throw new Finding(this.world.findings[0] as string);
      if (this.world.time.elapsedMs() > endMs)
        throw new Finding(`nobody gets out of this: ${what}; ${this.#where()}`);
      await this.world.time.sleep(REACTION_MS);
      await this.world.change(LOOK_AGAIN_MS);
    }
  }

  #where(): string {
    const officer = this.world.voting.officerView();
    const screen = this.world.voting.voterView();
    const desk = this.world.admission.view();
    return JSON.stringify({
      officer: officer && {
        phase: officer.phase,
        next: officer.next.code,
        fault: officer.fault,
        voter: officer.voter,
        step: officer.step,
        devices: officer.devices.map(({ id, state, code }) => `${id} ${state} ${code}`),
      },
      screen: screen && { phase: screen.phase, code: screen.code },
      desk: desk && {
        phase: desk.phase,
        state: desk.state,
        next: desk.next.code,
        refusal: desk.refusal,
        in_hand: desk.in_hand,
        unlocked: desk.unlocked,
      },
      box: {
        powered: this.world.box.powered(),
        facts: this.world.box.mechanics.facts(),
        pad: this.world.cardAt('box_pad'),
      },
    });
  }

  /** The two officers' cards are needed at the desk and in the hall: one place at a time. */
  async #withRoleCards<Value>(use: () => Promise<Value>): Promise<Value> {
    const before = this.#roleCards;
    let release = (): void => undefined;
    this.#roleCards = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    try {
      return await use();
    } finally {
      release();
    }
  }

  /** Presses the step in hand with these roles' cards, as far as they have not pressed. */
  async #approveStep(roles: readonly SimulationRole[]): Promise<void> {
    for (const [i, role] of roles.entries()) {
      const view = this.#officer();
      if (view === undefined || view.step === null) return;
      if (view.approvals.some((one) => one.role === role)) continue;
      const slot = i === 0 ? 'first' : 'second';
      const card = `role-${role}`;
      this.world.place(card, slot);
      await this.world.time.sleep(HAND_MS);
      await this.#try(role, 'presses for the step in hand', () =>
        this.world.voting.ask('step.approve', { slot, pin: SIMULATION_PINS[role] }),
      );
      this.world.place(card, 'pocket');
    }
  }

  // Opening.

  async loadPackage(): Promise<void> {
    await this.#patiently('loading the package', async () => {
      const view = this.#officer();
      if (view?.phase === 'set_up')
        await this.#try('officers', 'load the package', () => this.world.voting.ask('package.load', {}));
      return this.#officer()?.phase === 'loaded' ? 'done' : 'again';
    });
  }

  async openDay(): Promise<void> {
    await this.#patiently('opening', async () => {
      const view = this.#officer();
      if (view === undefined) return 'again';
      if (view.phase === 'set_up') {
        await this.#try('officers', 'load the package', () => this.world.voting.ask('package.load', {}));
      } else if (view.phase === 'loaded' && view.step === null) {
        await this.#try('officers', 'begin to open', () =>
          this.world.voting.ask('opening.begin', { mode: 'rehearsal', seals: ['7'] }),
        );
      } else if (view.step === 'opening') await this.#approveStep(['executive', 'supervisor']);
      return this.#officer()?.phase === 'open' ? 'done' : 'again';
    });
  }

  async openDesk(): Promise<void> {
    await this.#patiently('opening the desk', async () => ((await this.#deskReady()) ? 'done' : 'again'));
  }

  /** Role cards in their slots, PINs given, admission open. */
  async #deskReady(): Promise<boolean> {
    for (const role of ['executive', 'supervisor'] as const)
      if (this.world.where(`role-${role}`) !== role) this.world.place(`role-${role}`, role);
    const view = this.#desk();
    if (view === undefined || view.devices[0]?.state !== 'connected') return false;
    if (!view.slots.executive || !view.slots.supervisor) return false;
    if (view.phase === 'set_up') {
      await this.#try('officers', 'open the desk', () =>
        this.world.admission.ask('admission.open', {
          mode: 'rehearsal',
          executive_pin: SIMULATION_PINS.executive,
          supervisor_pin: SIMULATION_PINS.supervisor,
        }),
      );
      return false;
    }
    for (const role of ['executive', 'supervisor'] as const)
      if (!view.unlocked[role])
        await this.#try(role, 'gives the PIN', () =>
          this.world.admission.ask('role.unlock', { role, pin: SIMULATION_PINS[role] }),
        );
    const now = this.#desk();
    return now?.unlocked.executive === true && now.unlocked.supervisor;
  }

  /** What was in hand at the desk when the power went, and the card is with its voter: both roles say so. */
  async endInterruption(): Promise<void> {
    await this.#patiently('ending what was interrupted at the desk', async () => {
      if (!(await this.#deskReady())) return 'again';
      const view = this.#desk();
      if (view?.in_hand !== true) return view === undefined ? 'again' : 'done';
      await this.#try('officers', 'say that she has her card', () =>
        this.world.admission.ask('tarefe.handed_over', {}),
      );
      return 'again';
    });
  }

  // The desk.

  async desk(): Promise<void> {
    const queue = this.voters.filter(({ outcome }) => outcome === 'waiting');
    for (;;) {
      const left = this.#leftCards.shift();
      if (left !== undefined) {
        await this.#withRoleCards(() => this.#voidCard(left.card, 'abandoned', left.voter));
        continue;
      }
      const card = queue.length > 0 ? this.#freeCards.shift() : undefined;
      const voter = card === undefined ? undefined : queue.shift();
      if (card !== undefined && voter !== undefined) {
        await this.#withRoleCards(() => this.admit(voter, card));
        if (voter.habit === 'returns_card') await this.#withRoleCards(() => this.#comeBack(voter, card));
        else this.#queue.push({ voter, card });
        this.world.ring();
        continue;
      }
      this.#deskDone = queue.length === 0;
      if (this.#boothDone && this.#leftCards.length === 0) return;
      await this.world.time.sleep(REACTION_MS);
      await this.world.change(LOOK_AGAIN_MS);
    }
  }

  /** The document is laid and proved, two roles press, and the armed card is in her hand. */
  async admit(voter: SimulatedVoter, card: string): Promise<void> {
    const document = `voter-${voter.number}`;
    this.world.addCard(document, voterCard(voter.number));
    let handed = false;
    await this.#patiently(`admitting voter ${voter.number}`, async () => {
      if (!(await this.#deskReady())) return 'again';
      const view = this.#desk();
      if (view === undefined) return 'again';
      this.world.place(document, 'document');
      if (this.world.where(card) !== 'tarefe' && !handed) this.world.place(card, 'tarefe');
      const now = this.#desk();
      if (now === undefined || !now.slots.document || !now.slots.tarefe) return 'again';
      handed = await this.#admitStep(now, voter);
      return handed ? 'done' : 'again';
    });
    this.world.place(card, 'pocket');
    this.world.place(document, 'pocket');
    this.world.removeCard(document);
    voter.outcome = 'admitted';
    this.world.tell('desk', `voter ${voter.number} has ${card}`);
  }

  /** @returns whether the card is hers now */
  async #admitStep(view: AdmissionView, voter: SimulatedVoter): Promise<boolean> {
    const ask = (what: string, call: Parameters<World['admission']['ask']>[0], input: unknown) =>
      this.#try('desk', what, () => this.world.admission.ask(call, input));
    const press = async (): Promise<void> => {
      for (const role of ['executive', 'supervisor'] as const)
        if (
          this.#desk()?.approvals[role] === false &&
          (await ask(`${role} presses`, 'tarefe.approve', { role })) !== undefined
        )
          return;
    };
    const code = codeOfVoter(voter.number);
    switch (view.state) {
      case 'armed':
        // Of the person before it stands until her card is seen to be gone.
        return view.person?.national_code === code;
      case 'idle':
      case 'done': {
        await ask('reads the document', 'person.read', {});
        return false;
      }
      case 'refused':
        if (view.refusal?.code === 'already_admitted_here' && view.person?.national_code === code) {
          // Her card was armed and the desk forgot who stands there: what lies in the slot is hers.
          if (await this.#isArmed()) return true;
          throw new Finding(`voter ${voter.number} is admitted and has no card`);
        }
        await ask('begins again', 'person.cancel', {});
        return false;
      case 'needs_proof':
        if ((await ask('proves the holder', 'person.prove', { pin: VOTER_PIN })) === 'document_changed')
          await ask('begins again', 'person.cancel', {});
        return false;
      case 'identified':
      case 'awaiting_approvals':
        await press();
        return false;
      case 'arming': {
        const card = this.world.cardAt('tarefe');
        if (view.next.code !== 'lay_same_tarefe' || card === undefined) return false;
        this.world.place(card, 'pocket');
        await this.world.time.sleep(HAND_MS);
        this.world.place(card, 'tarefe');
        return false;
      }
      default:
        return false;
    }
  }

  /** They know which card they have in hand, and that it was not handed over. */
  async #isArmed(): Promise<boolean> {
    const card = this.world.cardAt('tarefe');
    const state = card === undefined ? undefined : this.world.cardState(card);
    return state?.kind === 'tarefe' && state.state === 'armed';
  }

  /** She has thought better of it. */
  async #comeBack(voter: SimulatedVoter, card: string): Promise<void> {
    const document = `voter-${voter.number}`;
    this.world.addCard(document, voterCard(voter.number));
    await this.#voidCard(card, 'returned', voter, document);
    this.world.place(document, 'pocket');
    this.world.removeCard(document);
  }

  /** An armed card is voided under two roles; interrupted, the very card is laid again. */
  async #voidCard(
    card: string,
    reason: 'returned' | 'abandoned',
    voter: SimulatedVoter,
    document?: string,
  ): Promise<void> {
    let asked = false;
    await this.#patiently(`voiding ${card} (${reason})`, async () => {
      if (!(await this.#deskReady())) return 'again';
      if (document !== undefined) this.world.place(document, 'document');
      this.world.place(card, 'tarefe');
      await this.world.time.sleep(HAND_MS);
      const view = this.#desk();
      if (view === undefined || !view.slots.tarefe) return 'again';
      const ask = (what: string, call: Parameters<World['admission']['ask']>[0], input: unknown) =>
        this.#try('desk', what, () => this.world.admission.ask(call, input));
      if (view.state === 'arming' || view.in_hand === true) {
        // What was interrupted: this very card, as both officers know.
        if (view.next.code === 'confirm_taken_back')
          await ask('this is that card', 'tarefe.take_back', { reason });
        return 'again';
      }
      const isArmed = await this.#isArmed();
      if (!isArmed && asked) return 'done';
      if (reason === 'returned' && view.person === null && isArmed) {
        await ask('reads the document', 'person.read', {});
        return 'again';
      }
      if (!isArmed) return 'done';
      asked = true;
      const code = await ask(`takes ${card} back as ${reason}`, 'tarefe.take_back', { reason });
      if (code === 'wrong_state') await ask('begins again', 'person.cancel', {});
      return 'again';
    });
    this.world.place(card, 'pocket');
    this.#freeCards.push(card);
    voter.outcome = reason === 'returned' ? 'went_home' : voter.outcome;
    this.world.ring();
  }

  // The box.

  async booth(): Promise<void> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) {
        await this.vote(next.voter, next.card);
        continue;
      }
      if (this.#deskDone && this.#queue.length === 0) {
        this.#boothDone = true;
        this.world.ring();
        return;
      }
      await this.world.time.sleep(REACTION_MS);
      await this.world.change(LOOK_AGAIN_MS);
    }
  }

  #figuresAgree(): boolean {
    const view = this.#officer();
    return view?.counters != null && view.counters.records === view.public_count * CONTESTS.length;
  }

  /** Both recorders up, linked, at rest: what they count then is what they hold. @returns votes */
  async rest(): Promise<number> {
    let count = 0;
    await this.#patiently('coming to rest', async () => {
      const view = this.#officer();
      if (view === undefined || view.counters === null || view.voter !== 'none') return 'again';
      if (view.devices.some(({ id, state }) => id === 'box' && state !== 'connected')) return 'again';
      if (!this.world.box.powered() || view.fault !== null) return 'again';
      if (view.counters.records !== view.public_count * CONTESTS.length) {
        // The box's figures are a second old, and older where the line lets frames wait.
        if (await this.world.until(() => this.#figuresAgree(), FIGURES_LATE_MS)) return 'again';
        const later = this.#officer();
        if (later?.counters == null || later.voter !== 'none' || later.fault !== null) return 'again';
        if (!this.#figuresAgree() && !this.world.flashDamaged)
          throw new Finding(
            `the box holds ${later.counters.records} records, the station ${later.public_count} votes`,
          );
      }
      count = view.public_count;
      return 'done';
    });
    return count;
  }

  /** @param counted votes before hers, where a restart has let her vote begin earlier */
  async vote(voter: SimulatedVoter, card: string, counted?: number): Promise<void> {
    const before = counted ?? (await this.rest());
    this.world.tell('voter', `${voter.number} (${voter.habit}) comes to the box with ${card}`);
    const fate = await new Episode(this, voter, card).run();
    this.world.place(card, 'pocket');
    const after = await this.rest();
    this.world.tell('voter', `${voter.number}: ${fate}; ${after - before} vote`);
    this.#judge(voter, fate, after - before);
    const state = this.world.cardState(card);
    const armed = state.kind === 'tarefe' && state.state === 'armed';
    if (voter.outcome === 'voted' && armed)
      throw new Finding(`voter ${voter.number} has voted and her card is armed`);
    if (armed) this.#leftCards.push({ card, voter });
    else this.#freeCards.push(card);
    this.world.ring();
  }

  #judge(voter: SimulatedVoter, fate: Fate, votes: number): void {
    if (votes > 1) throw new Finding(`doubled: voter ${voter.number} counts ${votes}`);
    if (votes < 0) throw new Finding(`lost: the count fell at voter ${voter.number}`);
    if (votes === 1 && !voter.pressedGreen)
      throw new Finding(`voter ${voter.number} never pressed green and is counted`);
    if (votes === 0 && fate === 'cast')
      throw new Finding(`lost: voter ${voter.number} was told that her vote is in the box`);
    if (votes === 0 && fate === 'spent')
      throw new Finding(`lost: the card of voter ${voter.number} is spent and nothing is counted`);
    voter.outcome = votes === 1 ? 'voted' : 'kept_back';
  }

  // What an episode at the box needs of the others.

  screen = (): VoterView | undefined => this.#screen();
  officer = (): OfficerView | undefined => this.#officer();
  try = (who: string, what: string, deed: () => Promise<unknown>): Promise<string | undefined> =>
    this.#try(who, what, deed);
  patiently = (what: string, step: () => Promise<'done' | 'again'>): Promise<void> =>
    this.#patiently(what, step);
  keepBack = (): Promise<void> =>
    this.#withRoleCards(async () => {
      await this.#try('officers', 'begin to keep the paper back', () =>
        this.world.voting.ask('abandon.begin', {}),
      );
      await this.#approveStep(['executive', 'supervisor']);
    });

  /** The hall: what the screens ask for while the day goes on. */
  async hall(over: () => boolean): Promise<void> {
    while (!over()) {
      const view = this.#officer();
      const { mechanics } = this.world.box;
      if (view?.next.code === 'clear_jam' && mechanics.paperFault('clear'))
        this.world.tell('officers', 'clear the jam');
      if (view?.next.code === 'refill_paper') {
        if (mechanics.paperFault('refill')) this.world.tell('officers', 'lay new paper in');
        mechanics.setLid(false);
      }
      if (view?.next.code === 'close_lid') mechanics.setLid(false);
      if (view?.next.code === 'wait_for_reconciliation') {
        await this.world.time.sleep(5_000);
        if (this.#officer()?.next.code === 'wait_for_reconciliation')
          await this.#try('officers', 'acknowledge', () => this.world.voting.ask('fault.acknowledge', {}));
      }
      await this.world.time.sleep(REACTION_MS);
      await this.world.change(LOOK_AGAIN_MS);
    }
  }

  // Closing.

  async closeDay(): Promise<string> {
    let summary = '';
    await this.#patiently('closing the desk', async () => {
      if (!(await this.#deskReady())) return 'again';
      if (this.#desk()?.in_hand === true)
        await this.#try('officers', 'say that she has her card', () =>
          this.world.admission.ask('tarefe.handed_over', {}),
        );
      if (this.#desk()?.phase === 'open')
        await this.#try('officers', 'close the doors', () => this.world.admission.ask('doors.close', {}));
      await this.#try('officers', 'end the desk', async () => {
        summary = ((await this.world.admission.ask('admission.summary', {})) as { record: string }).record;
      });
      return summary === '' ? 'again' : 'done';
    });
    for (const role of ['executive', 'supervisor'] as const) this.world.place(`role-${role}`, 'pocket');
    await this.#patiently('closing', () => this.#closeStep(summary));
    return summary;
  }

  async #closeStep(summary: string): Promise<'done' | 'again'> {
    const closing = ['governor_representative', 'council_representative'] as const;
    const view = this.#officer();
    if (view === undefined || view.progress !== null) return 'again';
    const ask = (what: string, call: Parameters<World['voting']['ask']>[0], input: unknown) =>
      this.#try('officers', what, () => this.world.voting.ask(call, input));
    if (view.step === 'doors' || view.step === 'closing') await this.#approveStep(closing);
    else if (view.phase === 'open' && view.step === null)
      await ask('close the doors', 'doors.close_begin', {});
    else if (view.phase === 'doors_closed' && view.step === null)
      await ask('begin to close', 'close.begin', { amendment: null });
    else if (view.phase === 'closed' || view.phase === 'counted') {
      this.world.place('role-governor_representative', 'first');
      this.world.place('role-council_representative', 'second');
      await this.world.time.sleep(HAND_MS);
      const pins = [
        { slot: 'first', pin: SIMULATION_PINS.governor_representative },
        { slot: 'second', pin: SIMULATION_PINS.council_representative },
      ];
      if (view.phase === 'closed') await ask('count', 'count.run', { admission_summary: summary, pins });
      else if (view.recount === 'not_done') {
        const sources =
          this.#recounted === undefined ? (['box', 'station'] as const) : (['station'] as const);
        for (const source of sources)
          await ask(`recount from the ${source}`, 'recount.run', { source, pins });
      } else return 'done';
    }
    return 'again';
  }
  #recounted: boolean | undefined;
}

export type Fate = 'cast' | 'spent' | 'kept_back' | 'left' | 'refused';

/** One voter at the box, from her card on the pad to her card in somebody's hand. */
class Episode {
  readonly #people: People;
  readonly #world: World;
  readonly #voter: SimulatedVoter;
  readonly #card: string;
  #corrected = false;
  #torn = false;
  #fate: Fate | undefined;
  #phaseSinceMs = 0;
  #phase = '';

  constructor(people: People, voter: SimulatedVoter, card: string) {
    this.#people = people;
    this.#world = people.world;
    this.#voter = voter;
    this.#card = card;
  }

  async run(): Promise<Fate> {
    this.#world.place(this.#card, 'box_pad');
    if (this.#voter.habit === 'tears_card')
      this.#world.time.after(this.#world.chance.between(0, 9_000), () => this.#tear());
    await this.#people.patiently(`voter ${this.#voter.number} at the box`, () => this.#step());
    if (this.#torn) await this.#layTornCard();
    return this.#fate as Fate;
  }

  #tear(): void {
    if (this.#fate !== undefined || this.#world.where(this.#card) !== 'box_pad') return;
    this.#torn = true;
    this.#world.tell('voter', 'tears her card from the pad');
    this.#world.place(this.#card, 'pocket');
    this.#world.time.after(this.#world.chance.between(50, 5_000), () => {
      if (this.#fate === undefined) this.#world.place(this.#card, 'box_pad');
    });
  }

  /** A card that left the pad early is laid on the box before anything else: the box burns what has voted. */
  async #layTornCard(): Promise<void> {
    this.#world.place(this.#card, 'pocket');
    await this.#world.time.sleep(2_000);
    await this.#people.patiently('laying the torn card again', async () => {
      this.#world.place(this.#card, 'box_pad');
      await this.#world.time.sleep(3_000);
      const view = this.#people.screen();
      return view?.phase === 'card_refused' || view?.phase === 'choosing' || view?.phase === 'cast'
        ? 'done'
        : 'again';
    });
    this.#world.place(this.#card, 'pocket');
    await this.#world.time.sleep(2_000);
  }

  #ends(fate: Fate): 'done' {
    this.#fate = fate;
    return 'done';
  }

  async #step(): Promise<'done' | 'again'> {
    const view = this.#people.screen();
    if (view === undefined) return 'again';
    if (view.phase !== this.#phase) {
      this.#phase = view.phase;
      this.#phaseSinceMs = this.#world.time.elapsedMs();
      this.#world.tell('screen', `${view.phase} ${view.code ?? ''}`);
    }
    const forMs = this.#world.time.elapsedMs() - this.#phaseSinceMs;
    switch (view.phase) {
      case 'choosing':
      case 'review':
        return this.#choose();
      case 'in_window':
        return this.#look(forMs);
      case 'cast':
        return this.#ends('cast');
      case 'card_refused':
        if (view.code === 'card_spent') return this.#ends('spent');
        if (forMs > 20_000) this.#layAgain();
        return 'again';
      case 'ended':
        // Kept back, or her time was over: what she does next is hers.
        if (this.#voter.habit === 'leaves_paper' || this.#voter.habit === 'leaves_choosing')
          return this.#ends('left');
        this.#layAgain();
        return 'again';
      case 'welcome':
        if (forMs > 15_000) this.#layAgain();
        return 'again';
      default:
        return 'again';
    }
  }

  #layAgain(): void {
    this.#phaseSinceMs = this.#world.time.elapsedMs();
    this.#world.place(this.#card, 'pocket');
    this.#world.time.after(1_000, () => {
      if (this.#fate === undefined) this.#world.place(this.#card, 'box_pad');
    });
  }

  async #choose(): Promise<'again'> {
    // Gone: the session ends by itself, the card stays on the pad until somebody takes it.
    if (this.#voter.habit === 'leaves_choosing') return 'again';
    for (const { contest, choice } of this.#voter.choices)
      if (
        (await this.#people.try('voter', `chooses in ${contest}`, () =>
          this.#world.voting.ask('voter.choose', { contest, choice }),
        )) !== undefined
      )
        return 'again';
    await this.#world.time.sleep(HAND_MS);
    await this.#people.try('voter', 'prints', () => this.#world.voting.ask('voter.print', {}));
    return 'again';
  }

  async #look(forMs: number): Promise<'done' | 'again'> {
    const { habit } = this.#voter;
    if (habit === 'leaves_paper') {
      if (
        this.#people.officer()?.next.code !== 'call_waiting_voter' &&
        this.#people.officer()?.step !== 'abandon'
      )
        return 'again';
      this.#world.place(this.#card, 'pocket');
      await this.#world.time.sleep(1_500);
      await this.#people.keepBack();
      await this.#world.time.sleep(1_500);
      return 'again';
    }
    if (forMs < 300) return 'again';
    if (!this.#world.box.powered()) return 'again';
    const key: wire.Key = habit === 'corrects' && !this.#corrected ? 'correction' : 'green';
    if (key === 'green') this.#voter.pressedGreen = true;
    else this.#people.corrections++;
    this.#corrected ||= key === 'correction';
    this.#world.press(key);
    await this.#world.time.sleep(1_500);
    return 'again';
  }
}
