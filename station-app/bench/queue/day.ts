/**
 * A day in virtual time: one queue before the desks, one before the boxes, whoever is first goes to whatever is free.
 * Each box is the station's own voter machine: what the machine does not take in its state does not happen here.
 */
import { type PureMachine, pureMachine } from '../../src/machines/pure.ts';
import { type VoterEvent, type VoterState, voterMachine } from '../../src/machines/voter.ts';
import type { QueueVoter } from './voters.ts';

export interface DayResult {
  readonly voted: number;
  /** minutes from the card in her hand to the slip in the bin */
  readonly median_minutes: number;
  readonly p95_minutes: number;
  /** at the desk, from joining its queue to the card in her hand */
  readonly desk_p95_minutes: number;
  /** votes an hour from the first card to the last vote */
  readonly voters_an_hour: number;
  readonly queue_max: number;
  /** when the last slip fell, minutes after the doors closed; 0 where it fell before */
  readonly after_close_minutes: number;
  /** share of the open hours in which a box was in use, over all boxes */
  readonly box_use: number;
}

interface Box {
  readonly machine: PureMachine<VoterState, VoterEvent>;
  free_s: number;
  busy_s: number;
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const minutes = (seconds: number): number => Number((seconds / 60).toFixed(1));

/** @returns when her slip fell; the box is free once she has taken her card */
function voteAt(box: Box, voter: QueueVoter, begins_s: number): number {
  let now_s = begins_s;
  let fell_s = Number.NaN;
  for (const { event, seconds } of voter.steps) {
    now_s += seconds;
    const { taken, state } = box.machine.send({ type: event });
    if (!taken) throw new Error(`the voter's machine does not take ${event} in ${state}`);
    if (state === 'cast') fell_s = now_s;
  }
  if (Number.isNaN(fell_s) || box.machine.state() !== 'welcome')
    throw new Error('a voter who went away without a vote');
  box.busy_s += now_s - begins_s;
  box.free_s = now_s;
  return fell_s;
}

function earliest<Free extends { free_s: number }>(servers: readonly Free[]): Free {
  const [first, ...rest] = servers;
  if (first === undefined) throw new RangeError('nobody serves');
  return rest.reduce((best, each) => (each.free_s < best.free_s ? each : best), first);
}

/** Cards in the order in which the desks hand them out: `[card in hand, voter, joined the desk's queue]`. */
function throughDesks(voters: readonly QueueVoter[], desks: number) {
  const servers = Array.from({ length: desks }, () => ({ free_s: 0 }));
  return voters
    .map((voter) => {
      const desk = earliest(servers);
      const card_s = Math.max(desk.free_s, voter.arrives_s) + voter.desk_s;
      desk.free_s = card_s;
      return { voter, card_s, desk_s: card_s - voter.arrives_s };
    })
    .sort((a, b) => a.card_s - b.card_s);
}

/** The most who stood with a card in their hand before a box. */
function longestQueue(waits: readonly { readonly from_s: number; readonly to_s: number }[]): number {
  const changes = waits
    .filter(({ from_s, to_s }) => to_s > from_s)
    .flatMap(({ from_s, to_s }) => [
      { at_s: from_s, by: 1 },
      { at_s: to_s, by: -1 },
    ])
    .sort((a, b) => a.at_s - b.at_s || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

export function day(
  voters: readonly QueueVoter[],
  order: { readonly desks: number; readonly boxes: number; readonly hours: number },
): DayResult {
  const boxes: Box[] = Array.from({ length: order.boxes }, () => {
    const machine = pureMachine<VoterState, VoterEvent>(voterMachine);
    machine.send({ type: 'VOTING_OPENED' });
    return { machine, free_s: 0, busy_s: 0 };
  });
  const cards = throughDesks(voters, order.desks);
  const spans: number[] = [];
  const waits: { from_s: number; to_s: number }[] = [];
  let last_s = 0;
  for (const { voter, card_s } of cards) {
    const box = earliest(boxes);
    const begins_s = Math.max(box.free_s, card_s);
    waits.push({ from_s: card_s, to_s: begins_s });
    const fell_s = voteAt(box, voter, begins_s);
    spans.push(fell_s - card_s);
    last_s = Math.max(last_s, fell_s);
  }
  spans.sort((a, b) => a - b);
  const closes_s = order.hours * 3_600;
  const first_s = cards[0]?.card_s ?? 0;
  const used_s = Math.max(closes_s, last_s);
  return {
    voted: spans.length,
    median_minutes: minutes(percentile(spans, 0.5)),
    p95_minutes: minutes(percentile(spans, 0.95)),
    desk_p95_minutes: minutes(
      percentile(
        cards.map(({ desk_s }) => desk_s).sort((a, b) => a - b),
        0.95,
      ),
    ),
    voters_an_hour: Math.round(spans.length / ((last_s - first_s) / 3_600)),
    queue_max: longestQueue(waits),
    after_close_minutes: minutes(Math.max(0, last_s - closes_s)),
    box_use: Number((boxes.reduce((sum, { busy_s }) => sum + busy_s, 0) / (order.boxes * used_s)).toFixed(2)),
  };
}
