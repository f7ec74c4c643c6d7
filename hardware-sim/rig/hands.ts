/** What people's hands do at one station, through the real parts: cards into slots, PINs and presses on screens, keys on the box. */
import type { BenchClient } from '@sandoq/hardware-sim';
import { Refused } from '@sandoq/station-app';
import type { PlannedVoter } from './day-plan.ts';
import { BENCH_PINS, type BenchRole, TAREFE_CARDS } from './provision.ts';
import { type StationCores, until } from './station.ts';

export const roleCard = (role: BenchRole): string => `role-${role}`;
export const tarefeCard = (number: number): string => `tarefe-${number}`;

export interface Hands {
  readonly bench: BenchClient;
  readonly station: string;
  readonly cores: StationCores;
}

type Place = 'document' | 'tarefe' | 'executive' | 'supervisor' | 'first' | 'second' | 'box_pad' | 'pocket';

export const place = (hands: Hands, card: string, where: Place): Promise<void> =>
  hands.bench.performQuietly({ do: 'place_card', station: hands.station, card, where });

/** The same with what comes of it seen elsewhere: that is waited for, and the deed's refusal. */
const placeFor = <Seen>(hands: Hands, card: string, where: Place, seen: Promise<Seen>): Promise<Seen> =>
  Promise.race([hands.bench.unlessRefused({ do: 'place_card', station: hands.station, card, where }), seen]);

/** Two role cards in the role reader, each with its PIN, approve the step in hand. */
async function approveStep(hands: Hands, roles: readonly [BenchRole, BenchRole]): Promise<void> {
  for (const [i, role] of roles.entries()) {
    const slot = i === 0 ? 'first' : 'second';
    await place(hands, roleCard(role), slot);
    await hands.cores.officer.call('step.approve', { slot, pin: BENCH_PINS[role] });
    await place(hands, roleCard(role), 'pocket');
  }
}

/** Loads the package, opens under two roles, and opens the admission desk. Resumes where a restart left it. */
export async function openStation(hands: Hands): Promise<void> {
  const { officer, desk } = hands.cores;
  let view = await until(
    officer,
    (one) =>
      one.phase !== 'no_package' &&
      one.devices.some((device) => device.id === 'box' && device.state === 'connected'),
    'the box to be connected',
  );
  if (view.phase === 'set_up') {
    await officer.call('package.load', {});
    view = await until(officer, (one) => one.phase !== 'set_up', 'the package to be loaded');
  }
  if (view.phase === 'loaded' || view.phase === 'opening') {
    if (view.phase === 'loaded') await officer.call('opening.begin', { mode: 'rehearsal', seals: [] });
    await approveStep(hands, ['executive', 'supervisor']);
    await until(officer, (one) => one.phase === 'open', 'the station to be open');
  }
  await place(hands, roleCard('executive'), 'executive');
  await place(hands, roleCard('supervisor'), 'supervisor');
  const admission = await until(desk, (one) => one.phase !== 'no_package', 'the admission side');
  if (admission.phase === 'set_up') {
    await desk.call('admission.open', {
      mode: 'rehearsal',
      executive_pin: BENCH_PINS.executive,
      supervisor_pin: BENCH_PINS.supervisor,
    });
  } else if (admission.phase === 'open') {
    for (const role of ['executive', 'supervisor'] as const)
      await desk.call('role.unlock', { role, pin: BENCH_PINS[role] });
  }
}

/** What the desk answers to the presses of one person, in their order. */
async function pressAll(desk: StationCores['desk']): Promise<void> {
  // As quick hands would, finger on the sensor: the core takes the calls of a screen one after another.
  const [read, proved, , armed] = await Promise.allSettled([
    desk.call('person.read', {}),
    desk.call('person.prove', { fingerprint: true }),
    desk.call('tarefe.approve', { role: 'executive' }),
    desk.call('tarefe.approve', { role: 'supervisor' }),
  ]);
  if (read.status === 'rejected') throw read.reason;
  if (read.value.state === 'refused') throw new Error(`refused at the desk: ${read.value.refusal?.code}`);
  if (read.value.state === 'needs_proof' && proved.status === 'rejected') throw proved.reason;
  if (armed.status === 'rejected') throw armed.reason;
  const { state, refusal } = armed.value;
  if (state !== 'armed' && state !== 'done')
    throw new Error(`card not armed: ${state} ${refusal?.code ?? ''}`);
}

const documentOf = (voter: PlannedVoter): string => `voter-${voter.national_code}`;

/** Document and blank card laid, fingerprint, two presses: the armed card lies on the desk's pad. */
async function armAtDesk(hands: Hands, voter: PlannedVoter, tarefe: string): Promise<void> {
  const { bench, station, cores } = hands;
  const document = documentOf(voter);
  // Deeds of one hand are carried out in the order in which they are asked; their answers are awaited together.
  await Promise.all([
    bench.performQuietly({
      do: 'make_card',
      station,
      as: document,
      card: {
        kind: 'voter',
        national_code: voter.national_code,
        name: voter.name.fa,
        birth_date: voter.birth_date,
        temporary: true,
      },
    }),
    bench.performQuietly({ do: 'finger', station, national_code: voter.national_code }),
    place(hands, document, 'document'),
    place(hands, tarefe, 'tarefe'),
  ]);
  await pressAll(cores.desk);
}

const leaveDesk = (hands: Hands, voter: PlannedVoter, tarefe: string): Promise<unknown> =>
  Promise.all([
    place(hands, tarefe, 'pocket'),
    hands.bench.performQuietly({ do: 'discard_card', station: hands.station, card: documentOf(voter) }),
  ]);

/** One voter at the desk: document, fingerprint, two presses. The armed card is in her hand afterwards. */
export async function admit(hands: Hands, voter: PlannedVoter, tarefe: string): Promise<void> {
  await armAtDesk(hands, voter, tarefe);
  await leaveDesk(hands, voter, tarefe);
}

/**
 * What ends an attempt without a vote: the antenna gives a chip 700 ms, the link ten seconds, and on a machine that many
 * share either may take longer. A person lifts her card and lays it again.
 */
const ATTEMPT_ENDED: ReadonlySet<string> = new Set([
  'card_unreadable',
  'no_ballot',
  'interrupted',
  'box_lost',
  'link_lost',
  'no_answer',
]);
const TRIES_MAX = 5;

class AttemptEnded extends Error {}

function endedAt(what: string, phase: string, code: string | null): Error {
  const text = `${what}: ${phase} ${code ?? ''}`;
  return code !== null && ATTEMPT_ENDED.has(code) ? new AttemptEnded(text) : new Error(text);
}

const isAttemptEnded = (cause: unknown): boolean =>
  cause instanceof AttemptEnded || (cause instanceof Refused && ATTEMPT_ENDED.has(cause.refusal.code));

/** Card on the pad until its ballot stands on the screen. */
async function layCard(hands: Hands, tarefe: string): Promise<void> {
  const { voter: screen } = hands.cores;
  const shown = screen.call('voter.await', { from: ['welcome', 'reading_card'] });
  const at = await placeFor(hands, tarefe, 'box_pad', shown);
  if (at.phase !== 'choosing') throw endedAt('the ballot did not come', at.phase, at.code);
}

async function choose(hands: Hands, voter: PlannedVoter): Promise<void> {
  await Promise.all(
    voter.choices.map(({ contest, choice }) =>
      hands.cores.voter.call('voter.choose', { contest, choice: choice === 'blank' ? choice : [...choice] }),
    ),
  );
}

/** First green, until the paper stands in the window. */
async function printBallot(hands: Hands): Promise<void> {
  const { voter: screen } = hands.cores;
  const { phase } = await screen.call('voter.print', {});
  if (phase === 'in_window') return;
  // The link may have been lost meanwhile: then the box is asked what has become of the paper.
  const asked = ['printing', 'officer_needed'];
  const at = await until(screen, (view) => !asked.includes(view.phase), 'the fate of the paper');
  if (at.phase !== 'in_window') throw endedAt('the paper did not come', at.phase, at.code);
}

/** Second green, until the vote is in the box. */
async function castBallot(hands: Hands): Promise<void> {
  const { voter: screen } = hands.cores;
  const done = await Promise.race([
    hands.bench.unlessRefused({ do: 'press', station: hands.station, key: 'green' }),
    screen.call('voter.await', { from: 'in_window' }),
  ]);
  if (done.phase === 'cast') return;
  const asked = ['in_window', 'officer_needed', 'printing'];
  const at = await until(screen, (view) => !asked.includes(view.phase), 'the fate of the vote');
  if (at.phase !== 'cast') throw new Error(`not cast: ${at.phase} ${at.code ?? ''}`);
}

/** One voter at the box: card on the pad, choices, first green, the paper, second green. */
export async function vote(hands: Hands, voter: PlannedVoter, tarefe: string): Promise<void> {
  const { voter: screen } = hands.cores;
  for (let tries = 1; ; tries++) {
    try {
      await layCard(hands, tarefe);
      // In one line's turn, as quick fingers would: the core takes calls of one screen in their order.
      await Promise.all([choose(hands, voter), printBallot(hands)]);
      break;
    } catch (cause) {
      if (!isAttemptEnded(cause) || tries === TRIES_MAX) throw cause;
      await place(hands, tarefe, 'pocket');
      await until(screen, (view) => view.phase === 'welcome', 'the screen to wait for a card');
    }
  }
  await castBallot(hands);
  await placeFor(hands, tarefe, 'pocket', screen.call('voter.await', { from: 'cast' }));
}

/** Admission and box side by side, with a short queue of armed cards between them, as in a real room. */
export async function voteAll(
  hands: Hands,
  voters: Iterable<PlannedVoter>,
  onVote: () => void,
): Promise<void> {
  const free = Array.from({ length: TAREFE_CARDS }, (_, i) => tarefeCard(i + 1));
  const queue: { readonly voter: PlannedVoter; readonly card: string }[] = [];
  let admitted = false;
  let failed: Error | undefined;
  let wake: (() => void)[] = [];
  const signal = (): void => {
    const waiting = wake;
    wake = [];
    for (const one of waiting) one();
  };
  const change = (): Promise<void> => new Promise((resolve) => wake.push(resolve));
  const guard = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      failed ??= cause instanceof Error ? cause : new Error(String(cause));
      signal();
    }
  };
  const desk = guard(async () => {
    let left: Promise<unknown> = Promise.resolve();
    for (const voter of voters) {
      while (free.length === 0 && failed === undefined) await change();
      if (failed !== undefined) return;
      const card = free.shift() as string;
      // One goes and the next one lays her document in one moment: the two are told to the bench together.
      await Promise.all([left, armAtDesk(hands, voter, card)]);
      left = leaveDesk(hands, voter, card);
      // Heard with the next voter's; until then nobody waits for it.
      left.catch(() => undefined);
      queue.push({ voter, card });
      signal();
    }
    await left;
    admitted = true;
    signal();
  });
  const box = guard(async () => {
    for (;;) {
      while (queue.length === 0 && !admitted && failed === undefined) await change();
      const next = queue.shift();
      if (next === undefined || failed !== undefined) return;
      await vote(hands, next.voter, next.card);
      free.push(next.card);
      onVote();
      signal();
    }
  });
  await Promise.all([desk, box]);
  if (failed !== undefined) throw failed;
}

export interface ClosedStation {
  readonly slipDigest: string;
  readonly recountAgreed: boolean;
}

const CLOSING = ['governor_representative', 'council_representative'] as const;

/** Doors, close, count, recount of the station’s record, signatures, and the slip on its way with its receipt. */
export async function closeStation(hands: Hands, awaitReceipt: boolean): Promise<ClosedStation> {
  const { officer, desk } = hands.cores;
  await desk.call('doors.close', {});
  const summary = await desk.call('admission.summary', {});
  for (const role of ['executive', 'supervisor'] as const) await place(hands, roleCard(role), 'pocket');
  await officer.call('doors.close_begin', {});
  await approveStep(hands, CLOSING);
  await until(officer, (view) => view.phase === 'doors_closed', 'the doors to be closed');
  await officer.call('close.begin', { amendment: null });
  await approveStep(hands, CLOSING);
  await until(officer, (view) => view.phase === 'closed', 'the box to be closed');
  await place(hands, roleCard('governor_representative'), 'first');
  await place(hands, roleCard('council_representative'), 'second');
  const pins = [
    { slot: 'first' as const, pin: BENCH_PINS.governor_representative },
    { slot: 'second' as const, pin: BENCH_PINS.council_representative },
  ];
  const { slip_digest } = await officer.call('count.run', { admission_summary: summary.record, pins });
  const recount = await officer.call('recount.run', { source: 'station', pins });
  for (const role of CLOSING) await place(hands, roleCard(role), 'pocket');
  await officer.call('slip.approve_begin', {});
  const signers: readonly BenchRole[] = ['chief', 'executive', 'supervisor', ...CLOSING];
  for (const role of signers) {
    await place(hands, roleCard(role), 'first');
    await officer.call('step.approve', { slot: 'first', pin: BENCH_PINS[role] });
    await place(hands, roleCard(role), 'pocket');
  }
  await officer.call('slip.send', {});
  if (awaitReceipt)
    await until(
      officer,
      (view) => view.outbox.state === 'received' || view.outbox.state === 'refused',
      'the receipt',
    ).then((view) => {
      if (view.outbox.state === 'refused')
        throw new Error(`the province refused the slip: ${view.outbox.code}`);
    });
  return { slipDigest: slip_digest, recountAgreed: recount.agreed };
}
