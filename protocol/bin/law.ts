/** The counting law on two files: `npm run --silent law -- --election E.json --results R.json [--lots SEED]`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { REFUSAL_FORM, type Refusal, readElection, readResults } from '../src/law/index.ts';
import { quoted } from '../src/law/refusal.ts';

const HELP = `Applies the counting law to an election and its results and prints the outcome as one line of JSON.

  npm run --silent law -- --election E.json --results R.json [--lots SEED]

  --election FILE  the contests, candidates and settings (protocol/docs/LAW.md, section 2)
  --results FILE   the sums of every box (section 3)
  --lots SEED      draws lots by the rule of section 8; without it a tie stays a tie that needs a draw
  --help           this text

The outcome (section 9) goes to standard output.
Exit: 0 an outcome was printed, 1 the input was refused (where and what is wanted: standard error, and a refusal
as JSON on standard output), 2 wrong usage or a file that cannot be read.
`;

const REFUSED = 1;
const USAGE = 2;

class UsageFault extends Error {}

function main(): number {
  const options = parsed(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.election === undefined || options.results === undefined) {
    throw new UsageFault(`--${options.election === undefined ? 'election' : 'results'} FILE is missing`);
  }
  const election = readElection(bytesOf(options.election));
  if (!election.ok) return refused('election', options.election, election.fault);
  const count = readResults(election.value, bytesOf(options.results));
  if (!count.ok) return refused('results', options.results, count.fault);
  const outcome = count.value.outcome(options.lots ?? null);
  if (!outcome.ok) throw new UsageFault(`--lots: ${outcome.fault.problem}`);
  process.stdout.write(`${JSON.stringify(outcome.value)}\n`);
  return 0;
}

function parsed(args: string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = { election: text, results: text, lots: text, help: { type: 'boolean' } } as const;
    const { values, tokens } = parseArgs({ args, options, strict: true, tokens: true });
    const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new Error(`--${twice} is given twice`);
    return values;
  } catch (thrown) {
    throw new UsageFault(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown fault';
    throw new UsageFault(`${quoted(file)} cannot be read (${code})`);
  }
}

function refused(kind: 'election' | 'results', file: string, { path, problem }: Refusal): number {
  process.stderr.write(`law: the ${kind} file ${quoted(file)} is refused\n  at ${path}\n  ${problem}\n`);
  process.stdout.write(`${JSON.stringify({ form: REFUSAL_FORM, file: kind, path, problem })}\n`);
  return REFUSED;
}

try {
  process.exitCode = main();
} catch (thrown) {
  if (!(thrown instanceof UsageFault)) throw thrown;
  process.stderr.write(`law: ${thrown.message}\nSee --help.\n`);
  process.exitCode = USAGE;
}
