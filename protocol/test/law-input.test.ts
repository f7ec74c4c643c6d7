/** Files that are wrong by accident or by intent: each refused at its place, none taken for another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOXES_MAX,
  CANDIDATES_MAX,
  decide,
  electionFromValue,
  ID_LENGTH_MAX,
  RECORDS_MAX,
  type Refusal,
  readBoxes,
  readElection,
  readResults,
  SEED_LENGTH_MAX,
} from '../src/law/index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ELECTION =
  '{"form":"sandoq.law.election/1","election":"e","contests":[{"id":"c","rule":"plurality","seats":2,' +
  '"candidates":[{"id":"a"},{"id":"b"}]}]}';
const SUMS =
  '{"contest":"c","records":10,"valid":8,"blank":1,"invalid":1,"not_counted":0,"marks":12,"undervotes":4,"votes":{"a":7,"b":5}}';
const RESULTS = `{"form":"sandoq.law.results/1","election":"e","boxes":[{"id":"1","contests":[${SUMS}]}]}`;

const made = readElection(bytes(ELECTION));
if (!made.ok) throw new Error(made.fault.problem);
const election = made.value;

function electionFault(text: string): Refusal {
  const read = readElection(bytes(text));
  if (read.ok) throw new Error('accepted');
  return read.fault;
}

function resultsFault(text: string): Refusal {
  const read = readResults(election, bytes(text));
  if (read.ok) throw new Error('accepted');
  return read.fault;
}

/** A file with one piece exchanged; the piece must be there. */
function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`${from} is not in the file`);
  return text.replace(from, () => to);
}

describe('the election file', () => {
  it.each([
    [
      '"seats":2',
      '"seats":"2"',
      '$.contests[0].seats',
      /integer from 1 to 1000, written in digits; found the text "2"/,
    ],
    ['"seats":2', '"seats":2.0', '$.contests[0].seats', /found the number 2\.0/],
    ['"seats":2', '"seats":2e0', '$.contests[0].seats', /found the number 2e0/],
    ['"seats":2', '"seats":0', '$.contests[0].seats', /found 0/],
    ['"seats":2', '"seats":-1', '$.contests[0].seats', /found -1/],
    ['"seats":2', '"seats":1e400', '$.contests[0].seats', /found the number 1e400/],
    ['"seats":2', '"seats":99999999999999999999', '$.contests[0].seats', /found the number 9{20}/],
    ['"seats":2', '"seats":NaN', '$.contests[0].seats', /not JSON/],
    ['"seats":2', '"seats":null', '$.contests[0].seats', /found null/],
    ['"seats":2', '"seat":2', '$.contests[0].seats', /missing/],
    [
      '"seats":2',
      '"seats":2,"allternates":3',
      '$.contests[0].allternates',
      /unknown field; expected only .*alternates/,
    ],
    ['"seats":2', '"seats":2,"__proto__":{"seats":3}', '$.contests[0].__proto__', /unknown field/],
    ['"seats":2', '"seats":2,"threshold":{}', '$.contests[0].threshold', /no meaning under the rule/],
    ['"seats":2', '"seats":2,"lists":[]', '$.contests[0].lists', /no meaning under the rule/],
    ['"plurality"', '"majles"', '$.contests[0].threshold', /missing/],
    ['"plurality"', '"council_lists"', '$.contests[0].seats', /5, 7, 9, 11, 13, 15, 21/],
    ['"plurality"', '"president"', '$.contests[0].seats', /from 1 to 1/],
    ['"plurality"', '"toString"', '$.contests[0].rule', /expected one of "plurality", "majles"/],
    ['{"id":"b"}', '{"id":"a"}', '$.contests[0].candidates[1].id', /"a" stands twice/],
    ['{"id":"b"}', '{"id":7}', '$.contests[0].candidates[1].id', /in double quotes, found 7/],
    ['{"id":"b"}', '{"id":""}', '$.contests[0].candidates[1].id', /must not be empty/],
    ['{"id":"b"}', '{"id":"b\\n"}', '$.contests[0].candidates[1].id', /line breaks/],
    [
      '{"id":"b"}',
      '{"id":"b","withdrawn":"before_runoff"}',
      '$.contests[0].candidates[1].withdrawn',
      /first round/,
    ],
    ['{"id":"b"}', '"b"', '$.contests[0].candidates[1]', /expected an object/],
    [
      '"seats":2',
      '"seats":2,"namesakes":[{"id":"n","candidates":["a"]}]',
      '$.contests[0].namesakes[0].candidates',
      /at least 2/,
    ],
    [
      '"seats":2',
      '"seats":2,"namesakes":[{"id":"a","candidates":["a","b"]}]',
      '$.contests[0].namesakes[0].id',
      /stands twice/,
    ],
    [
      '"seats":2',
      '"seats":2,"namesakes":[{"id":"n","candidates":["a","z"]}]',
      '$.contests[0].namesakes[0].candidates[1]',
      /not a candidate/,
    ],
    [
      '"seats":2',
      '"seats":2,"namesakes":[{"id":"n","candidates":["a","a"]}]',
      '$.contests[0].namesakes[0].candidates[1]',
      /already stands/,
    ],
    ['"seats":2', '"seats":2,"articles":{"pluralty":{}}', '$.contests[0].articles.pluralty', /unknown field/],
    ['election/1', 'election/2', '$.form', /expected "sandoq.law.election\/1"/],
  ])('%s for %s', (from, to, path, problem) => {
    const fault = electionFault(changed(ELECTION, from, to));
    expect(fault.path).toBe(path);
    expect(fault.problem).toMatch(problem);
  });

  it('refuses twice the same contest', () => {
    const twice = changed(
      ELECTION,
      '"contests":[',
      '"contests":[{"id":"c","rule":"experts","seats":1,"candidates":[]},',
    );
    expect(electionFault(twice)).toEqual({
      path: '$.contests[1].id',
      problem: 'the contest "c" stands twice',
    });
  });

  it('bounds ids and candidates', () => {
    const named = (id: string) =>
      readElection(bytes(changed(ELECTION, '{"id":"b"}', JSON.stringify({ id })))).ok;
    expect([named('x'.repeat(ID_LENGTH_MAX)), named('x'.repeat(ID_LENGTH_MAX + 1))]).toEqual([true, false]);
    const many = (count: number) =>
      electionFromValue({
        form: 'sandoq.law.election/1',
        election: 'e',
        contests: [
          {
            id: 'c',
            rule: 'plurality',
            seats: 1,
            candidates: Array.from({ length: count }, (_, i) => ({ id: `${i}` })),
          },
        ],
      }).ok;
    expect([many(CANDIDATES_MAX), many(CANDIDATES_MAX + 1)]).toEqual([true, false]);
  });

  it('is read from a plain value by the same rules', () => {
    expect(electionFromValue(JSON.parse(ELECTION))).toEqual(made);
    for (const value of [undefined, null, 5, Number.NaN, 'x', [], () => 1, { form: 1n }, new Map([[1, 2]])]) {
      expect(electionFromValue(value).ok).toBe(false);
    }
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    expect(electionFromValue(cyclic)).toMatchObject({
      ok: false,
      fault: { problem: expect.stringMatching(/deeper/) },
    });
  });
});

describe('the results file', () => {
  it('is accepted as it stands', () => {
    expect(readResults(election, bytes(RESULTS)).ok).toBe(true);
    const reordered = `{"boxes":[{"contests":[${SUMS}],"id":"1"}],"election":"e","form":"sandoq.law.results/1"}`;
    expect(readResults(election, bytes(reordered)).ok).toBe(true);
  });

  const at = '$.boxes[0].contests[0]';
  it.each([
    [
      '"records":10',
      '"records":11',
      `${at}.records`,
      /records = valid \+ blank \+ invalid, found 11 ≠ 8 \+ 1 \+ 1/,
    ],
    [
      '"undervotes":4',
      '"undervotes":5',
      `${at}.marks`,
      /valid × choices = marks \+ undervotes, found 8 × 2 ≠ 12 \+ 5/,
    ],
    ['"a":7', '"a":6', `${at}.marks`, /sum of votes and name_votes, found 12 ≠ 11/],
    [
      '"a":7,"b":5',
      '"a":9,"b":3',
      `${at}.votes.a`,
      /at most one vote in each of the 8 valid records, found 9/,
    ],
    ['"a":7', '"a":-7', `${at}.votes.a`, /found -7, which is negative/],
    ['"a":7', '"a":"7"', `${at}.votes.a`, /found the text "7"/],
    ['"a":7', '"a":7.5', `${at}.votes.a`, /found the number 7\.5/],
    ['"a":7', '"a":-0', `${at}.votes.a`, /found the number -0/],
    ['"a":7', '"a":007', `${at}.votes.a`, /not JSON/],
    ['"a":7', '"a":9007199254740993', `${at}.votes.a`, /found the number 9007199254740993/],
    ['"a":7', '"a":null', `${at}.votes.a`, /found null/],
    ['"a":7', '"a":7,"a":0', `${at}.votes.a`, /appears twice/],
    ['"a":7', '"a":7,"z":0', `${at}.votes.z`, /"z" is no candidate of this contest/],
    ['"a":7', '"a":7,"__proto__":0', `${at}.votes["__proto__"]`, /is no candidate/],
    [
      '"votes":{"a":7,"b":5}',
      '"votes":[7,5]',
      `${at}.votes`,
      /expected an object of counts by id, found an array/,
    ],
    [
      '"votes":{"a":7,"b":5}',
      '"votes":{"a":7,"b":5},"name_votes":{"n":0}',
      `${at}.name_votes.n`,
      /no group of namesakes/,
    ],
    ['"votes":{"a":7,"b":5}', '"votes":{"a":7,"b":5},"list_votes":{"l":0}', `${at}.list_votes.l`, /no list/],
    ['"contest":"c"', '"contest":"d"', `${at}.contest`, /"d" is no contest of this election/],
    ['"not_counted":0,', '', `${at}.not_counted`, /missing/],
    ['"blank":1', '"blank":1000000001', `${at}.blank`, /from 0 to 1000000000/],
    ['"election":"e"', '"election":"f"', '$.election', /of another election/],
    ['"form":"sandoq.law.results/1",', '', '$.form', /missing/],
    ['"boxes":[', '"box":[', '$.boxes', /missing/],
    [']}]}', ']}]} x', '$', /expected the end/],
    ['"id":"1"', '"id":"1","note":"x"', '$.boxes[0].note', /unknown field/],
  ])('%s for %s', (from, to, path, problem) => {
    const fault = resultsFault(changed(RESULTS, from, to));
    expect(fault.path).toBe(path.replace('["__proto__"]', '.__proto__'));
    expect(fault.problem).toMatch(problem);
  });

  it('refuses a box twice, a contest twice in a box, and two arrays of boxes', () => {
    const box = `{"id":"1","contests":[${SUMS}]}`;
    expect(resultsFault(changed(RESULTS, box, `${box},${box}`))).toEqual({
      path: '$.boxes[1].id',
      problem: 'the box "1" stands twice',
    });
    expect(resultsFault(changed(RESULTS, SUMS, `${SUMS},${SUMS}`)).path).toBe(
      '$.boxes[0].contests[1].contest',
    );
    expect(resultsFault(changed(RESULTS, '"boxes":', '"boxes":[],"boxes":')).problem).toMatch(/twice/);
  });

  it('refuses a blank vote where none is allowed, and a valid record without a mark', () => {
    const strict = readElection(bytes(changed(ELECTION, '"seats":2', '"seats":2,"blank_allowed":false')));
    if (!strict.ok) throw new Error(strict.fault.problem);
    expect(readResults(strict.value, bytes(RESULTS))).toMatchObject({
      ok: false,
      fault: { path: `${at}.blank` },
    });
    const empty = RESULTS.replace('"marks":12,"undervotes":4', '"marks":7,"undervotes":9').replace(
      '"b":5',
      '"b":0',
    );
    expect(resultsFault(empty)).toMatchObject({
      path: `${at}.marks`,
      problem: expect.stringMatching(/in every valid record/),
    });
  });

  it('bounds all boxes together, and their number', () => {
    const sums = {
      contest: 'c',
      records: RECORDS_MAX,
      valid: 0,
      blank: RECORDS_MAX,
      invalid: 0,
      not_counted: 0,
      marks: 0,
      undervotes: 0,
    };
    const none = new Map<string, number>();
    const box = (id: string, records: number) => ({
      id,
      contests: [{ ...sums, records, blank: records, votes: none, name_votes: none, list_votes: none }],
    });
    expect(decide(election, [box('1', RECORDS_MAX), box('2', 0)], null).ok).toBe(true);
    expect(decide(election, [box('1', RECORDS_MAX), box('2', 1)], null)).toMatchObject({
      ok: false,
      fault: { path: '$.boxes[1].contests[0].records' },
    });
    const boxes = Array.from({ length: BOXES_MAX + 1 }, (_, i) => ({ id: `${i}`, contests: [] }));
    expect(decide(election, boxes.slice(1), null).ok).toBe(true);
    expect(decide(election, boxes, null)).toMatchObject({
      ok: false,
      fault: { problem: `expected at most ${BOXES_MAX} boxes` },
    });
  });

  it('refuses a seed that would blur the draw', () => {
    const outcome = (seed: string) => decide(election, [], seed).ok;
    expect([outcome('s'), outcome(''), outcome('a\nb'), outcome('\ud800')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([outcome('x'.repeat(SEED_LENGTH_MAX)), outcome('x'.repeat(SEED_LENGTH_MAX + 1))]).toEqual([
      true,
      false,
    ]);
  });

  it('survives any change of bytes: an outcome or a refusal with its place, never an exception', () => {
    const original = bytes(RESULTS);
    const edits = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(edits, fc.integer({ min: 0, max: original.length }), (changes, length) => {
        const forged = original.slice();
        for (const [place, byte] of changes) forged[place] = byte;
        for (const text of [forged, forged.slice(0, length)]) {
          const read = readResults(election, text);
          if (!read.ok) expect(read.fault.path.startsWith('$')).toBe(true);
          expect(readBoxes(election, text).ok || !read.ok).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
