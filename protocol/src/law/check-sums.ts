/** Adds the boxes up a second time, plainly, and compares with what a certificate says. */
import type { Report } from './check-places.ts';
import type { Contest } from './election.ts';
import type { Certificate } from './outcome.ts';
import { type Box, COUNTS, type ContestSums, checkLedger } from './sums.ts';

/** @returns the sums of list codes, for the check of the lists. */
export function checkSums(
  contest: Contest,
  boxes: readonly Box[],
  certificate: Certificate,
  report: Report,
): Map<string, number> {
  const entries = boxes.flatMap(({ id, contests }) =>
    contests.filter((sums) => sums.contest === contest.id).map((sums) => ({ id, sums })),
  );
  for (const { id, sums } of entries) {
    const ledger = checkLedger(contest, sums);
    if (!ledger.ok) report(`box ${id}, ${ledger.fault.path}: ${ledger.fault.problem}`);
  }
  const total = (of: (sums: ContestSums) => number) => entries.reduce((sum, { sums }) => sum + of(sums), 0);
  if (new Set(entries.map(({ id }) => id)).size !== entries.length) report('a box stands twice');
  if (certificate.boxes !== entries.length)
    report(`${certificate.boxes} boxes are named, there are ${entries.length}`);
  for (const name of COUNTS) {
    const sum = total((sums) => sums[name]);
    if (certificate.counts[name] !== sum)
      report(`${name} is ${certificate.counts[name]}, the boxes say ${sum}`);
  }
  const own = addUp(entries.map(({ sums }) => sums.votes));
  for (const line of certificate.tally) {
    const sum = own.get(line.candidate) ?? 0;
    if (line.own !== sum) report(`${line.candidate} has ${line.own} votes, the boxes say ${sum}`);
  }
  const named = entries.flatMap(({ id, sums }) =>
    [...sums.name_votes]
      .filter(([, votes]) => votes > 0)
      .map(([name, votes]) => ({ key: `${id}\n${name}`, votes, sums })),
  );
  const divided = new Map(
    certificate.namesakes.map((division) => [`${division.box}\n${division.name}`, division]),
  );
  if (named.length !== divided.size) report('names to be shared are missing or invented');
  for (const { key, votes, sums } of named) {
    const division = divided.get(key);
    const same =
      division !== undefined &&
      division.votes === votes &&
      division.shares.every(({ candidate, own: share }) => share === (sums.votes.get(candidate) ?? 0));
    if (!same) report(`the name and box ${key.replace('\n', ', ')} are not as the box says`);
  }
  return addUp(entries.map(({ sums }) => sums.list_votes));
}

function addUp(maps: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const map of maps) for (const [id, count] of map) sums.set(id, (sums.get(id) ?? 0) + count);
  return sums;
}
