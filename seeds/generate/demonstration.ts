/** The province of the demonstration: Mehrestan, which is on no map, and its election of one day. */
import { distinctNames } from './people.ts';
import { seededRandom } from './random.ts';

const SEED = 1405;

export interface StationSeed {
  readonly id: string;
  readonly name: { readonly fa: string; readonly en: string };
  readonly kind: 'fixed' | 'mobile';
  readonly place: {
    readonly scheme: string;
    readonly province: string;
    readonly county: string;
    readonly district: string;
    readonly constituency: string;
  };
  readonly votesMax: number;
}

/** Codes of the demonstration's own scheme: nothing may mistake them for real ones. */
const SCHEME = 'demo-places-1';
export const RESIDENT_CONSTITUENCY = 'mehrshahr';

export const DEMONSTRATION_STATIONS: readonly StationSeed[] = (
  [
    [
      's0001',
      'دبستان سپیده، مهرشهر',
      'Sepideh School, Mehrshahr',
      'fixed',
      'mehrshahr',
      'center',
      RESIDENT_CONSTITUENCY,
    ],
    [
      's0002',
      'مسجد جامع، مهرشهر',
      'Jameh Mosque, Mehrshahr',
      'fixed',
      'mehrshahr',
      'center',
      RESIDENT_CONSTITUENCY,
    ],
    [
      's0003',
      'دبیرستان البرز، مهرشهر',
      'Alborz High School, Mehrshahr',
      'fixed',
      'mehrshahr',
      'north',
      RESIDENT_CONSTITUENCY,
    ],
    [
      's0004',
      'خانهٔ بهداشت، کوهپایه',
      'Health House, Kouhpayeh',
      'fixed',
      'kouhpayeh',
      'center',
      RESIDENT_CONSTITUENCY,
    ],
    [
      's0005',
      'شعبهٔ سیار، رودکنار',
      'Mobile station, Roudkenar',
      'mobile',
      'roudkenar',
      'villages',
      'roudkenar',
    ],
    ['s0006', 'دبستان بهار، رودکنار', 'Bahar School, Roudkenar', 'fixed', 'roudkenar', 'center', 'roudkenar'],
  ] as const
).map(([id, fa, en, kind, county, district, constituency]) => ({
  id,
  name: { fa, en },
  kind,
  place: { scheme: SCHEME, province: 'mehrestan', county, district, constituency },
  votesMax: 1200,
}));

const candidates = (seed: number, count: number, firstCode: number) =>
  distinctNames(seededRandom(seed), count).map((name, i) => ({ code: String(firstCode + i), name }));

/** The election definition, as `tally-server` reads it: three contests on one day, visitors vote in one. */
export function demonstrationElection(): Readonly<Record<string, unknown>> {
  return {
    id: 'demo-mehrestan-1405',
    title: { fa: 'انتخابات نمایشی استان مهرستان', en: 'Demonstration election of Mehrestan province' },
    demonstration: true,
    contests: [
      {
        id: 'president',
        title: { fa: 'ریاست جمهوری', en: 'President' },
        law: 'president',
        seats: 1,
        choicesMax: 1,
        candidates: candidates(SEED + 1, 4, 11),
      },
      {
        id: 'majles-mehrshahr',
        title: { fa: 'مجلس شورای اسلامی', en: 'Islamic Consultative Assembly (Majles)' },
        law: 'majles',
        seats: 5,
        choicesMax: 5,
        thresholdPermille: 200,
        district: RESIDENT_CONSTITUENCY,
        candidates: candidates(SEED + 2, 200, 1201),
      },
      {
        id: 'council-mehrshahr',
        title: { fa: 'شورای اسلامی شهر مهرشهر', en: 'City council of Mehrshahr' },
        law: 'city_council',
        seats: 7,
        choicesMax: 7,
        district: RESIDENT_CONSTITUENCY,
        candidates: candidates(SEED + 3, 36, 401),
      },
    ],
    styles: [
      {
        id: 'resident',
        name: { fa: 'ساکن حوزه: هر سه انتخابات', en: 'Resident: all three contests' },
        contests: ['president', 'majles-mehrshahr', 'council-mehrshahr'],
      },
      {
        id: 'visitor',
        name: { fa: 'مهمان: فقط ریاست جمهوری', en: 'Visitor: president only' },
        contests: ['president'],
      },
    ],
    settings: { openMinutesMin: 0, timeBucketMinutes: 60, correctionsMax: 3 },
  };
}
