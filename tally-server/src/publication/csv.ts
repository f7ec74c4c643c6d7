/**
 * The totals as CSV (RFC 4180), one row a station and choice with votes. With one contest the columns are
 * `precinct,choice,ballots`, the form that `npm run day -- --ballots` reads; with several the contest stands between.
 */
import { type Bytes, type Provisioning, type StationId, utf8 } from '@sandoq/protocol';
import { CONTEST_COLUMNS, PEOPLE_COLUMNS } from '../intake/counts.ts';
import { countsIn, type HeldSlip } from '../intake/held.ts';

/** Choices not made: blank ballots and, with several choices, names that were not filled in. */
export const UNDERVOTE = 'undervote';
export const INVALID = 'invalid';

const BLANK_AT = CONTEST_COLUMNS.indexOf('blank');
const UNDERVOTES_AT = CONTEST_COLUMNS.indexOf('undervotes');
const INVALID_AT = CONTEST_COLUMNS.indexOf('invalid');

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Everything of a row but its station and its number: written once an election, not once a slip. */
function choicesOf(provisioning: Provisioning): readonly (readonly Bytes[])[] {
  const { contests } = provisioning.package;
  return contests.map((contest, i) => {
    const names = (provisioning.candidateLists[i]?.candidates ?? []).map(({ name }) => name.en);
    const of = contests.length > 1 ? `,${field(contest.id)}` : '';
    return [...names, UNDERVOTE, INVALID].map((choice) => utf8(`${of},${field(choice)},`));
  });
}

/** A count of RECORDS_MAX choices has fewer digits; with the end of the line. */
const NUMBER_BYTES_MAX = 18;
const ZERO = 0x30;

/**
 * Rows written as bytes: a nation's are a hundred megabytes, and as one text they would be made, joined and encoded.
 * The memory is asked for once; what is not written is never touched.
 */
class Rows {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytesMax: number) {
    this.#bytes = new Uint8Array(bytesMax);
  }

  text(text: Bytes): void {
    const bytes = this.#bytes;
    let at = this.#at;
    // Names are short: a loop costs less than a call for each.
    for (let i = 0; i < text.length; i++) bytes[at++] = text[i] as number;
    this.#at = at;
  }

  /** @param value a whole number of 0 or more */
  number(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    const bytes = this.#bytes;
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#at += digits;
    bytes[this.#at++] = 0x0d;
    bytes[this.#at++] = 0x0a;
  }

  written(): Bytes {
    if (this.#at > this.#bytes.length) throw new Error('rows longer than was asked for');
    return this.#bytes.subarray(0, this.#at);
  }
}

export function totalsCsv(provisioning: Provisioning, held: readonly HeldSlip[]): Bytes {
  const { contests } = provisioning.package;
  const choices = choicesOf(provisioning);
  const head = ['precinct', ...(contests.length > 1 ? ['contest'] : []), 'choice', 'ballots'].join(',');
  const precincts = held.map(({ station }) =>
    utf8(field(provisioning.stations.get(station as StationId)?.name.en ?? station)),
  );
  const rowsOfSlip = choices.reduce((sum, { length }) => sum + length, 0);
  const choicesBytes = choices.flat().reduce((sum, { length }) => sum + length, 0);
  const bytesMax = precincts.reduce(
    (sum, { length }) => sum + rowsOfSlip * (length + NUMBER_BYTES_MAX) + choicesBytes,
    head.length + 2,
  );
  const rows = new Rows(bytesMax);
  rows.text(utf8(`${head}\r\n`));
  held.forEach(({ checked }, s) => {
    const precinct = precincts[s] as Bytes;
    const row = (choice: Bytes, count: number): void => {
      if (count <= 0) return;
      rows.text(precinct);
      rows.text(choice);
      rows.number(count);
    };
    const counts = countsIn(checked);
    let at: number = PEOPLE_COLUMNS.length;
    contests.forEach(({ choicesMax, candidatesCount }, i) => {
      const choice = choices[i] as readonly Bytes[];
      const candidatesAt = at + CONTEST_COLUMNS.length;
      for (let k = 0; k < candidatesCount; k++) row(choice[k] as Bytes, counts[candidatesAt + k] as number);
      const unmade = (counts[at + BLANK_AT] as number) * choicesMax + (counts[at + UNDERVOTES_AT] as number);
      row(choice[candidatesCount] as Bytes, unmade);
      row(choice[candidatesCount + 1] as Bytes, counts[at + INVALID_AT] as number);
      at = candidatesAt + candidatesCount;
    });
  });
  return rows.written();
}
