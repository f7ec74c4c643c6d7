/** The admission desk of a simulated day: two officers who do what its screen tells them, and the voters who come in. */
import type { AdmissionView } from '@sandoq/station-app';
import { type Crew, Finding, HAND_MS, LOOK_AGAIN_MS, REACTION_MS } from './crew.ts';
import { codeOfVoter, SIMULATION_PINS, VOTER_PIN, voterCard } from './scene.ts';
import type { SimulatedVoter } from './voter.ts';
import type { World } from './world.ts';

/** What goes from hand to hand between the desk and the box. */
export interface HandedOver {
  /** cards that nobody holds */
  readonly freeCards: string[];
  /** voters on their way to the box with an armed card */
  readonly toBox: { readonly voter: SimulatedVoter; readonly card: string }[];
  /** armed cards whose voters are gone, for the desk to void */
  readonly leftCards: { readonly card: string; readonly voter: SimulatedVoter }[];
  deskDone: boolean;
  boothDone: boolean;
}

export class Desk {
  readonly #crew: Crew;
  readonly #world: World;
  readonly #voters: readonly SimulatedVoter[];
  readonly #handed: HandedOver;

  constructor(crew: Crew, voters: readonly SimulatedVoter[], handed: HandedOver) {
    this.#crew = crew;
    this.#world = crew.world;
    this.#voters = voters;
    this.#handed = handed;
  }

  async open(): Promise<void> {
    await this.#crew.patiently('opening the desk', async () => ((await this.ready()) ? 'done' : 'again'));
  }

  /** Role cards in their slots, PINs given, admission open. */
  async ready(): Promise<boolean> {
    for (const role of ['executive', 'supervisor'] as const)
      if (this.#world.where(`role-${role}`) !== role) this.#world.place(`role-${role}`, role);
    const view = this.#crew.desk();
    if (view === undefined || view.devices[0]?.state !== 'connected') return false;
    if (!view.slots.executive || !view.slots.supervisor) return false;
    if (view.phase === 'set_up') {
      await this.#crew.try('officers', 'open the desk', () =>
        this.#world.admission.ask('admission.open', {
          mode: 'rehearsal',
          executive_pin: SIMULATION_PINS.executive,
          supervisor_pin: SIMULATION_PINS.supervisor,
        }),
      );
      return false;
    }
    for (const role of ['executive', 'supervisor'] as const)
      if (!view.unlocked[role])
        await this.#crew.try(role, 'gives the PIN', () =>
          this.#world.admission.ask('role.unlock', { role, pin: SIMULATION_PINS[role] }),
        );
    const now = this.#crew.desk();
    return now?.unlocked.executive === true && now.unlocked.supervisor;
  }

  /** What was in hand at the desk when the power went, and the card is with its voter: both roles say so. */
  async endInterruption(): Promise<void> {
    await this.#crew.patiently('ending what was interrupted at the desk', async () => {
      if (!(await this.ready())) return 'again';
      const view = this.#crew.desk();
      if (view?.in_hand !== true) return view === undefined ? 'again' : 'done';
      await this.#crew.try('officers', 'say that she has her card', () =>
        this.#world.admission.ask('tarefe.handed_over', {}),
      );
      return 'again';
    });
  }

  async serve(): Promise<void> {
    const queue = this.#voters.filter(({ outcome }) => outcome === 'waiting');
    for (;;) {
      const left = this.#handed.leftCards.shift();
      if (left !== undefined) {
        await this.#crew.withRoleCards(() => this.#voidCard(left.card, 'abandoned', left.voter));
        continue;
      }
      const card = queue.length > 0 ? this.#handed.freeCards.shift() : undefined;
      const voter = card === undefined ? undefined : queue.shift();
      if (card !== undefined && voter !== undefined) {
        await this.#crew.withRoleCards(() => this.admit(voter, card));
        if (voter.habit === 'returns_card') await this.#crew.withRoleCards(() => this.#comeBack(voter, card));
        else this.#handed.toBox.push({ voter, card });
        this.#world.ring();
        continue;
      }
      this.#handed.deskDone = queue.length === 0;
      if (this.#handed.boothDone && this.#handed.leftCards.length === 0) return;
      await this.#world.time.sleep(REACTION_MS);
      await this.#world.change(LOOK_AGAIN_MS);
    }
  }

  /** The document is laid and proved, two roles press, and the armed card is in her hand. */
  async admit(voter: SimulatedVoter, card: string): Promise<void> {
    const document = `voter-${voter.number}`;
    this.#world.addCard(document, voterCard(voter.number));
    let handed = false;
    await this.#crew.patiently(`admitting voter ${voter.number}`, async () => {
      if (!(await this.ready())) return 'again';
      const view = this.#crew.desk();
      if (view === undefined) return 'again';
      this.#world.place(document, 'document');
      if (this.#world.where(card) !== 'tarefe' && !handed) this.#world.place(card, 'tarefe');
      const now = this.#crew.desk();
      if (now === undefined || !now.slots.document || !now.slots.tarefe) return 'again';
      handed = await this.#admitStep(now, voter);
      return handed ? 'done' : 'again';
    });
    // Hers from the moment she takes it: the desk writes that the card is gone while the hand still moves.
    voter.outcome = 'admitted';
    this.#world.place(card, 'pocket');
    this.#world.place(document, 'pocket');
    this.#world.removeCard(document);
    this.#world.tell('desk', `voter ${voter.number} has ${card}`);
  }

  /** @returns whether the card is hers now */
  async #admitStep(view: AdmissionView, voter: SimulatedVoter): Promise<boolean> {
    const ask = (what: string, call: Parameters<World['admission']['ask']>[0], input: unknown) =>
      this.#crew.try('desk', what, () => this.#world.admission.ask(call, input));
    const press = async (): Promise<void> => {
      for (const role of ['executive', 'supervisor'] as const)
        if (
          this.#crew.desk()?.approvals[role] === false &&
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
        const card = this.#world.cardAt('tarefe');
        if (view.next.code !== 'lay_same_tarefe' || card === undefined) return false;
        this.#world.place(card, 'pocket');
        await this.#world.time.sleep(HAND_MS);
        this.#world.place(card, 'tarefe');
        return false;
      }
      default:
        return false;
    }
  }

  /** They know which card they have in hand, and that it was not handed over. */
  async #isArmed(): Promise<boolean> {
    const card = this.#world.cardAt('tarefe');
    const state = card === undefined ? undefined : this.#world.cardState(card);
    return state?.kind === 'tarefe' && state.state === 'armed';
  }

  /** She has thought better of it. */
  async #comeBack(voter: SimulatedVoter, card: string): Promise<void> {
    const document = `voter-${voter.number}`;
    this.#world.addCard(document, voterCard(voter.number));
    await this.#voidCard(card, 'returned', voter, document);
    this.#world.place(document, 'pocket');
    this.#world.removeCard(document);
  }

  /** An armed card is voided under two roles; interrupted, the very card is laid again. */
  async #voidCard(
    card: string,
    reason: 'returned' | 'abandoned',
    voter: SimulatedVoter,
    document?: string,
  ): Promise<void> {
    let asked = false;
    await this.#crew.patiently(`voiding ${card} (${reason})`, async () => {
      if (!(await this.ready())) return 'again';
      if (document !== undefined) this.#world.place(document, 'document');
      this.#world.place(card, 'tarefe');
      await this.#world.time.sleep(HAND_MS);
      const view = this.#crew.desk();
      if (view === undefined || !view.slots.tarefe) return 'again';
      const ask = (what: string, call: Parameters<World['admission']['ask']>[0], input: unknown) =>
        this.#crew.try('desk', what, () => this.#world.admission.ask(call, input));
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
    this.#world.place(card, 'pocket');
    this.#handed.freeCards.push(card);
    voter.outcome = reason === 'returned' ? 'went_home' : voter.outcome;
    this.#world.ring();
  }
}
