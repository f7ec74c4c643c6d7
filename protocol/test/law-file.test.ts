/** law.json: written from a definition, bound to the package by digest and content, applied to slips. */
import {
  type Bytes,
  checkLawFile,
  checkProvisioning,
  LAW_FILE,
  lawElection,
  lawFileBytes,
  outcomeOf,
  type Provisioning,
  type records,
  utf8,
} from '@sandoq/protocol';
import { checkOutcome, readElection } from '@sandoq/protocol/law';
import { nodeCrypto } from '@sandoq/protocol/node';
import { describe, expect, it } from 'vitest';
import { AUTHORITY_KEY, NOW_SECONDS, provinceOf, stationNamed } from '../../tally-server/test/province.ts';
import { boxOfSlip, lawInForce } from '../src/records/law-file.ts';

const { files, provisioning } = provinceOf([stationNamed('s1'), stationNamed('s2')]);
const lawText = new TextDecoder().decode(files.get(LAW_FILE));

/** The package bound to another law file, signature aside: what `checkLawFile` itself must find. */
function judged(text: string): string {
  const bytes = utf8(text);
  const signed = { ...provisioning.package, lawDigest: nodeCrypto.sha256(bytes) };
  const checked = checkLawFile(nodeCrypto, bytes, provisioning.election, signed, provisioning.candidateLists);
  return checked.ok ? 'accepted' : `${checked.fault.code} ${checked.fault.at}`;
}
const bent = (from: string, to: string): string => {
  expect(lawText).toContain(from);
  return judged(lawText.replace(from, to));
};

function slip(stationId: string, president: readonly number[], majles: readonly number[]) {
  const total = (contest: number, choices: number, candidates: readonly number[]): records.ContestTotal => {
    const marks = candidates.reduce((sum, votes) => sum + votes, 0);
    const valid = Math.max(Math.ceil(marks / choices), ...candidates);
    const undervotes = valid * choices - marks;
    return { contest, records: valid, valid, blank: 0, invalid: 0, marks, undervotes, candidates };
  };
  return { stationId, totals: [total(0, 1, president), total(1, 3, majles)] };
}
const MAJLES = [40, 30, 25, 5, 5, 5, 5, 5, 0, 0, 0, 0];

describe('the law beside the package', () => {
  it('is read back by the law itself, and candidates stand by their codes', () => {
    const law = readElection(files.get(LAW_FILE) as Bytes);
    expect(law.ok && law.value.contests.map(({ rule, seats, choices }) => [rule, seats, choices])).toEqual([
      ['president', 1, 1],
      ['majles', 3, 3],
    ]);
    expect(provisioning.law?.contests[0]?.candidates.map(({ id }) => id)).toEqual(['11', '22', '33', '44']);
    expect(provisioning.law?.contests[0]?.threshold).toEqual({
      numerator: 500,
      denominator: 1000,
      of: 'all_votes',
      comparison: 'more_than',
    });
  });

  it('is refused where it is missing, changed, or not bound', () => {
    const without = new Map(files);
    without.delete(LAW_FILE);
    const check = (some: ReadonlyMap<string, Bytes>) => {
      const checked = checkProvisioning(some, nodeCrypto, AUTHORITY_KEY);
      return checked.ok ? 'accepted' : `${checked.fault.code} ${checked.fault.at}`;
    };
    expect(check(without)).toBe('file_missing law.json');
    expect(check(new Map(files).set(LAW_FILE, utf8(`${lawText} `)))).toBe('digest_differs law.json');
    const { lawDigest: _, ...unbound } = provisioning.package;
    const checked = checkLawFile(
      nodeCrypto,
      utf8(lawText),
      'demo-1405',
      unbound,
      provisioning.candidateLists,
    );
    expect(checked.ok || checked.fault.code).toBe('law_not_bound');
  });

  it('is refused by name where it does not say what the package says', () => {
    expect(judged(lawText)).toBe('accepted');
    expect(bent('"seats": 3', '"seats": 2')).toBe('law_differs law.json: $.contests[1].seats');
    expect(bent('"choices": 3', '"choices": 2')).toBe('law_differs law.json: $.contests[1].choices');
    expect(bent('"id": "22"', '"id": "21"')).toBe('law_differs law.json: $.contests[0].candidates[1].id');
    expect(bent('"rule": "majles"', '"rule": "experts"')).toMatch(/law_malformed law.json: /);
    expect(bent('"demo-1405"', '"demo-1406"')).toBe('law_differs law.json: $.election');
    expect(bent('"id": "president"', '"id": "presidents"')).toBe('law_differs law.json: $.contests[0].id');
    expect(bent('"blank_allowed": true', '"blank_allowed": false')).toBe(
      'law_differs law.json: $.contests[0].blank_allowed',
    );
    expect(bent('"numerator": 200', '"numerator": 250')).toBe(
      'law_differs law.json: $.contests[1].threshold',
    );
    expect(bent('"id": "11"', '"id": "11", "withdrawn": "before_vote"')).toBe(
      'law_differs law.json: $.contests[0].candidates[0].withdrawn',
    );
    expect(judged('{')).toMatch(/^law_malformed law.json: /);
  });

  it('writes lists and alternates as data, and names what the law refuses', () => {
    const council = (seats: number) => ({
      id: 'council-1405',
      settings: { denominator: 'all_votes' as const },
      contests: [
        {
          id: 'tehran',
          law: 'council_lists' as const,
          seats,
          choicesMax: seats,
          blankAllowed: true,
          candidates: [{ code: '01', list: 'omid' }, { code: '02' }, { code: '03', list: 'omid' }],
        },
      ],
    });
    expect(lawElection(council(21))).toMatchObject({
      contests: [{ alternates: 11, lists: [{ id: 'list:omid', candidates: ['01', '03'] }] }],
    });
    expect(lawFileBytes(council(21)).ok).toBe(true);
    const refused = lawFileBytes(council(6));
    expect(refused.ok || refused.fault.path).toBe('$.contests[0].seats');
  });
});

describe('the outcome of slips', () => {
  const slips = [slip('s1', [30, 40, 5, 5], MAJLES), slip('s2', [31, 20, 5, 5], MAJLES)];

  it('is the law applied to their boxes, in any order', () => {
    const outcome = outcomeOf(provisioning, slips, null);
    expect(outcome).toEqual(outcomeOf(provisioning, [...slips].reverse(), null));
    if (!outcome.ok) throw new Error(outcome.fault.problem);
    const law = lawInForce(provisioning);
    if (law === undefined) throw new Error('no law');
    const boxes = slips.map((one) => {
      const box = boxOfSlip(law, one);
      if (!box.ok) throw new Error(box.fault.problem);
      return box.value;
    });
    expect(checkOutcome(law, boxes, outcome.value)).toEqual([]);
    expect(outcome.value.contests[0]).toMatchObject({
      status: 'runoff',
      runoff: {
        candidates: [
          { candidate: '11', votes: 61 },
          { candidate: '22', votes: 60 },
        ],
      },
    });
    expect(outcome.value.contests[1]?.elected.map(({ candidate }) => candidate)).toEqual([
      '101',
      '102',
      '103',
    ]);
  });

  it('withdraws by amendment: before the vote while the doors are open, before the runoff later', () => {
    const withdrawn = (effectiveAt: number): Provisioning => ({
      ...provisioning,
      amendments: [
        {
          digest: new Uint8Array(32),
          amendment: {
            packageDigest: provisioning.packageDigest,
            sequence: 1,
            effectiveAt,
            change: { kind: 'candidate_withdrawn', contest: 0, candidate: 1 },
            reason: { fa: 'انصراف', en: 'Withdrawal' },
          },
        },
      ],
    });
    const runoffOf = (effectiveAt: number) => {
      const outcome = outcomeOf(withdrawn(effectiveAt), slips, null);
      if (!outcome.ok) throw new Error(outcome.fault.problem);
      const [president] = outcome.value.contests;
      return {
        tally: president?.tally.find(({ candidate }) => candidate === '22')?.withdrawn,
        ...president?.runoff,
      };
    };
    expect(runoffOf(NOW_SECONDS + 1)).toMatchObject({ tally: 'before_vote', withdrawn: [] });
    expect(runoffOf(NOW_SECONDS + 40_000)).toMatchObject({ tally: 'before_runoff', withdrawn: ['22'] });
  });

  it('refuses a slip that the law cannot take, naming its station, and a station twice', () => {
    const [first] = slips;
    if (first === undefined) throw new Error('no slip');
    const broken = { ...first, totals: first.totals.map((total) => ({ ...total, marks: total.marks + 1 })) };
    const refused = outcomeOf(provisioning, [broken], null);
    expect(refused.ok || refused.fault.path).toMatch(/^slip of s1: /);
    const twice = outcomeOf(provisioning, [first, first], null);
    expect(twice.ok || twice.fault.problem).toMatch(/twice/);
  });
});
