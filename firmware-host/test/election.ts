// A small election with every key in hand: what the authority, the cards and the voting process would each hold.
import {
  type Bytes,
  boxSubject,
  type ContestBallot,
  concatBytes,
  type ElectionId,
  encode,
  encodeBallot,
  encodeRasterItem,
  leafHash,
  MerkleRoot,
  type RecordType,
  rasterItemCount,
  records,
  roleSubject,
  type Subject,
  sealBallot,
  signTyped,
  tarefeSubject,
  votingSubject,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';

export const crypto = nodeCrypto;
export const STATION = 's0001';
const digestOf = (text: string): Bytes => crypto.sha256(new TextEncoder().encode(text));

export interface Pair {
  readonly secret: Bytes;
  readonly key: Bytes;
}
/** Keys from names: the same in every run, so that a failing case can be repeated. */
export const signingPair = (name: string): Pair => {
  const secret = digestOf(`sign ${name}`);
  return { secret, key: crypto.signingPublicKey(secret) };
};
export const agreementPair = (name: string): Pair => {
  const secret = digestOf(`agree ${name}`);
  return { secret, key: crypto.agreementPublicKey(secret) };
};

export type TestRole = 'executive' | 'supervisor' | 'governor_representative' | 'council_representative';
export const AUTHORITY = signingPair('authority');
export const VOTING = signingPair('voting');
export const TAREFE = signingPair('tarefe');
export const ROLES: Readonly<Record<TestRole, Pair>> = {
  executive: signingPair('executive'),
  supervisor: signingPair('supervisor'),
  governor_representative: signingPair('governor'),
  council_representative: signingPair('council'),
};
export const COUNT_KEYS = { governor: agreementPair('governor'), council: agreementPair('council') };

export interface ElectionChoices {
  readonly election?: string;
  readonly demonstration?: boolean;
  readonly openMinutesMin?: number;
  readonly correctionsMax?: number;
  readonly votesMax?: number;
  readonly boxKey: Bytes;
  /** [choicesMax, candidates, blankAllowed] */
  readonly contests?: readonly (readonly [number, number, boolean])[];
  /** Changes the package before it is signed. */
  readonly edit?: (election: records.Package) => records.Package;
  readonly editStation?: (station: records.Station) => records.Station;
}

export interface TestElection {
  readonly id: ElectionId;
  readonly package: records.Package;
  readonly packageRecord: Bytes;
  readonly packageDigest: Bytes;
  readonly station: records.Station;
  readonly stationRecord: Bytes;
  readonly rasters: Bytes;
  sign<Value>(
    type: RecordType,
    signer: Subject,
    secret: Bytes,
    shape: Parameters<typeof encode<Value>>[0],
    value: Value,
  ): Bytes;
}

const WIDTH_DOTS = 96;
const HEIGHT_DOTS = 8;

function makeRasters(contests: readonly Pick<records.Contest, 'candidatesCount' | 'codeDigits'>[]): Bytes[] {
  const bits = (seed: number): Bytes =>
    Uint8Array.from({ length: (WIDTH_DOTS / 8) * HEIGHT_DOTS }, (_, i) => (seed * 31 + i * 7) & 255);
  const kinds = ['election_title', 'watermark_rehearsal', 'blank_vote', 'not_in_style'] as const;
  const items = kinds.map((kind, i) =>
    encodeRasterItem({ kind, contest: 0, index: 0, code: '', bits: bits(i + 1) }),
  );
  contests.forEach((_, contest) => {
    items.push(
      encodeRasterItem({ kind: 'contest_title', contest, index: 0, code: '', bits: bits(90 + contest) }),
    );
  });
  contests.forEach(({ candidatesCount, codeDigits }, contest) => {
    for (let index = 0; index < candidatesCount; index++) {
      const code = String(10 ** (codeDigits - 1) + 7 * index).padStart(codeDigits, '0');
      items.push(
        encodeRasterItem({
          kind: 'candidate',
          contest,
          index,
          code,
          bits: bits(1000 + 100 * contest + index),
        }),
      );
    }
  });
  return items;
}

export function makeElection(choices: ElectionChoices): TestElection {
  const id = (choices.election ?? 'e1405') as ElectionId;
  const name = (text: string): records.Bilingual => ({ fa: text, en: text });
  const shapes = choices.contests ?? [
    [1, 4, true],
    [5, 20, true],
    [3, 9, false],
  ];
  const contests = shapes.map(
    ([choicesMax, candidatesCount, blankAllowed], i): records.Contest => ({
      id: `contest-${i}`,
      title: name(`contest ${i}`),
      law: 'plurality',
      seats: choicesMax,
      choicesMax,
      blankAllowed,
      candidatesCount,
      candidatesDigest: digestOf(`candidates ${i}`),
      codeDigits: 3,
    }),
  );
  const items = makeRasters(contests);
  const tree = new MerkleRoot();
  for (const item of items) tree.addHash(leafHash(item));
  const election: records.Package = {
    version: 1,
    title: name('an election'),
    demonstration: choices.demonstration ?? true,
    contests,
    styles: [
      { id: 'resident', name: name('resident'), contests: contests.map((_, i) => i) },
      { id: 'visitor', name: name('visitor'), contests: [0] },
    ],
    settings: {
      opensAt: 1_800_000_000,
      closesAt: 1_800_036_000,
      openMinutesMin: choices.openMinutesMin ?? 0,
      correctionsMax: choices.correctionsMax ?? 2,
      timeBucketMinutes: 60,
      voterTimeoutSeconds: 180,
      voterAlertSeconds: 30,
      stampShenasnameh: false,
      denominator: 'all_votes',
      partitionPolicy: 'admit',
      stationVotesMin: 5,
      utcOffsetMinutes: 210,
      pinTriesMax: 3,
    },
    rasters: {
      root: tree.root(),
      count: rasterItemCount(contests),
      widthDots: WIDTH_DOTS,
      heightDots: HEIGHT_DOTS,
    },
    stationsRoot: digestOf('stations'),
    stationsCount: 1,
    intakeKey: signingPair('intake').key,
  };
  const edited = choices.edit?.(election) ?? election;
  const role = (of: TestRole, countKey?: Bytes): records.EnrolledRole => ({
    subject: roleSubject(STATION, of),
    role: of,
    key: ROLES[of].key,
    ...(countKey === undefined ? {} : { countKey }),
  });
  const station: records.Station = {
    id: STATION,
    name: name('a station'),
    kind: 'fixed',
    place: { scheme: 'test', province: 'p', county: 'c', district: 'd', constituency: 'q' },
    devices: [
      { subject: boxSubject(STATION, 1), purpose: 'box', key: choices.boxKey },
      { subject: votingSubject(STATION), purpose: 'voting', key: VOTING.key },
      { subject: tarefeSubject(STATION), purpose: 'tarefe', key: TAREFE.key },
    ],
    roles: [
      role('executive'),
      role('supervisor'),
      role('governor_representative', COUNT_KEYS.governor.key),
      role('council_representative', COUNT_KEYS.council.key),
    ],
    votesMax: choices.votesMax ?? 40,
  };
  const sign: TestElection['sign'] = (type, signer, secret, shape, value) =>
    signTyped(crypto, secret, { type, election: id, signer }, shape, value);
  const authority = 'authority' as Subject;
  return {
    id,
    package: edited,
    packageRecord: sign('package', authority, AUTHORITY.secret, records.packageShape, edited),
    packageDigest: crypto.sha256(encode(records.packageShape, edited)),
    station: choices.editStation?.(station) ?? station,
    stationRecord: sign(
      'station',
      authority,
      AUTHORITY.secret,
      records.stationShape,
      choices.editStation?.(station) ?? station,
    ),
    rasters: concatBytes(...items),
    sign,
  };
}

/** One press of a role card. */
export function approve(
  election: TestElection,
  role: TestRole,
  action: records.Action,
  digest: Bytes,
  more: Partial<records.Approval> = {},
): Bytes {
  return election.sign('approval', roleSubject(STATION, role), ROLES[role].secret, records.approvalShape, {
    action,
    role,
    digest,
    ...more,
  });
}

export interface PreparedBallot {
  readonly stationNonce: Bytes;
  readonly ballots: readonly Bytes[];
  readonly sealed: readonly Bytes[];
  readonly names: readonly Bytes[];
}

/** What the voting process does between BEGIN and PRINT. */
export function prepareBallot(
  election: TestElection,
  sessionId: Bytes,
  stationNonce: Bytes,
  boxNonce: Bytes,
  ballot: readonly ContestBallot[],
): PreparedBallot {
  const keys = {
    governorRepresentative: COUNT_KEYS.governor.key,
    councilRepresentative: COUNT_KEYS.council.key,
  };
  const ballots = ballot.map((one) => encodeBallot(election.package, one));
  const sealed = ballots.map((plaintext, i) =>
    sealBallot(crypto, keys, sessionId, stationNonce, boxNonce, i, plaintext),
  );
  return { stationNonce, ballots, sealed, names: sealed.map((one) => crypto.sha256(one).slice(0, 16)) };
}
