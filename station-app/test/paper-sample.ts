/** A station's records to print from: an election of the largest kind or a small one, with every part filled. */
import { randomBytes } from 'node:crypto';
import { encode, records, SESSION_ID_BYTES, slipPages, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { PaperSource } from '../src/paper/source.ts';
import { BALLOT } from './screens/sample.ts';

const NOW = 1_795_000_000;
const digest = (text: string): Uint8Array => nodeCrypto.sha256(utf8(text));

export interface SampleShape {
  readonly contests: readonly { readonly candidates: number; readonly seats: number }[];
  readonly votes: number;
}

/** The largest lawful day: the Majles of the capital, the Experts and a council, each with thousands of candidates. */
export const LARGEST: SampleShape = {
  contests: [{ candidates: 3_500, seats: 30 }],
  votes: 5_000,
};
export const LARGEST_DAY: SampleShape = {
  contests: [
    { candidates: 3_500, seats: 30 },
    { candidates: 3_500, seats: 21 },
    { candidates: 200, seats: 16 },
    { candidates: 12, seats: 1 },
  ],
  votes: 20_000,
};
export const SMALL: SampleShape = {
  contests: [
    { candidates: 14, seats: 3 },
    { candidates: 4, seats: 1 },
  ],
  votes: 412,
};

const NAMES = BALLOT.contests.flatMap(({ candidates }) => candidates.map(({ name }) => name));

const contestOf = (shape: SampleShape['contests'][number], index: number): records.Contest => ({
  id: `contest-${index}`,
  title: [
    { fa: 'مجلس شورای اسلامی', en: 'Islamic Consultative Assembly' },
    { fa: 'مجلس خبرگان رهبری', en: 'Assembly of Experts' },
    { fa: 'شورای اسلامی شهر', en: 'City council' },
    { fa: 'ریاست جمهوری', en: 'President' },
  ][index % 4] as records.Bilingual,
  law: (['majles', 'experts', 'city_council', 'president'] as const)[index % 4] as records.LawRule,
  seats: shape.seats,
  choicesMax: shape.seats,
  blankAllowed: true,
  candidatesCount: shape.candidates,
  candidatesDigest: digest(`candidates ${index}`),
  codeDigits: 4,
});

/** Each vote chooses every place: the numbers are as long as they can be. */
function totalOf(shape: SampleShape, index: number): records.ContestTotal {
  const { candidates, seats } = shape.contests[index] as SampleShape['contests'][number];
  const blank = Math.floor(shape.votes / 50);
  const valid = shape.votes - blank;
  const perSeat = Math.floor(valid / 3);
  const counts = Array.from({ length: candidates }, (_, i) => Math.floor(perSeat / (1 + ((i * 7) % 40))));
  const marks = Math.min(
    valid * seats,
    counts.reduce((sum, count) => sum + count, 0),
  );
  return {
    contest: index,
    records: shape.votes,
    valid,
    blank,
    invalid: 0,
    marks,
    undervotes: valid * seats - marks,
    candidates: counts,
  };
}

function slipOf(shape: SampleShape, session: records.Session): records.Slip {
  const { votes } = shape;
  const segment = { sessionId: session.sessionId, records: votes, setRoot: digest('set') };
  return {
    stationId: session.stationId,
    mode: session.mode,
    packageDigest: session.packageDigest,
    sessionIds: [session.sessionId],
    totals: shape.contests.map((_, index) => totalOf(shape, index)),
    tarefe: { issued: votes + 3, cast: votes, returned: 1, spoiled: 1, abandoned: 1, outstanding: 0 },
    papers: { printed: votes + 2, inBin: votes, rejected: 1, retained: 1 },
    slots: { box: votes, station: votes, tallied: votes },
    admissions: {
      stationId: session.stationId,
      mode: session.mode,
      admitted: votes + 2,
      local: votes - 10,
      visiting: 12,
      tarefeIssued: votes + 3,
      tarefeReturned: 1,
      tarefeSpoiled: 1,
      tarefeAbandoned: 1,
      byDocument: [
        { document: 'national_card', count: votes - 20 },
        { document: 'shenasnameh', count: 22 },
      ],
      helped: 4,
      offline: 9,
    },
    segments: [
      { kind: 'box', subject: session.boxSubject, disputed: false, ...segment },
      { kind: 'station', subject: session.votingSubject, disputed: false, ...segment },
    ],
    disputed: false,
    openedBucket: session.openedBucket,
    closedAt: NOW + 37_000,
    denominator: 'all_votes',
  };
}

const STATION: records.Station = {
  id: 't-0412',
  name: { fa: 'دبستان شهید مدنی، خیابان بهار', en: 'Madani primary school, Bahar street' },
  kind: 'fixed',
  place: {
    scheme: 'iso-3166-2:2020',
    province: 'IR-23',
    county: 'tehran',
    district: 'centre',
    constituency: 'tehran',
  },
  devices: [],
  roles: (
    [
      'chief',
      'deputy',
      'executive',
      'supervisor',
      'governor_representative',
      'council_representative',
      'inspector',
    ] as const
  ).map((role) => ({ subject: `station/t-0412/role/${role}`, role, key: digest(role) })),
  votesMax: 20_000,
};

function sessionOf(mode: records.Mode): records.Session {
  return {
    sessionId: digest('session').slice(0, SESSION_ID_BYTES),
    stationId: STATION.id,
    mode,
    packageDigest: digest('package'),
    boxSubject: `station/${STATION.id}/box/1`,
    votingSubject: `station/${STATION.id}/voting`,
    sessionKey: digest('key'),
    openedBucket: NOW,
    statement: { stationId: STATION.id, mode, stationNonce: digest('a'), boxNonce: digest('b') },
    approvals: [digest('one'), digest('two')],
  };
}

/** A bundle of the size that these records come to: random bytes stand for what the slip does not say. */
function bundleOf(slip: records.Slip): Uint8Array {
  const small = (): Uint8Array => new Uint8Array(randomBytes(700));
  return encode(records.bundleShape, {
    slip: encode(records.slipShape, slip),
    approvals: Array.from({ length: 7 }, small),
    sessions: [small()],
    zeroReports: [small()],
    commitments: [small()],
    admission: small(),
  });
}

export interface Sample {
  readonly source: PaperSource;
  readonly bundle: Uint8Array;
}

export function paperSample(shape: SampleShape = SMALL, mode: records.Mode = 'rehearsal'): Sample {
  const session = sessionOf(mode);
  const slip = slipOf(shape, session);
  const bundle = bundleOf(slip);
  const slipDigest = nodeCrypto.sha256(encode(records.slipShape, slip));
  const minutes: records.Minutes = {
    stationId: STATION.id,
    mode,
    slipDigest,
    seals: ['الف ۴۴۱۲', '۷۷۰۸۱', '۷۷۰۸۲'],
    recount: 'agreed',
    incidents: [
      { event: 'ballot_rejected', count: 1 },
      { event: 'paper_jammed', count: 2 },
      { event: 'pin_failed', count: 1 },
    ],
    reports: [
      {
        role: 'candidate_representative',
        number: 1,
        writtenBucket: NOW + 9_000,
        text: 'از ساعت ۱۰:۳۰ تا ۱۰:۴۵ به سبب گیرکردن کاغذ، صف متوقف بود؛ پس از رفع آن رأی‌گیری ادامه یافت و کسی از رأی دادن باز نماند.',
      },
    ],
    openedBucket: slip.openedBucket,
    closedAt: slip.closedAt,
    madeAt: slip.closedAt + 900,
  };
  const source: PaperSource = {
    election: {
      id: 'demo-1405',
      title: { fa: 'انتخابات نمایشی آذر ۱۴۰۵', en: 'Demonstration election of Azar 1405' },
      contests: shape.contests.map(contestOf),
      candidates: shape.contests.map(({ candidates }, contest) =>
        Array.from({ length: candidates }, (_, i) => ({
          code: String(1_000 + i),
          name: NAMES[(i * 3 + contest) % NAMES.length] as records.Bilingual,
        })),
      ),
      settings: { utcOffsetMinutes: 210 },
    },
    station: STATION,
    session,
    zeroReport: {
      sessionId: session.sessionId,
      records: 0,
      papersPrinted: 0,
      papersRejected: 0,
      cardsSpent: 0,
      slots: 40_064,
      tornSlots: 0,
    },
    seals: minutes.seals,
    slip: {
      value: slip,
      digest: slipDigest,
      approvals: [
        { role: 'executive', refused: false, remark: null },
        { role: 'governor_representative', refused: false, remark: null },
        {
          role: 'council_representative',
          refused: true,
          remark: 'شمارش برگه‌های نگه‌داشته را جدا می‌خواهم.',
        },
        { role: 'supervisor', refused: false, remark: null },
      ],
      faults: [],
    },
    minutes: { value: minutes, digest: nodeCrypto.sha256(encode(records.minutesShape, minutes)) },
    pages: slipPages(nodeCrypto, bundle),
  };
  return { source, bundle };
}
