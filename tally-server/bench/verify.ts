/**
 * `npm run bench -- verify`: the verifier's command on the nation's publication, beside the signature checks of the
 * same publication alone; and the verifier's page on it in a real browser.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toHex } from '@sandoq/protocol';
import { AUTHORITY_KEY } from '../test/province.ts';
import { checksAlone } from './nation/alone.ts';
import { pageVerdict } from './nation/page.ts';
import { STATIONS_REAL } from './nation/plan.ts';
import { nationalProvisioning, nationalWorld } from './nation/world.ts';

const RATIO_MAX = 1.5;
const PAGE_SECONDS_MAX = 60;
const PAGE_SECONDS_LIMIT = 900;
const HELP = `usage: npm run bench -- verify [--stations N] [--no-page]

Verifies the publication that \`npm run bench -- national\` left behind (and makes it first if there is none): the
command, as a process of its own, beside the signature checks of the same publication alone, on all cores in the same
run, before it and after it; and the page, built into one file, in a real browser if there is one. Kept: the verdict is green, the command
takes at most ${RATIO_MAX} times the checks alone, the page at most ${PAGE_SECONDS_MAX} seconds.

  --stations N   a smaller nation
  --no-page      leave the browser out; then the page's promise is not shown
`;

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

interface Command {
  readonly seconds: number;
  readonly ok: boolean;
  readonly signatures: number;
  readonly peakMib: number;
  readonly cpuSeconds: number;
}

/** The command as anybody would start it, its peak of memory and its CPU time read while it runs. */
async function runCommand(folder: string): Promise<Command> {
  const program = join(import.meta.dirname, '..', '..', 'protocol', 'bin', 'verify.ts');
  const started = performance.now();
  const child = spawn(process.execPath, [program, folder, '--authority', toHex(AUTHORITY_KEY), '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let peakMib = 0;
  let cpuSeconds = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakMib = Math.max(peakMib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      // It ended between two looks.
    }
  }, 100);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  await new Promise<void>((resolve) => child.once('close', () => resolve()));
  clearInterval(watch);
  const verdict = JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as {
    readonly ok?: boolean;
    readonly checked?: { readonly signatures: number };
  };
  return {
    seconds: (performance.now() - started) / 1000,
    ok: verdict.ok === true,
    signatures: verdict.checked?.signatures ?? 0,
    peakMib: round(peakMib, 0),
    cpuSeconds,
  };
}

function national(stations: number): Promise<void> {
  const program = join(import.meta.dirname, 'national.ts');
  const child = spawn(process.execPath, [program, '--stations', String(stations)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve) => child.once('close', () => resolve()));
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { stations: { type: 'string' }, 'no-page': { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return true;
  }
  const stations = Number(values.stations ?? STATIONS_REAL);
  if (!Number.isInteger(stations) || stations < 1 || stations > STATIONS_REAL) {
    process.stderr.write(`--stations wants 1 to ${STATIONS_REAL}\n${HELP}`);
    process.exit(2);
  }
  const world = await nationalWorld(stations);
  const folder = join(world.folder, 'publication');
  if (!existsSync(join(folder, 'index.json'))) await national(stations);
  const provisioning = nationalProvisioning(world);
  process.stderr.write('the signature checks alone\n');
  const before = await checksAlone(world, provisioning);
  process.stderr.write('the command\n');
  const command = await runCommand(folder);
  process.stderr.write('the signature checks alone, once more\n');
  const after = await checksAlone(world, provisioning);
  // Before and after: on a machine with other work one of them alone says little. The bundles' signatures are timed;
  // the stations' entries and the receipts are as many more of the same kind.
  const signatures = before.signatures + after.signatures;
  const perSignature = (before.seconds + after.seconds) / signatures;
  const perSignatureCpu = (before.cpuSeconds + after.cpuSeconds) / signatures;
  const aloneSeconds = perSignature * command.signatures;
  const ratio = command.seconds / aloneSeconds;
  process.stderr.write('the page\n');
  const page =
    values['no-page'] === true
      ? undefined
      : await pageVerdict(folder, join(tmpdir(), 'sandoq-verify-page.html'), PAGE_SECONDS_LIMIT);
  const figures = {
    stations,
    command_ok: command.ok,
    signatures: command.signatures,
    command_s: round(command.seconds),
    signature_checks_alone_s: round(aloneSeconds),
    ratio: round(ratio),
    ratio_max: RATIO_MAX,
    // On a machine with other work these say more than the clock.
    command_cpu_s: round(command.cpuSeconds),
    signature_checks_alone_cpu_s: round(perSignatureCpu * command.signatures),
    cpu_ratio: round(command.cpuSeconds / (perSignatureCpu * command.signatures)),
    command_peak_mib: command.peakMib,
    page: page === undefined ? 'not run' : page.state,
    page_s: page?.seconds === undefined ? null : round(page.seconds),
    page_s_max: PAGE_SECONDS_MAX,
    page_cpu_s: page?.cpuSeconds === undefined ? null : round(page.cpuSeconds),
    page_peak_mib: page?.peakMib === undefined ? null : round(page.peakMib, 0),
  };
  const ok =
    command.ok &&
    ratio <= RATIO_MAX &&
    page?.state === 'green' &&
    page.seconds !== undefined &&
    page.seconds <= PAGE_SECONDS_MAX;
  process.stdout.write(`${JSON.stringify({ name: 'verify', ok, figures })}\n`);
  return ok;
}

process.exitCode = (await main()) ? 0 : 1;
