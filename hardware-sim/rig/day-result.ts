/** What the province holds after a day, read from the signed slips, beside what was planned. */
import { type Bytes, decode, parseTyped, records } from '@sandoq/protocol';
import { BLANK_CHOICE, type DayPlan } from './day-plan.ts';

/** contest id → choice name → votes, zeros left out */
export type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface StationTotals {
  readonly station: string;
  readonly counts: Counts;
}

/** The totals of one slip, under the names of the plan. */
export function countsOfSlip(plan: DayPlan, slip: records.Slip): Counts {
  const contests = plan.definition.contests as readonly { readonly id: string }[];
  const counts = new Map<string, Map<string, number>>();
  for (const total of slip.totals) {
    const votes = new Map<string, number>();
    if (total.blank > 0) votes.set(BLANK_CHOICE, total.blank);
    total.candidates.forEach((number, candidate) => {
      if (number > 0)
        votes.set(
          plan.choiceName(total.contest, candidate),
          (votes.get(plan.choiceName(total.contest, candidate)) ?? 0) + number,
        );
    });
    counts.set((contests[total.contest] as { id: string }).id, votes);
  }
  return counts;
}

export function slipOfBundle(bytes: Bytes): records.Slip {
  const bundle = decode(records.bundleShape, bytes);
  if (!bundle.ok) throw new Error(`the province's bundle is not one: ${bundle.fault.wanted}`);
  const slip = parseTyped(bundle.value.slip, 'slip', records.slipShape);
  if (!slip.ok) throw new Error(`the bundle holds no slip: ${slip.fault.wanted}`);
  return slip.value.value;
}

/** @throws where the province does not have the station's slip */
export async function fetchStationTotals(
  provinceUrl: string,
  election: string,
  station: string,
  plan: DayPlan,
): Promise<StationTotals> {
  const answer = await fetch(`${provinceUrl}/api/elections/${election}/slips/${station}/bundle`);
  if (!answer.ok) throw new Error(`the province has no slip of ${station}: ${answer.status}`);
  return { station, counts: countsOfSlip(plan, slipOfBundle(new Uint8Array(await answer.arrayBuffer()))) };
}

export function sumOf(stations: readonly Counts[]): Counts {
  const sum = new Map<string, Map<string, number>>();
  for (const counts of stations)
    for (const [contest, votes] of counts) {
      const into = sum.get(contest) ?? new Map<string, number>();
      for (const [choice, number] of votes) into.set(choice, (into.get(choice) ?? 0) + number);
      sum.set(contest, into);
    }
  return sum;
}

/** Every place where a station's or the whole's totals differ from the plan, in words. */
export function comparePlan(plan: DayPlan, totals: readonly StationTotals[]): readonly string[] {
  const differences: string[] = [];
  const compare = (where: string, wanted: Counts | undefined, got: Counts): void => {
    for (const contest of new Set([...(wanted?.keys() ?? []), ...got.keys()])) {
      const expected = wanted?.get(contest);
      const counted = got.get(contest);
      for (const choice of new Set([...(expected?.keys() ?? []), ...(counted?.keys() ?? [])])) {
        const [a, b] = [expected?.get(choice) ?? 0, counted?.get(choice) ?? 0];
        if (a !== b) differences.push(`${where}, ${contest}, ${choice}: planned ${a}, counted ${b}`);
      }
    }
  };
  for (const { station, counts } of totals) compare(station, plan.expected.get(station), counts);
  const planned = plan.stations.map((station) => plan.expected.get(station.id) as Counts);
  compare('all stations', sumOf(planned), sumOf(totals.map((one) => one.counts)));
  return differences;
}

/** `{contest: {choice: n}}` of the whole day. */
export function totalsFigure(
  totals: readonly StationTotals[],
): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const sum = sumOf(totals.map((one) => one.counts));
  return Object.fromEntries(
    [...sum].map(([contest, votes]) => [
      contest,
      Object.fromEntries([...votes].sort(([, a], [, b]) => b - a)),
    ]),
  );
}
