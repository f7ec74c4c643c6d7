/** `node tally-server/bin/server.ts --config F`: the province's server. */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { createProvince, readServerConfig } from '@sandoq/tally-server';

const USAGE = `usage: server.ts --config FILE

FILE is JSON: {data_folder, host, port, authority_public_key, package_folders?, requests_per_minute_max?}.
Prints one line "ready {…}" when it serves; logs are JSON lines on stderr. Exit: 0 stopped, 1 refused, 2 usage.
`;

function usage(lines: readonly string[]): never {
  process.stderr.write(`${lines.join('\n')}\n${USAGE}`);
  process.exit(2);
}

function configPath(): string {
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean' } } });
    if (values.help === true) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    return values.config ?? usage(['--config is missing']);
  } catch (cause) {
    return usage([cause instanceof Error ? cause.message : 'the arguments cannot be read']);
  }
}

/**
 * The night's slips stay in memory: looking through them again and again for what could be freed cost a twelfth of the
 * processors' time. The heap may be three times what was alive before that is done, and idleness is no reason for it.
 */
const HEAP_GROWING_PERCENT = 200;
setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
setFlagsFromString('--memory-reducer-gc-count=0');

const config = readServerConfig(configPath());
if (!config.ok) usage(config.fault);

const log = (event: string, detail: Readonly<Record<string, string>> = {}): void => {
  process.stderr.write(`${JSON.stringify({ time: Date.now(), process: 'province', event, ...detail })}\n`);
};

try {
  const province = await createProvince({
    config: config.value,
    now: () => Math.floor(Date.now() / 1000),
    logStream: process.stderr,
  });
  const address = await province.listen();
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await province.close();
    log('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  const elections = province.elections.list().map(({ election }) => election);
  process.stdout.write(`ready ${JSON.stringify({ process: 'province', address, elections })}\n`);
} catch (cause) {
  log('refused_to_start', { reason: cause instanceof Error ? cause.message : 'unknown' });
  process.exit(1);
}
