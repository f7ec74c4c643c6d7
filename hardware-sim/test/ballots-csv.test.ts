import { readFileSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dealBallots, drawChoices, parseBallotsCsv, seededRandom } from '../src/index.ts';
import { corpus } from './corpora.ts';

const faultOf = (text: string) => {
  const parsed = parseBallotsCsv(text);
  return parsed.ok ? undefined : parsed.fault;
};

describe('a file of ballots', () => {
  it("comes to a real city's totals: 80,101 ballots of 117 precincts", (context) => {
    const path = corpus('rctab/2013_minneapolis_mayor/first_choice_by_precinct.csv');
    if (path === undefined) return context.skip();
    const parsed = parseBallotsCsv(readFileSync(path, 'utf8'));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
    expect(parsed.value.ballots).toBe(80_101);
    expect(parsed.value.precincts).toHaveLength(117);
    expect(parsed.value.candidates).toContain('JAMES JIMMY L. STROUD, JR.');
    expect(parsed.value.candidates).not.toContain('undervote');
    return undefined;
  });

  it('is read as it was written, whatever the names contain', () => {
    const name = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== '');
    const row = fc.record({ precinct: name, choice: name, ballots: fc.nat(999) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.boolean(), (rows, crlf) => {
        const text = stringify(rows, {
          header: true,
          columns: ['precinct', 'choice', 'ballots'],
          record_delimiter: crlf ? 'windows' : 'unix',
          quoted: true,
        });
        const parsed = parseBallotsCsv(text);
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
        const sums = new Map<string, number>();
        for (const { precinct, choice, ballots } of rows) {
          const key = JSON.stringify([precinct, choice]);
          sums.set(key, (sums.get(key) ?? 0) + ballots);
        }
        const read = parsed.value.precincts.flatMap((precinct) =>
          precinct.rows.map((one) => [JSON.stringify([precinct.name, one.choice]), one.ballots] as const),
        );
        expect(new Map(read)).toEqual(sums);
        expect(parsed.value.ballots).toBe(rows.reduce((sum, one) => sum + one.ballots, 0));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps a name that begins with a quotation mark', () => {
    const parsed = parseBallotsCsv('precinct,choice,ballots\nW-1,"""JAMES JIMMY"" L. STROUD",3\n');
    expect(parsed.ok && parsed.value.precincts[0]?.rows).toEqual([
      { choice: '"JAMES JIMMY" L. STROUD', ballots: 3 },
    ]);
  });

  it('takes columns in any order and a byte-order mark', () => {
    const parsed = parseBallotsCsv('\uFEFFballots,precinct,choice\r\n5,P,A\r\n');
    expect(parsed.ok && parsed.value.ballots).toBe(5);
  });

  it('says what is wrong and on which line', () => {
    expect(faultOf('')).toMatchObject({ line: 1, code: 'column_missing' });
    expect(faultOf('precinct,choice\nP,A')).toMatchObject({ line: 1, code: 'column_missing' });
    expect(faultOf('precinct,choice,ballots,extra\nP,A,1,2')).toMatchObject({ code: 'column_unknown' });
    expect(faultOf('precinct,choice,ballots\n')).toMatchObject({ code: 'no_rows' });
    expect(faultOf('precinct,choice,ballots\nP,A,1\nP,B,-2')).toMatchObject({
      line: 3,
      code: 'ballots_not_a_number',
    });
    expect(faultOf('precinct,choice,ballots\nP,A,1.5')).toMatchObject({
      line: 2,
      code: 'ballots_not_a_number',
    });
    expect(faultOf('precinct,choice,ballots\n ,A,1')).toMatchObject({ line: 2, code: 'field_empty' });
    expect(faultOf('precinct,choice,ballots\nP,A')).toMatchObject({ line: 2, code: 'malformed' });
    expect(faultOf('precinct,choice,ballots\nP,A,1\nP,"B,2\n')).toMatchObject({ code: 'malformed' });
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        parseBallotsCsv(text);
        parseBallotsCsv(`precinct,choice,ballots\n${text}`);
      }),
      { numRuns: 300 },
    );
  });
});

describe('dealing', () => {
  const precinct = {
    name: 'P',
    rows: [
      { choice: 'A', ballots: 30 },
      { choice: 'B', ballots: 20 },
      { choice: 'undervote', ballots: 5 },
    ],
  };
  it('gives every ballot once, in an order that the seed decides', () => {
    const one = [...dealBallots(precinct, 'seed 1')];
    expect(one).toEqual([...dealBallots(precinct, 'seed 1')]);
    expect(one).not.toEqual([...dealBallots(precinct, 'seed 2')]);
    for (const { choice, ballots } of precinct.rows)
      expect(one.filter((dealt) => dealt === choice)).toHaveLength(ballots);
    expect(one).toHaveLength(55);
  });

  it('draws legal choices in the proportions asked', () => {
    const random = seededRandom('shares');
    const shares = { candidates: [6, 3, 1, 0], blank: 2, choicesMax: 1 };
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 12_000; i++) counts[drawChoices(shares, random)[0] ?? 4]! += 1;
    expect(counts[3]).toBe(0);
    [6000, 3000, 1000, 0, 2000].forEach((expected, i) => {
      expect(Math.abs((counts[i] as number) - expected)).toBeLessThan(250);
    });
    for (let i = 0; i < 200; i++) {
      const chosen = drawChoices({ candidates: [1, 1, 1, 1, 1], blank: 0, choicesMax: 3 }, random);
      expect(chosen).toHaveLength(3);
      expect([...new Set(chosen)].sort()).toEqual(chosen);
    }
  });
});
