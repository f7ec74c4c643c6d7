/** One voter at the box of a simulated day. */
import type { wire } from '@sandoq/protocol';
import { type Crew, HAND_MS } from './crew.ts';
import type { Hall } from './hall.ts';
import type { SimulatedVoter } from './voter.ts';
import type { World } from './world.ts';

export type Fate = 'cast' | 'spent' | 'kept_back' | 'left' | 'refused';

/** One voter at the box, from her card on the pad to her card in somebody's hand. */
export class Episode {
  readonly #crew: Crew;
  readonly #hall: Hall;
  readonly #world: World;
  readonly #voter: SimulatedVoter;
  readonly #card: string;
  #corrected = false;
  #torn = false;
  #fate: Fate | undefined;
  #phaseSinceMs = 0;
  #phase = '';

  constructor(crew: Crew, hall: Hall, voter: SimulatedVoter, card: string) {
    this.#crew = crew;
    this.#hall = hall;
    this.#world = crew.world;
    this.#voter = voter;
    this.#card = card;
  }

  async run(): Promise<Fate> {
    this.#world.place(this.#card, 'box_pad');
    if (this.#voter.habit === 'tears_card')
      this.#world.time.after(this.#world.chance.between(0, 9_000), () => this.#tear());
    await this.#crew.patiently(`voter ${this.#voter.number} at the box`, () => this.#step());
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
    await this.#crew.patiently('laying the torn card again', async () => {
      this.#world.place(this.#card, 'box_pad');
      await this.#world.time.sleep(3_000);
      const view = this.#crew.screen();
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
    const view = this.#crew.screen();
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
        (await this.#crew.try('voter', `chooses in ${contest}`, () =>
          this.#world.voting.ask('voter.choose', { contest, choice }),
        )) !== undefined
      )
        return 'again';
    await this.#world.time.sleep(HAND_MS);
    await this.#crew.try('voter', 'prints', () => this.#world.voting.ask('voter.print', {}));
    return 'again';
  }

  async #look(forMs: number): Promise<'done' | 'again'> {
    const { habit } = this.#voter;
    if (habit === 'leaves_paper') {
      if (
        this.#crew.officer()?.next.code !== 'call_waiting_voter' &&
        this.#crew.officer()?.step !== 'abandon'
      )
        return 'again';
      this.#world.place(this.#card, 'pocket');
      await this.#world.time.sleep(1_500);
      await this.#hall.keepBack();
      await this.#world.time.sleep(1_500);
      return 'again';
    }
    if (forMs < 300) return 'again';
    if (!this.#world.box.powered()) return 'again';
    const key: wire.Key = habit === 'corrects' && !this.#corrected ? 'correction' : 'green';
    if (key === 'green') this.#voter.pressedGreen = true;
    this.#corrected ||= key === 'correction';
    this.#world.press(key);
    await this.#world.time.sleep(1_500);
    return 'again';
  }
}
