/** The largest lawful contest: 3,500 candidates for 30 seats, as in Tehran (DOMAIN §5). All people are made up. */
import { people } from '@sandoq/seeds';
import type { BallotView, VoterView } from '../../src/contract/voting.ts';
import { VOTER } from './sample.ts';

export const LARGE_CANDIDATES = 3_500;
export const LARGE_SEATS = 30;
const SEED = 1_402;
const FIRST_CODE = 1_001;
const LISTS = ['فهرست آبادانی', 'فهرست شهر ما', 'فهرست باغستان', null, null, null] as const;

export const LARGE_BALLOT: BallotView = {
  contests: [
    {
      id: 'majles',
      title: { fa: 'مجلس شورای اسلامی، حوزه بزرگ', en: 'Majles, the large constituency' },
      seats: LARGE_SEATS,
      choices_max: LARGE_SEATS,
      blank_allowed: true,
      code_digits: 4,
      candidates: [...people(SEED, LARGE_CANDIDATES, ['c'], Date.UTC(2026, 10, 22))].map(({ name }, i) => ({
        code: String(FIRST_CODE + i),
        name,
        list: LISTS[i % LISTS.length] ?? null,
        withdrawn: false,
      })),
    },
  ],
};

export const LARGE_VOTING: VoterView = {
  ...VOTER,
  phase: 'choosing',
  contests: [0],
  choices: [{ contest: 0, choice: null }],
  idle_left_ms: 150_000,
};
