/** `npm run reconcile -- FILE`: reported results rolled up and put against each other, by the province's own functions. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { lawElection } from '@sandoq/protocol';
import {
  findingSentence,
  parseCsv,
  placeName,
  type Reconciliation,
  readTable,
  reconcileTables,
  type Table,
} from '@sandoq/tally-server';

const FILE_BYTES_MAX = 256 * 1024 * 1024;
const AGREES = 0;
const DISAGREES = 1;
const USAGE_EXIT = 2;
/** What a table must have, for each problem that reading one may end with. */
const WANTED = {
  no_place: 'a column of places is wanted: province, county or city',
  no_count: 'a column of counts is wanted',
  not_a_count: 'a whole number of 0 or more is wanted',
  empty_place: 'the name of a place is wanted',
  repeated_column: 'each column once is wanted',
} as const;

const HELP = `npm run reconcile -- FILE [--against FILE] [options]

  FILE             reported results as CSV, one row a place: columns for the place (province, county or city, …,
                   station), votes taken, valid, void, and one for each candidate; headings in English or Persian
  --against FILE   announced sums of wider places, to be compared with the sums of FILE's rows
  --choices N      names a voter may choose (default 1); with more, candidates' votes need not add up to valid votes
  --rolled-up OUT  writes the sums of every place as JSON
  --law OUT        writes OUT.election.json and OUT.results.json for npm run law: the candidates of FILE, one row a box
  --rule RULE      the rule for --law: president (default) or plurality
  --lang fa|en     language of the findings (default fa)

Nothing is corrected: each finding says what differs from what. Last line of the output: JSON.
Exit: 0 everything agrees, 1 something does not, 2 wrong usage or a file that cannot be read as such a table.
`;

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${HELP}`);
  process.exit(USAGE_EXIT);
}

function options() {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        against: text,
        choices: text,
        'rolled-up': text,
        law: text,
        rule: text,
        lang: text,
        help: { type: 'boolean' },
      },
    });
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'the arguments cannot be read');
  }
}

function tableIn(path: string): Table {
  let text: string;
  try {
    if (statSync(path).size > FILE_BYTES_MAX) usage(`${path} is longer than ${FILE_BYTES_MAX} bytes`);
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch {
    return usage(`${path} cannot be read as UTF-8 text`);
  }
  const rows = parseCsv(text);
  if (!rows.ok) return usage(`${path}, line ${rows.fault.line}: ${rows.fault.problem}`);
  const table = readTable(rows.value);
  if (!table.ok) {
    const { row, column, problem } = table.fault;
    return usage(`${path}, row ${row}${column === '' ? '' : `, column "${column}"`}: ${WANTED[problem]}`);
  }
  return table.value;
}

/** The law's two files. Votes taken are valid and void together: the law refuses a box whose ledger does not hold. */
function writeLaw(prefix: string, table: Table, rule: 'president' | 'plurality'): void {
  const column = (name: string): number => table.columns.indexOf(name);
  const election = lawElection({
    id: 'reported',
    contests: [
      {
        id: 'contest',
        law: rule,
        seats: 1,
        choicesMax: 1,
        blankAllowed: true,
        candidates: table.candidates.map((code) => ({ code })),
      },
    ],
    settings: { denominator: 'all_votes' },
  });
  const boxes = table.reports.map(({ path, counts }) => {
    const votes = Object.fromEntries(table.candidates.map((name) => [name, counts[column(name)] ?? 0]));
    const marks = Object.values(votes).reduce((sum, count) => sum + count, 0);
    const invalid = counts[column('invalid')] ?? 0;
    const numbers = {
      records: marks + invalid,
      valid: marks,
      blank: 0,
      invalid,
      not_counted: 0,
      marks,
      undervotes: 0,
    };
    return { id: placeName(path), contests: [{ contest: 'contest', ...numbers, votes }] };
  });
  const results = { form: 'sandoq.law.results/1', election: 'reported', boxes };
  writeFileSync(`${prefix}.election.json`, `${JSON.stringify(election, null, 1)}\n`);
  writeFileSync(`${prefix}.results.json`, `${JSON.stringify(results, null, 1)}\n`);
}

const { values, positionals } = options();
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(AGREES);
}
const [file] = positionals;
if (file === undefined || positionals.length > 1) usage('one FILE is wanted');
const choices = Number(values.choices ?? '1');
if (!Number.isSafeInteger(choices) || choices < 1) usage('--choices wants a whole number from 1');
const rule = values.rule ?? 'president';
if (rule !== 'president' && rule !== 'plurality') usage('--rule wants president or plurality');
const locale = values.lang ?? 'fa';
if (locale !== 'fa' && locale !== 'en') usage('--lang wants fa or en');

const parts = tableIn(file);
const sums = values.against === undefined ? undefined : tableIn(values.against);
const made = reconcileTables(parts, sums, choices);
if (!made.ok)
  usage(
    `the places of --against (${made.fault.sums.join(', ')}) do not contain those of FILE (${made.fault.parts.join(', ')})`,
  );
const result: Reconciliation = made.value;

for (const [theirs, ours] of result.spellings) process.stderr.write(`${theirs} = ${ours}\n`);
for (const finding of result.findings)
  process.stderr.write(`${placeName(finding.path)}: ${findingSentence(locale, result.columns, finding)}\n`);
const named = ({ counts }: { readonly counts: readonly number[] }) =>
  Object.fromEntries(result.columns.map((name, i) => [name, counts[i]]));
if (values['rolled-up'] !== undefined) {
  const places = result.places.map((place) => ({
    place: place.path,
    leaves: place.leaves,
    sums: named(place),
  }));
  writeFileSync(values['rolled-up'], `${JSON.stringify({ levels: parts.levels, places }, null, 1)}\n`);
}
if (values.law !== undefined) writeLaw(values.law, parts, rule);
const ok = result.findings.length === 0;
const figures = {
  rows: parts.reports.length,
  places: result.places.length - 1,
  whole: named(result.places[0] as { readonly counts: readonly number[] }),
  levels: result.levels.map(({ level, reported, disagreeing }) => ({
    level,
    reported,
    disagreeing: disagreeing.length,
    names: disagreeing,
  })),
  findings: result.findings.length,
  matched_by_spelling: Object.fromEntries(result.spellings),
};
process.stdout.write(`${JSON.stringify({ name: 'reconcile', ok, figures })}\n`);
process.exitCode = ok ? AGREES : DISAGREES;
