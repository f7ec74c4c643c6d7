/**
 * The results as they are published: one snapshot of the slips that may be public, from which the page, JSON, CSV and
 * NIST's report are all made. The shape is data (zod), from which the published JSON Schema is made. Pure.
 */
import { outcomeOf, type Provisioning, type records, toHex } from '@sandoq/protocol';
import type { Certificate } from '@sandoq/protocol/law';
import { z } from 'zod';
import { countsIn, type HeldSlip, lawSlips } from '../intake/held.ts';
import {
  type ContestSum,
  type StationStanding,
  type Sums,
  standings,
  sumOf,
  sumsByConstituency,
  sumsByPlace,
} from '../totals/totals.ts';
import { isVotingOver } from './release.ts';

export const RESULTS_FORM = 'sandoq.results/1';

const count = z.int().min(0);
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const bilingual = z.strictObject({ fa: z.string(), en: z.string() });
/** Codes are strings: a leading zero is part of them. */
const code = z.string().regex(/^[0-9]{1,6}$/);
const slips = z.strictObject({ expected: count, received: count, missing: count, disputed: count });
const contestSums = z.strictObject({
  contest: z.string(),
  records: count,
  valid: count,
  blank: count,
  invalid: count,
  marks: count,
  undervotes: count,
  candidates: z.array(z.strictObject({ code, votes: count })),
});
const sums = {
  slips,
  cast: count,
  admitted: count,
  local: count,
  visiting: count,
  contests: z.array(contestSums),
};
const outcome = z.strictObject({
  contest: z.string(),
  status: z.enum(['decided', 'runoff', 'needs_draw']),
  elected: z.array(z.strictObject({ code: z.string(), votes: count, article: z.string() })),
  runoff: z.array(z.strictObject({ code: z.string(), votes: count })),
  articles: z.array(z.string()),
});

export const resultsSchema = z.strictObject({
  form: z.literal(RESULTS_FORM),
  election: z.string(),
  title: bilingual,
  mode: z.enum(['rehearsal', 'official']),
  package_digest: hex,
  /** which revision of this election's publication this is, from 1 */
  revision: z.int().min(1),
  /** epoch seconds */
  published_at: count,
  /** every expected slip is in and none is disputed */
  complete: z.boolean(),
  contests: z.array(
    z.strictObject({
      id: z.string(),
      title: bilingual,
      law: z.string(),
      seats: count,
      choices_max: count,
      candidates: z.array(z.strictObject({ code, name: bilingual, list: z.string().optional() })),
    }),
  ),
  totals: z.strictObject(sums),
  /** what the law makes of the slips that are in; empty before the first */
  outcome: z.array(outcome),
  places: z.array(
    z.strictObject({
      province: z.string(),
      county: z.string().optional(),
      constituency: z.string().optional(),
      district: z.string().optional(),
      ...sums,
    }),
  ),
  /** constituencies whole, over the counties that they reach into */
  constituencies: z.array(z.strictObject({ constituency: z.string(), ...sums })),
  stations: z.array(
    z.strictObject({
      station: z.string(),
      name: bilingual,
      place: z.strictObject({
        scheme: z.string(),
        province: z.string(),
        county: z.string(),
        district: z.string(),
        constituency: z.string(),
      }),
      state: z.enum(['received', 'missing', 'disputed']),
      cast: count.optional(),
      version: count.optional(),
      slip_digest: hex.optional(),
      bundle_digest: hex.optional(),
    }),
  ),
});
export type ResultsJson = z.infer<typeof resultsSchema>;

/** The published schema: JSON Schema 2020-12. */
export const resultsJsonSchema = (): object => ({
  ...z.toJSONSchema(resultsSchema),
  $id: 'urn:sandoq:results:1',
  title: 'Published results of an election (sandoq.results/1)',
});

export interface Revision {
  readonly number: number;
  /** epoch seconds */
  readonly at: number;
}

export interface Snapshot {
  readonly provisioning: Provisioning;
  readonly revision: Revision;
  readonly stations: readonly StationStanding[];
  readonly sums: Sums;
  readonly certificates: readonly Certificate[];
}

/** @param publishable the slips that the law of publication lets through */
export function snapshotOf(
  provisioning: Provisioning,
  publishable: readonly HeldSlip[],
  revision: Revision,
): Snapshot {
  const stations = standings(provisioning, publishable);
  const outcomes =
    publishable.length === 0 ? undefined : outcomeOf(provisioning, lawSlips(provisioning, publishable), null);
  return {
    provisioning,
    revision,
    stations,
    sums: sumOf(provisioning.package, stations),
    certificates: outcomes?.ok === true ? outcomes.value.contests : [],
  };
}

export const isComplete = ({ provisioning, sums, revision }: Snapshot): boolean =>
  sums.slips.missing === 0 && sums.slips.disputed === 0 && isVotingOver(provisioning, revision.at);

function contestJson(provisioning: Provisioning, contests: readonly ContestSum[]) {
  return contests.map(({ candidates, ...counts }, i) => ({
    contest: provisioning.package.contests[i]?.id ?? '',
    ...counts,
    candidates: candidates.map((votes, k) => ({
      code: provisioning.candidateLists[i]?.candidates[k]?.code ?? '',
      votes,
    })),
  }));
}

const outcomeJson = (certificate: Certificate): ResultsJson['outcome'][number] => ({
  contest: certificate.contest,
  status: certificate.status,
  elected: certificate.elected.map(({ candidate, votes, article }) => ({ code: candidate, votes, article })),
  runoff: (certificate.runoff?.candidates ?? []).map(({ candidate, votes }) => ({ code: candidate, votes })),
  articles: certificate.articles.map(({ key }) => key),
});

function stationJson({ station, state, slip }: StationStanding): ResultsJson['stations'][number] {
  const { id, name, place } = station;
  const known = { station: id, name: { ...name }, place: { ...place }, state };
  if (slip === undefined) return known;
  return {
    ...known,
    cast: countsIn(slip.checked)[0] as number,
    version: slip.version,
    slip_digest: toHex(slip.checked.slipDigest),
    bundle_digest: toHex(slip.bundleDigest),
  };
}

const contestHead = (provisioning: Provisioning, contest: records.Contest, i: number) => ({
  id: contest.id,
  title: { ...contest.title },
  law: contest.law,
  seats: contest.seats,
  choices_max: contest.choicesMax,
  candidates: (provisioning.candidateLists[i]?.candidates ?? []).map(({ code: own, name, list }) => ({
    code: own,
    name: { ...name },
    ...(list === undefined ? {} : { list }),
  })),
});

export function resultsJson(snapshot: Snapshot): ResultsJson {
  const { provisioning, revision, stations } = snapshot;
  const { package: signed } = provisioning;
  const sumsJson = ({ contests, ...people }: Sums) => ({
    ...people,
    contests: contestJson(provisioning, contests),
  });
  return {
    form: RESULTS_FORM,
    election: provisioning.election,
    title: { ...signed.title },
    mode: signed.demonstration ? 'rehearsal' : 'official',
    package_digest: toHex(provisioning.packageDigest),
    revision: revision.number,
    published_at: revision.at,
    complete: isComplete(snapshot),
    contests: signed.contests.map((contest, i) => contestHead(provisioning, contest, i)),
    totals: sumsJson(snapshot.sums),
    outcome: snapshot.certificates.map(outcomeJson),
    places: sumsByPlace(signed, stations).map(({ sums: of, ...place }) => ({ ...place, ...sumsJson(of) })),
    constituencies: sumsByConstituency(signed, stations).map(({ constituency, sums: of }) => ({
      constituency,
      ...sumsJson(of),
    })),
    stations: stations.map(stationJson),
  };
}
