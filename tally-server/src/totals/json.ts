/** The JSON forms of totals and stations: what pages, publication and API say, said once. */
import { type Provisioning, type records, type StationId, toHex } from '@sandoq/protocol';
import { closedAtOf, countsIn } from '../intake/held.ts';
import { correctionOf, type HeldSlip, type HeldVersion } from '../intake/intake.ts';
import {
  type ContestSum,
  type Scope,
  type SlipCount,
  type StationStanding,
  type StationState,
  type Sums,
  standings,
  sumOf,
  sumsEverywhere,
} from './totals.ts';

export interface ContestTotalsJson {
  readonly contest: string;
  readonly records: number;
  readonly valid: number;
  readonly blank: number;
  readonly invalid: number;
  readonly marks: number;
  readonly undervotes: number;
  /** in index order */
  readonly candidates: readonly { readonly code: string; readonly votes: number }[];
}

export interface SumsJson {
  readonly slips: SlipCount;
  readonly cast: number;
  readonly admitted: number;
  readonly local: number;
  readonly visiting: number;
  readonly contests: readonly ContestTotalsJson[];
}

export interface ElectionJson {
  readonly election: string;
  readonly title: records.Bilingual;
  readonly mode: records.Mode;
  readonly package_digest: string;
  readonly amendments: readonly string[];
  readonly stations_count: number;
}

export interface ContestJson {
  readonly id: string;
  readonly title: records.Bilingual;
  readonly law: records.LawRule;
  readonly seats: number;
  readonly choices_max: number;
  readonly candidates: readonly {
    readonly code: string;
    readonly name: records.Bilingual;
    readonly list?: string;
  }[];
}

export interface TotalsJson extends ElectionJson, SumsJson {
  readonly scope: Scope;
  readonly describes: readonly ContestJson[];
  /** province by province and county by county; only where the scope is the whole election */
  readonly places?: readonly (SumsJson & { readonly province: string; readonly county?: string })[];
}

export interface StationJson {
  readonly station: string;
  readonly name: records.Bilingual;
  readonly kind: records.StationKind;
  readonly place: records.Place;
  readonly state: StationState;
  readonly cast?: number;
  readonly received_at?: number;
  readonly closed_at?: number;
  readonly version?: number;
  readonly disputes?: readonly string[];
  readonly slip_digest?: string;
  readonly bundle_digest?: string;
}

export interface StationsJson extends ElectionJson {
  readonly stations: readonly StationJson[];
}

export interface VersionJson {
  readonly version: number;
  readonly received_at: number;
  readonly slip_digest: string;
  readonly bundle_digest: string;
  readonly reason?: records.Bilingual;
  readonly evidence?: string;
  readonly boards?: readonly string[];
}

export interface SlipJson extends StationJson {
  readonly election: string;
  readonly mode: records.Mode;
  readonly totals: readonly ContestTotalsJson[];
  readonly tarefe: records.TarefeLedger;
  readonly papers: records.PaperLedger;
  readonly slots: records.SlotLedger;
  readonly admissions: records.AdmissionSummary;
  readonly segments: readonly {
    readonly kind: records.SegmentKind['kind'];
    readonly disputed: boolean;
    readonly subject?: string;
    readonly records?: number;
    readonly papers?: number;
    readonly set_root?: string;
    readonly evidence?: string;
  }[];
  readonly approvals: readonly {
    readonly signer: string;
    readonly role: records.Role;
    readonly refused: boolean;
    readonly remark?: string;
  }[];
  readonly sessions: readonly {
    readonly session: string;
    readonly box: string;
    readonly opened_bucket: number;
  }[];
  readonly powered_minutes: readonly number[];
  /** every version, the slip first; each of the later ones superseded the one before */
  readonly versions: readonly VersionJson[];
  readonly breaks: readonly { readonly code: string; readonly at: string; readonly wanted: string }[];
}

const contestsJson = (
  provisioning: Provisioning,
  contests: readonly ContestSum[],
): readonly ContestTotalsJson[] =>
  contests.map(({ records: all, valid, blank, invalid, marks, undervotes, candidates }, i) => ({
    contest: provisioning.package.contests[i]?.id ?? '',
    records: all,
    valid,
    blank,
    invalid,
    marks,
    undervotes,
    candidates: candidates.map((votes, k) => ({
      code: provisioning.candidateLists[i]?.candidates[k]?.code ?? '',
      votes,
    })),
  }));

const sumsJson = (provisioning: Provisioning, { contests, ...sums }: Sums): SumsJson => ({
  ...sums,
  contests: contestsJson(provisioning, contests),
});

const contestsDescription = (provisioning: Provisioning): readonly ContestJson[] =>
  provisioning.package.contests.map((contest, i) => ({
    id: contest.id,
    title: contest.title,
    law: contest.law,
    seats: contest.seats,
    choices_max: contest.choicesMax,
    candidates: (provisioning.candidateLists[i]?.candidates ?? []).map(({ code, name, list }) => ({
      code,
      name,
      ...(list === undefined ? {} : { list }),
    })),
  }));

export const electionJson = (provisioning: Provisioning): ElectionJson => ({
  election: provisioning.election,
  title: provisioning.package.title,
  mode: provisioning.package.demonstration ? 'rehearsal' : 'official',
  package_digest: toHex(provisioning.packageDigest),
  amendments: provisioning.amendments.map(({ digest }) => toHex(digest)),
  stations_count: provisioning.stations.size,
});

/** @param scope narrows the sums; places are listed for the whole election only */
export function totalsJson(
  provisioning: Provisioning,
  held: readonly HeldSlip[],
  scope: Scope = {},
): TotalsJson {
  const of = standings(provisioning, held, scope);
  const inPlaces = scope.province === undefined ? sumsEverywhere(provisioning.package, of) : undefined;
  const totals = {
    ...electionJson(provisioning),
    scope,
    ...sumsJson(provisioning, inPlaces?.whole ?? sumOf(provisioning.package, of)),
    describes: contestsDescription(provisioning),
  };
  if (inPlaces === undefined) return totals;
  const places = inPlaces.places
    .filter(({ constituency }) => constituency === undefined)
    .map(({ sums, ...place }) => ({ ...place, ...sumsJson(provisioning, sums) }));
  return { ...totals, places };
}

export function stationJson({ station, state, slip }: StationStanding): StationJson {
  const { id, name, kind, place } = station;
  const known = { station: id, name, kind, place, state };
  if (slip === undefined) return known;
  return {
    ...known,
    cast: countsIn(slip.checked)[0] as number,
    received_at: slip.receivedAt,
    closed_at: closedAtOf(slip.checked),
    version: slip.version,
    disputes: slip.disputes,
    slip_digest: toHex(slip.checked.slipDigest),
    bundle_digest: toHex(slip.bundleDigest),
  };
}

export const stationsJson = (provisioning: Provisioning, held: readonly HeldSlip[]): StationsJson => ({
  ...electionJson(provisioning),
  stations: standings(provisioning, held).map(stationJson),
});

const segmentJson = (segment: records.SegmentKind): SlipJson['segments'][number] => ({
  kind: segment.kind,
  disputed: segment.disputed,
  ...(segment.kind === 'paper'
    ? { papers: segment.papers }
    : { subject: segment.subject, records: segment.records, set_root: toHex(segment.setRoot) }),
  ...(segment.evidence === undefined ? {} : { evidence: toHex(segment.evidence) }),
});

function versionJson(one: HeldVersion): VersionJson {
  const corrected = correctionOf(one);
  return {
    version: one.version,
    received_at: one.receivedAt,
    slip_digest: toHex(one.checked.slipDigest),
    bundle_digest: toHex(one.bundleDigest),
    ...(corrected === undefined
      ? {}
      : {
          reason: corrected.correction.reason,
          evidence: toHex(corrected.correction.evidence),
          boards: corrected.boards.map(({ signer }) => signer),
        }),
  };
}

/** One slip, whole: totals, ledgers, signers and digests. */
export function slipJson(provisioning: Provisioning, held: HeldSlip): SlipJson {
  const { slip, approvals, sessions, commitments, breaks } = held.checked;
  const station = provisioning.stations.get(slip.stationId as StationId);
  if (station === undefined) throw new Error('a held slip of an unknown station');
  return {
    election: provisioning.election,
    mode: slip.mode,
    ...stationJson({ station, state: held.disputes.length > 0 ? 'disputed' : 'received', slip: held }),
    totals: contestsJson(provisioning, slip.totals),
    tarefe: slip.tarefe,
    papers: slip.papers,
    slots: slip.slots,
    admissions: slip.admissions,
    segments: slip.segments.map(segmentJson),
    approvals,
    sessions: sessions.map((session) => ({
      session: toHex(session.sessionId),
      box: session.boxSubject,
      opened_bucket: session.openedBucket,
    })),
    powered_minutes: commitments.map(({ poweredMinutes }) => poweredMinutes),
    versions: held.versions.map(versionJson),
    breaks,
  };
}
