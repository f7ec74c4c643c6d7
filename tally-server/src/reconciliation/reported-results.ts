/**
 * A table of reported results, as offices send them, read into reports: which columns say the place, the votes taken,
 * the valid and the void ones, and each candidate's. Well-known headings are recognised in English and Persian; what
 * is not recognised can be said. Pure.
 */
import { failure, type Result, success } from '@sandoq/protocol';
import { toAsciiDigits } from '@sandoq/protocol/persian';
import { plainText } from '../tables/csv.ts';
import type { Equation, Report } from './reconcile.ts';
import { plainName } from './spelling.ts';

export const PLACE_LEVELS = ['nation', 'province', 'county', 'constituency', 'district', 'station'] as const;
export type PlaceLevel = (typeof PLACE_LEVELS)[number];
type Meaning = PlaceLevel | 'total' | 'valid' | 'invalid' | 'none';

/** Headings as they are met, made plain; everything else with whole numbers in it is a candidate. */
const HEADINGS: Readonly<Record<Meaning, readonly string[]>> = {
  nation: ['nation', 'country', 'کشور'],
  province: ['province', 'region', 'state', 'استان'],
  county: ['county', 'city', 'شهرستان', 'شهر'],
  constituency: ['constituency', 'حوزه', 'حوزهانتخابیه'],
  district: ['district', 'بخش'],
  station: ['station', 'precinct', 'box', 'شعبه', 'صندوق'],
  total: [
    'total',
    'totalvotes',
    'totalvotescast',
    'votescast',
    'cast',
    'records',
    'کلآرا',
    'آرایماخوذه',
    'آرایمأخوذه',
  ],
  valid: ['valid', 'validvotes', 'legitimatevotes', 'صحیح', 'آرایصحیح'],
  invalid: ['invalid', 'invalidvotes', 'voidedvotes', 'void', 'rejected', 'باطل', 'باطله', 'آرایباطله'],
  none: [
    '',
    'rownames',
    'row',
    'id',
    'rank',
    'turnout',
    'eligiblevoters',
    'eligible',
    'ردیف',
    'واجدانشرایط',
    'مشارکت',
  ],
};

const meaningOf = (heading: string): Meaning | undefined => {
  // A share says nothing that the counts do not.
  if (/[%٪]/.test(heading)) return 'none';
  const plain = plainName(heading);
  return (Object.keys(HEADINGS) as Meaning[]).find((meaning) => HEADINGS[meaning].includes(plain));
};

export interface Table {
  /** which places the reports name, the widest first */
  readonly levels: readonly PlaceLevel[];
  /** columns of the counts: `total`, `valid` and `invalid` where they are, then each candidate by heading */
  readonly columns: readonly string[];
  readonly candidates: readonly string[];
  readonly reports: readonly Report[];
}

export interface TableFault {
  /** row from 1, the header being row 1 */
  readonly row: number;
  readonly column: string;
  readonly problem: 'no_place' | 'no_count' | 'not_a_count' | 'empty_place' | 'repeated_column';
}

/** A count as offices write it: thousands apart by a comma or a space, in Latin, Persian or Arabic digits. */
export function countOf(text: string): number | undefined {
  const plain = toAsciiDigits(plainText(text).trim()).replace(/[,٬'\s]/g, '');
  if (!/^[0-9]+(\.0+)?$/.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isSafeInteger(value) ? value : undefined;
}

interface Column {
  readonly name: string;
  readonly index: number;
}

interface Layout {
  readonly places: readonly (Column & { readonly level: PlaceLevel })[];
  readonly counts: readonly Column[];
  readonly candidates: readonly string[];
}

function layoutOf(header: readonly string[], rows: readonly (readonly string[])[]): Layout {
  const meanings = header.map((heading, index) => ({
    heading: plainText(heading).trim(),
    index,
    meaning: meaningOf(plainText(heading)),
  }));
  const places = PLACE_LEVELS.flatMap((level) => {
    const found = meanings.find(({ meaning }) => meaning === level);
    return found === undefined ? [] : [{ name: level, level, index: found.index }];
  });
  const ledger = (['total', 'valid', 'invalid'] as const).flatMap((name) => {
    const found = meanings.find(({ meaning }) => meaning === name);
    return found === undefined ? [] : [{ name, index: found.index }];
  });
  const candidates = meanings
    .filter(
      ({ meaning, index }) =>
        meaning === undefined && rows.some((row) => countOf(row[index] ?? '') !== undefined),
    )
    .map(({ heading, index }) => ({ name: heading, index }));
  return { places, counts: [...ledger, ...candidates], candidates: candidates.map(({ name }) => name) };
}

/** @param rows as `parseCsv` gives them, the header first */
export function readTable(rows: readonly (readonly string[])[]): Result<Table, TableFault> {
  const [header = [], ...body] = rows;
  const { places, counts, candidates } = layoutOf(header, body);
  const fault = (row: number, column: string, problem: TableFault['problem']) =>
    failure({ row, column, problem });
  if (places.length === 0) return fault(1, '', 'no_place');
  if (counts.length === 0) return fault(1, '', 'no_count');
  const names = counts.map(({ name }) => plainName(name));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return fault(1, twice, 'repeated_column');
  const reports: Report[] = [];
  for (const [i, row] of body.entries()) {
    const path = places.map(({ index }) => plainText(row[index] ?? '').trim());
    const empty = path.indexOf('');
    if (empty >= 0) return fault(i + 2, (places[empty] as Column).name, 'empty_place');
    const values: (number | undefined)[] = [];
    for (const { name, index } of counts) {
      const text = plainText(row[index] ?? '').trim();
      const value = countOf(text);
      // An empty cell says nothing; a cell that says something else than a count is a mistake with its place.
      if (value === undefined && text !== '') return fault(i + 2, name, 'not_a_count');
      values.push(value);
    }
    reports.push({ path, counts: values });
  }
  return success({
    levels: places.map(({ level }) => level),
    columns: counts.map(({ name }) => name),
    candidates,
    reports,
  });
}

/**
 * The sums that every report must satisfy.
 * @param choicesMax N: with more than one choice the marks are no sum of valid votes
 */
export function equationsOf(
  table: Pick<Table, 'columns' | 'candidates'>,
  choicesMax: number,
): readonly Equation[] {
  const at = (name: string): number => table.columns.indexOf(name);
  const [total, valid, invalid] = [at('total'), at('valid'), at('invalid')];
  const equations: Equation[] = [];
  if (total >= 0 && valid >= 0 && invalid >= 0)
    equations.push({ name: 'total = valid + invalid', left: total, right: [valid, invalid] });
  if (valid >= 0 && choicesMax === 1 && table.candidates.length > 0)
    equations.push({ name: 'valid = sum of candidates', left: valid, right: table.candidates.map(at) });
  return equations;
}

/** Another table's reports with their counts in this table's columns, and their place names as given. */
export function alignedTo(
  table: Table,
  other: Table,
  rename: (level: number, name: string) => string,
): readonly Report[] {
  const from = table.columns.map((name) =>
    other.columns.findIndex((one) => plainName(one) === plainName(name)),
  );
  return other.reports.map(({ path, counts }) => ({
    path: path.map((name, level) => rename(level, name)),
    counts: from.map((index) => (index < 0 ? undefined : counts[index])),
  }));
}
