/**
 * The people of a simulated day, who do what the screens tell them: officers at the desk and in the hall, voters at the box.
 * They know what people know: which card they have handed out, which paper fell. Nobody looks into a store.
 */
import { Crew, Finding, LOOK_AGAIN_MS, REACTION_MS } from './crew.ts';
import { Desk, type HandedOver } from './desk.ts';
import { Episode, type Fate } from './episode.ts';
import { Hall } from './hall.ts';
import { CONTESTS, TAREFE_CARDS } from './scene.ts';
import type { SimulatedVoter } from './voter.ts';
import type { World } from './world.ts';

/** Longer than two heartbeats of which every frame is late. */
const FIGURES_LATE_MS = 20_000;

export class People {
  readonly world: World;
  readonly voters: readonly SimulatedVoter[];
  readonly passed: ReadonlySet<string>;
  readonly #handed: HandedOver = {
    freeCards: Array.from({ length: TAREFE_CARDS }, (_, i) => `tarefe-${i + 1}`),
    toBox: [],
    leftCards: [],
    deskDone: false,
    boothDone: false,
  };
  readonly #crew: Crew;
  readonly #desk: Desk;
  readonly #hall: Hall;

  constructor(world: World, voters: readonly SimulatedVoter[]) {
    this.world = world;
    this.voters = voters;
    this.#crew = new Crew(world);
    this.passed = this.#crew.passed;
    this.#desk = new Desk(this.#crew, voters, this.#handed);
    this.#hall = new Hall(this.#crew, this.#desk);
  }

  // In the hall and at the desk.

  loadPackage = (): Promise<void> => this.#hall.loadPackage();
  openDay = (): Promise<void> => this.#hall.openDay();
  hall = (over: () => boolean): Promise<void> => this.#hall.watch(over);
  closeDay = (): Promise<string> => this.#hall.closeDay();
  openDesk = (): Promise<void> => this.#desk.open();
  endInterruption = (): Promise<void> => this.#desk.endInterruption();
  desk = (): Promise<void> => this.#desk.serve();
  admit = (voter: SimulatedVoter, card: string): Promise<void> => this.#desk.admit(voter, card);

  // At the box.

  async booth(): Promise<void> {
    for (;;) {
      const next = this.#handed.toBox.shift();
      if (next !== undefined) {
        await this.vote(next.voter, next.card);
        continue;
      }
      if (this.#handed.deskDone && this.#handed.toBox.length === 0) {
        this.#handed.boothDone = true;
        this.world.ring();
        return;
      }
      await this.world.time.sleep(REACTION_MS);
      await this.world.change(LOOK_AGAIN_MS);
    }
  }

  #figuresAgree(): boolean {
    const view = this.#crew.officer();
    return view?.counters != null && view.counters.records === view.public_count * CONTESTS.length;
  }

  /** Both recorders up, linked, at rest: what they count then is what they hold. @returns votes */
  async rest(): Promise<number> {
    let count = 0;
    await this.#crew.patiently('coming to rest', async () => {
      const view = this.#crew.officer();
      if (view === undefined || view.counters === null || view.voter !== 'none') return 'again';
      if (view.devices.some(({ id, state }) => id === 'box' && state !== 'connected')) return 'again';
      if (!this.world.box.powered() || view.fault !== null) return 'again';
      if (view.counters.records !== view.public_count * CONTESTS.length) {
        // The box's figures are a second old, and older where the line lets frames wait.
        if (await this.world.until(() => this.#figuresAgree(), FIGURES_LATE_MS)) return 'again';
        const later = this.#crew.officer();
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
    const fate = await new Episode(this.#crew, this.#hall, voter, card).run();
    this.world.place(card, 'pocket');
    const after = await this.rest();
    this.world.tell('voter', `${voter.number}: ${fate}; ${after - before} vote`);
    this.#judge(voter, fate, after - before);
    const state = this.world.cardState(card);
    const armed = state.kind === 'tarefe' && state.state === 'armed';
    if (voter.outcome === 'voted' && armed)
      throw new Finding(`voter ${voter.number} has voted and her card is armed`);
    if (armed) this.#handed.leftCards.push({ card, voter });
    else this.#handed.freeCards.push(card);
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
}
