/** Promise: after a day, admission and voting share no identifier and no time finer than the bucket. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { decode, records } from '@sandoq/protocol';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { type NamedBytes, sharedRuns } from '../../station-app/test/join.ts';
import { closeStation, openStation, voteAll } from '../rig/hands.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

const VOTERS = 24;
/** The shortest identifier of ours is 16 bytes. */
const LOG_RUN_BYTES = 16;

let day: Rehearsal | undefined;
afterAll(() => day?.end());

function filesUnder(folder: string): readonly NamedBytes[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: relative(folder, path), bytes: new Uint8Array(readFileSync(path)) }));
}

/** Every whole number in every table that lies within the day: a time, in seconds or milliseconds. */
function timesIn(path: string, from: number, to: number): readonly number[] {
  const database = new Database(path, { readonly: true });
  const times: number[] = [];
  const consider = (value: unknown): void => {
    if (typeof value !== 'number') return;
    for (const seconds of [value, value / 1000]) if (seconds >= from && seconds <= to) times.push(seconds);
  };
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as {
    name: string;
  }[];
  for (const { name } of tables)
    for (const row of database.prepare(`SELECT * FROM "${name}"`).all() as Record<string, unknown>[])
      Object.values(row).forEach(consider);
  database.close();
  return times;
}

describe('the files of a finished day', () => {
  it('cannot be joined by an identifier, nor by a time', { timeout: 240_000 }, async () => {
    day = await rehearse(VOTERS, 11);
    const hands = await day.open();
    await openStation(hands);
    const station = hands.station;
    const folders = { admission: day.folders.admission(station), voting: day.folders.voting(station) };
    const before = [...filesUnder(folders.admission), ...filesUnder(folders.voting)];
    const started = Math.floor(Date.now() / 1000) - 5;
    const plan = day.plan.stations[0] as (typeof day.plan.stations)[number];
    await voteAll(hands, plan.deal(), () => undefined);
    const lastVote = Math.ceil(Date.now() / 1000);
    await closeStation(hands, true);
    await hands.cores.stop();

    const admission = filesUnder(folders.admission);
    const voting = filesUnder(folders.voting);
    expect(admission.reduce((sum, file) => sum + file.bytes.length, 0)).toBeGreaterThan(1000);
    expect(voting.some((file) => file.name.endsWith('records.sqlite'))).toBe(true);

    // What may stand on both: the package, the empty stores, and the one thing carried over on purpose, the sums.
    const bundle = voting.find((file) => file.name.endsWith('.bundle'));
    const opened = decode(records.bundleShape, (bundle as NamedBytes).bytes);
    if (!opened.ok) throw new Error('the bundle is one');
    const known = [
      ...filesUnder(day.folders.package),
      ...before,
      { name: 'sums', bytes: opened.value.admission },
    ];
    const isLog = (file: NamedBytes): boolean => file.name.startsWith('log.sqlite');
    const rest = (files: readonly NamedBytes[]): readonly NamedBytes[] =>
      files.filter((file) => !isLog(file));
    expect(sharedRuns(rest(admission), voting, known)).toEqual([]);
    expect(sharedRuns(admission, rest(voting), known)).toEqual([]);
    // Two logs share their form, the coarse bucket and small counters: 14 bytes in a row at most, less than any id.
    expect(sharedRuns(admission.filter(isLog), voting.filter(isLog), known, LOG_RUN_BYTES)).toEqual([]);

    // The attack finds what is there to find: an identifier planted on both sides.
    const planted = {
      name: 'planted',
      bytes: Uint8Array.from({ length: 16 }, (_, i) => (i * 91 + 17) & 0xff),
    };
    expect(sharedRuns([...admission, planted], [...voting, planted], known).length).toBeGreaterThan(0);

    const bucketSeconds = 60 * 60;
    for (const [side, files] of Object.entries({ admission, voting })) {
      for (const file of files.filter((one) => /(journal|admissions|records|log)\.sqlite$/.test(one.name))) {
        const fine = timesIn(join(folders[side as 'admission'], file.name), started, lastVote).filter(
          (time) => time % bucketSeconds !== 0,
        );
        expect(fine, `${side}/${file.name}`).toEqual([]);
      }
      // A file's own time says when it was last written: for both sides that is after the last voter.
      for (const name of files.map((file) => file.name).filter((one) => one.endsWith('stderr.log')))
        expect(statSync(join(folders[side as 'admission'], name)).size, name).toBeLessThan(20_000);
    }
    // No national code of anybody on the voting side, in any spelling.
    const codes = [...plan.deal()].map((voter) => voter.national_code);
    for (const file of voting) {
      const text = Buffer.from(file.bytes).toString('latin1');
      for (const code of codes) {
        expect(text.includes(code), `${file.name} holds a national code`).toBe(false);
        expect(
          text.includes(Buffer.from(code).toString('hex')),
          `${file.name} holds a national code in hex`,
        ).toBe(false);
      }
    }
  });
});
