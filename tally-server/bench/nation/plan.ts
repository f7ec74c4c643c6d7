/**
 * A nation's election made of nothing but numbers: the mean constituency of the real Majles and Experts elections of
 * 1402, on as many stations as the country had. Everything is a function of the station's index.
 */
import type { ElectionDefinitionInput, StationEnrolment } from '@sandoq/tally-server';
import type { Votes } from '../../test/bundle-builder.ts';
import { DEFINITION, stationNamed } from '../../test/province.ts';

/** 58,640 stations and 344 abroad in 1403. */
export const STATIONS_REAL = 59_000;
/** 15,200 candidates for 290 seats in 208 constituencies, 144 for 88 in 31: the mean, rounded up. */
const MAJLES = { candidates: 73, seats: 2 } as const;
const EXPERTS = { candidates: 5, seats: 3 } as const;
const PROVINCES = 31;
const COUNTIES_PER_PROVINCE = 14;
/** Votes of a station on average at 60 % turnout; the largest have several times as many. */
const VOTES_MIN = 180;
const VOTES_SPREAD = 900;

export const ELECTION = 'nation-1402';

const candidates = (count: number, first: number) =>
  Array.from({ length: count }, (_, i) => ({
    code: String(first + i),
    name: { fa: `نامزد شمارهٔ ${first + i}`, en: `Candidate ${first + i}` },
  }));

export function definitionInput(): ElectionDefinitionInput {
  return {
    id: ELECTION,
    title: { fa: 'انتخابات ملی نمایشی', en: 'National demonstration election' },
    demonstration: true,
    contests: [
      {
        id: 'majles',
        title: { fa: 'مجلس شورای اسلامی', en: 'Majles' },
        law: 'majles',
        seats: MAJLES.seats,
        choicesMax: MAJLES.seats,
        thresholdPermille: 200,
        candidates: candidates(MAJLES.candidates, 101),
      },
      {
        id: 'experts',
        title: { fa: 'مجلس خبرگان رهبری', en: 'Assembly of Experts' },
        law: 'experts',
        seats: EXPERTS.seats,
        choicesMax: EXPERTS.seats,
        candidates: candidates(EXPERTS.candidates, 11),
      },
    ],
    styles: [{ id: 'resident', name: { fa: 'ساکن', en: 'Resident' }, contests: ['majles', 'experts'] }],
    settings: DEFINITION.settings,
  };
}

export const stationId = (index: number): string => `s${String(index + 1).padStart(5, '0')}`;

export function station(index: number): StationEnrolment {
  const province = index % PROVINCES;
  const county = Math.floor(index / PROVINCES) % COUNTIES_PER_PROVINCE;
  return stationNamed(stationId(index), {
    province: `p${String(province + 1).padStart(2, '0')}`,
    county: `p${String(province + 1).padStart(2, '0')}-c${String(county + 1).padStart(2, '0')}`,
    district: 'central',
    constituency: `p${String(province + 1).padStart(2, '0')}`,
  });
}

/** A long tail, as votes have: candidate k gets a share of 1 / (k + 1), shifted from station to station. */
function shared(marks: number, among: number, valid: number, index: number): readonly number[] {
  const weights = Array.from({ length: among }, (_, k) => 1 / (1 + ((k + (index % 7)) % among)));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const votes = weights.map((weight) => Math.min(valid, Math.floor((marks * weight) / all)));
  let left = marks - votes.reduce((sum, one) => sum + one, 0);
  for (let k = 0; left > 0; k = (k + 1) % among)
    if ((votes[k] as number) < valid) {
      votes[k] = (votes[k] as number) + 1;
      left--;
    }
  return votes;
}

export function votesAt(index: number): Votes {
  const cast = VOTES_MIN + ((index * 7919) % VOTES_SPREAD);
  const blank = Math.floor(cast / 25);
  const contest = ({ candidates: among, seats }: typeof MAJLES | typeof EXPERTS) => {
    const valid = cast - blank;
    const marks = Math.floor(valid * seats * 0.8);
    return { records: cast, blank, candidates: shared(Math.max(marks, valid), among, valid, index) };
  };
  return { cast, contests: [contest(MAJLES), contest(EXPERTS)] };
}
