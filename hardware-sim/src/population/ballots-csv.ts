/**
 * A real election's ballots: RFC 4180 CSV with the header `precinct,choice,ballots`. Each precinct becomes a station,
 * each row that many voters with that choice. Rows of one precinct and choice that occur twice are summed: counties
 * export one row a counting machine. Rows of a precinct need not stand together.
 */
import { failure, type Result, success } from '@sandoq/protocol';
import { CsvError, parse } from 'csv-parse/sync';

/** A blank vote; every other choice is a candidate. */
export const UNDERVOTE = 'undervote';
export const CSV_BYTES_MAX = 64 * 1024 * 1024;
export const PRECINCTS_MAX = 100_000;
/** 61 million are eligible in the country: a file with more ballots than this is not one election's. */
export const BALLOTS_MAX = 100_000_000;
const HEADER = ['precinct', 'choice', 'ballots'] as const;
const FIELD_LENGTH_MAX = 200;

export interface BallotRow {
  readonly choice: string;
  readonly ballots: number;
}

export interface Precinct {
  readonly name: string;
  /** in the order of their first occurrence */
  readonly rows: readonly BallotRow[];
  readonly ballots: number;
}

export interface BallotsFile {
  /** in the order of their first occurrence */
  readonly precincts: readonly Precinct[];
  readonly ballots: number;
  /** every choice but the blank, in order of first occurrence */
  readonly candidates: readonly string[];
}

export interface CsvFault {
  /** 1 is the header; where a field runs over lines, the line on which its record ends */
  readonly line: number;
  readonly code:
    | 'too_large'
    | 'malformed'
    | 'column_missing'
    | 'column_unknown'
    | 'field_empty'
    | 'field_too_long'
    | 'ballots_not_a_number'
    | 'too_many'
    | 'no_rows';
  readonly detail: string;
}

type Parsed = { readonly record: readonly string[]; readonly info: { readonly lines: number } };

const fault = (line: number, code: CsvFault['code'], detail: string): Result<never, CsvFault> =>
  failure({ line, code, detail });

function records(text: string): Result<readonly Parsed[], CsvFault> {
  if (text.length > CSV_BYTES_MAX) return fault(1, 'too_large', `at most ${CSV_BYTES_MAX} characters`);
  try {
    const parsed = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
    return success(parsed as unknown as readonly Parsed[]);
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const { lines } = cause as unknown as { readonly lines?: unknown };
    const line = typeof lines === 'number' ? lines : 1;
    return fault(line, 'malformed', cause.message);
  }
}

function checkHeader(header: Parsed | undefined): Result<null, CsvFault> {
  if (header === undefined) return fault(1, 'column_missing', `the first line must be ${HEADER.join(',')}`);
  for (const name of HEADER)
    if (!header.record.includes(name))
      return fault(1, 'column_missing', `column "${name}" is missing; wanted ${HEADER.join(',')}`);
  const surplus = header.record.find((name) => !HEADER.includes(name as never));
  if (surplus !== undefined)
    return fault(1, 'column_unknown', `column "${surplus}" is not known; wanted ${HEADER.join(',')}`);
  return header.record.length === HEADER.length
    ? success(null)
    : fault(1, 'column_unknown', `wanted ${HEADER.join(',')}, each once`);
}

interface ReadRow extends BallotRow {
  readonly precinct: string;
}

function readRow(header: readonly string[], { record, info }: Parsed): Result<ReadRow, CsvFault> {
  if (record.length !== header.length)
    return fault(info.lines, 'malformed', `${record.length} fields, ${header.length} are wanted`);
  // Names stay as they are written, spaces too: totals go out in the input's form.
  const field = (name: (typeof HEADER)[number]): string => record[header.indexOf(name)] as string;
  for (const name of ['precinct', 'choice'] as const) {
    if (field(name).trim() === '') return fault(info.lines, 'field_empty', `${name} is empty`);
    if (field(name).length > FIELD_LENGTH_MAX)
      return fault(info.lines, 'field_too_long', `${name} has more than ${FIELD_LENGTH_MAX} characters`);
  }
  const ballots = field('ballots');
  if (!/^[0-9]{1,9}$/.test(ballots))
    return fault(
      info.lines,
      'ballots_not_a_number',
      `"${ballots}" is not a whole number of ballots, 0 or more`,
    );
  return success({ precinct: field('precinct'), choice: field('choice'), ballots: Number(ballots) });
}

/** Total: any text gives the ballots or the first fault with its line. */
export function parseBallotsCsv(text: string): Result<BallotsFile, CsvFault> {
  const parsed = records(text);
  if (!parsed.ok) return parsed;
  const [header, ...rows] = parsed.value;
  const checked = checkHeader(header);
  if (!checked.ok) return checked;
  const precincts = new Map<string, Map<string, number>>();
  const candidates = new Set<string>();
  let total = 0;
  for (const row of rows) {
    const read = readRow((header as Parsed).record, row);
    if (!read.ok) return read;
    const { precinct, choice, ballots } = read.value;
    const choices = precincts.get(precinct) ?? new Map<string, number>();
    precincts.set(precinct, choices);
    choices.set(choice, (choices.get(choice) ?? 0) + ballots);
    if (choice !== UNDERVOTE) candidates.add(choice);
    total += ballots;
    if (precincts.size > PRECINCTS_MAX)
      return fault(row.info.lines, 'too_many', `${PRECINCTS_MAX} precincts`);
    if (total > BALLOTS_MAX) return fault(row.info.lines, 'too_many', `${BALLOTS_MAX} ballots`);
  }
  if (rows.length === 0) return fault(1, 'no_rows', 'there is no row below the header');
  return success({
    precincts: [...precincts].map(([name, choices]) => ({
      name,
      rows: [...choices].map(([choice, ballots]) => ({ choice, ballots })),
      ballots: [...choices.values()].reduce((sum, one) => sum + one, 0),
    })),
    ballots: total,
    candidates: [...candidates],
  });
}
