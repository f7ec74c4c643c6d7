/** What everybody needs who works on a simulated day: eyes, hands, patience, and the two officers' cards. */
import { type AdmissionView, type OfficerView, Refused, type VoterView } from '@sandoq/station-app';
import { ProcessGone } from './processes.ts';
import { SIMULATION_PINS, type SimulationRole } from './scene.ts';
import type { World } from './world.ts';

/** Longer than anything that mends itself: links that are found again, five tries of thirty seconds, a voter's time. */
export const PATIENCE_MS = 30 * 60_000;
export const LOOK_AGAIN_MS = 1_000;
/** Nobody acts sooner on what a screen says. */
export const REACTION_MS = 200;
export const HAND_MS = 400;

/** Whoever finds a thing that may not be tells it and stops the day. */
export class Finding extends Error {}

const WAYS_OUT = { core: ProcessGone, refusal: Refused } as const;

export class Crew {
  readonly world: World;
  /** every instruction, fault and phase that was seen */
  readonly passed = new Set<string>();
  #roleCards: Promise<void> = Promise.resolve();

  constructor(world: World) {
    this.world = world;
  }

  officer(): OfficerView | undefined {
    const view = this.world.voting.officerView();
    if (view !== undefined) {
      this.passed.add(`next.${view.next.code}`);
      if (view.fault !== null) this.passed.add(`code.${view.fault.code}`);
    }
    return view;
  }

  screen(): VoterView | undefined {
    const view = this.world.voting.voterView();
    if (view?.code != null) this.passed.add(`code.voter.${view.code}`);
    return view;
  }

  desk(): AdmissionView | undefined {
    const view = this.world.admission.view();
    if (view !== undefined) this.passed.add(`next.${view.next.code}`);
    if (view?.refusal != null) this.passed.add(`code.person.${view.refusal.code}`);
    return view;
  }

  /** @returns the code of the refusal, `gone` where the process died, undefined where it was done */
  async try(who: string, what: string, deed: () => Promise<unknown>): Promise<string | undefined> {
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

  async patiently(what: string, step: () => Promise<'done' | 'again'>): Promise<void> {
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
  async withRoleCards<Value>(use: () => Promise<Value>): Promise<Value> {
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
  async approveStep(roles: readonly SimulationRole[]): Promise<void> {
    for (const [i, role] of roles.entries()) {
      const view = this.officer();
      if (view === undefined || view.step === null) return;
      if (view.approvals.some((one) => one.role === role)) continue;
      const slot = i === 0 ? 'first' : 'second';
      const card = `role-${role}`;
      this.world.place(card, slot);
      await this.world.time.sleep(HAND_MS);
      await this.try(role, 'presses for the step in hand', () =>
        this.world.voting.ask('step.approve', { slot, pin: SIMULATION_PINS[role] }),
      );
      this.world.place(card, 'pocket');
    }
  }
}
