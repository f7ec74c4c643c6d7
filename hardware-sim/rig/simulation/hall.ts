/** The officers in the hall of a simulated day: they open and close it, and mend what the screens ask them to mend. */
import { type Crew, HAND_MS, LOOK_AGAIN_MS, REACTION_MS } from './crew.ts';
import type { Desk } from './desk.ts';
import { SIMULATION_PINS } from './scene.ts';
import type { World } from './world.ts';

export class Hall {
  readonly #crew: Crew;
  readonly #world: World;
  readonly #desk: Desk;

  constructor(crew: Crew, desk: Desk) {
    this.#crew = crew;
    this.#world = crew.world;
    this.#desk = desk;
  }

  async loadPackage(): Promise<void> {
    await this.#crew.patiently('loading the package', async () => {
      const view = this.#crew.officer();
      if (view?.phase === 'set_up')
        await this.#crew.try('officers', 'load the package', () =>
          this.#world.voting.ask('package.load', {}),
        );
      return this.#crew.officer()?.phase === 'loaded' ? 'done' : 'again';
    });
  }

  async openDay(): Promise<void> {
    await this.#crew.patiently('opening', async () => {
      const view = this.#crew.officer();
      if (view === undefined) return 'again';
      if (view.phase === 'set_up') {
        await this.#crew.try('officers', 'load the package', () =>
          this.#world.voting.ask('package.load', {}),
        );
      } else if (view.phase === 'loaded' && view.step === null) {
        await this.#crew.try('officers', 'begin to open', () =>
          this.#world.voting.ask('opening.begin', { mode: 'rehearsal', seals: ['7'] }),
        );
      } else if (view.step === 'opening') await this.#crew.approveStep(['executive', 'supervisor']);
      return this.#crew.officer()?.phase === 'open' ? 'done' : 'again';
    });
  }

  /** Her paper was left lying: it is kept back under two roles. */
  keepBack = (): Promise<void> =>
    this.#crew.withRoleCards(async () => {
      await this.#crew.try('officers', 'begin to keep the paper back', () =>
        this.#world.voting.ask('abandon.begin', {}),
      );
      await this.#crew.approveStep(['executive', 'supervisor']);
    });

  /** What the screens ask for while the day goes on. */
  async watch(over: () => boolean): Promise<void> {
    while (!over()) {
      const view = this.#crew.officer();
      const { mechanics } = this.#world.box;
      if (view?.next.code === 'clear_jam' && mechanics.paperFault('clear'))
        this.#world.tell('officers', 'clear the jam');
      if (view?.next.code === 'refill_paper') {
        if (mechanics.paperFault('refill')) this.#world.tell('officers', 'lay new paper in');
        mechanics.setLid(false);
      }
      if (view?.next.code === 'close_lid') mechanics.setLid(false);
      if (view?.next.code === 'wait_for_reconciliation') {
        await this.#world.time.sleep(5_000);
        if (this.#crew.officer()?.next.code === 'wait_for_reconciliation')
          await this.#crew.try('officers', 'acknowledge', () =>
            this.#world.voting.ask('fault.acknowledge', {}),
          );
      }
      await this.#world.time.sleep(REACTION_MS);
      await this.#world.change(LOOK_AGAIN_MS);
    }
  }

  async closeDay(): Promise<string> {
    let summary = '';
    await this.#crew.patiently('closing the desk', async () => {
      if (!(await this.#desk.ready())) return 'again';
      if (this.#crew.desk()?.in_hand === true)
        await this.#crew.try('officers', 'say that she has her card', () =>
          this.#world.admission.ask('tarefe.handed_over', {}),
        );
      if (this.#crew.desk()?.phase === 'open')
        await this.#crew.try('officers', 'close the doors', () =>
          this.#world.admission.ask('doors.close', {}),
        );
      await this.#crew.try('officers', 'end the desk', async () => {
        summary = ((await this.#world.admission.ask('admission.summary', {})) as { record: string }).record;
      });
      return summary === '' ? 'again' : 'done';
    });
    for (const role of ['executive', 'supervisor'] as const) this.#world.place(`role-${role}`, 'pocket');
    await this.#crew.patiently('closing', () => this.#closeStep(summary));
    return summary;
  }

  async #closeStep(summary: string): Promise<'done' | 'again'> {
    const closing = ['governor_representative', 'council_representative'] as const;
    const view = this.#crew.officer();
    if (view === undefined || view.progress !== null) return 'again';
    const ask = (what: string, call: Parameters<World['voting']['ask']>[0], input: unknown) =>
      this.#crew.try('officers', what, () => this.#world.voting.ask(call, input));
    if (view.step === 'doors' || view.step === 'closing') await this.#crew.approveStep(closing);
    else if (view.phase === 'open' && view.step === null)
      await ask('close the doors', 'doors.close_begin', {});
    else if (view.phase === 'doors_closed' && view.step === null)
      await ask('begin to close', 'close.begin', { amendment: null });
    else if (view.phase === 'closed' || view.phase === 'counted') {
      this.#world.place('role-governor_representative', 'first');
      this.#world.place('role-council_representative', 'second');
      await this.#world.time.sleep(HAND_MS);
      const pins = [
        { slot: 'first', pin: SIMULATION_PINS.governor_representative },
        { slot: 'second', pin: SIMULATION_PINS.council_representative },
      ];
      if (view.phase === 'closed') await ask('count', 'count.run', { admission_summary: summary, pins });
      else if (view.recount === 'not_done') {
        for (const source of ['box', 'station'] as const)
          await ask(`recount from the ${source}`, 'recount.run', { source, pins });
      } else return 'done';
    }
    return 'again';
  }
}
