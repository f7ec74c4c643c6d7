/** The voting process: box, sealed records, sessions, close, count, outbox. It knows no voter and no admission. */
import { parseArgs } from 'node:util';
import { harden, hardenEngine } from '../src/voting/hardening.ts';
import type { VotingLog } from '../src/voting/start.ts';

// Before anything else is loaded: it would be loaded twice.
harden();
const { readVotingConfig } = await import('../src/voting/config.ts');
const { startVoting } = await import('../src/voting/start.ts');
hardenEngine();

const USAGE = `voting --config FILE

  --config FILE   {station_id, data_folder, package_folder, authority_public_key, box_path,
                  role_reader: {kind: "socket"|"hid", path}, province_url | null, socket, token}
  --help          this text

It replaces itself once by execve(2), to run without core dumps and with freed memory overwritten.
`;

const log: VotingLog = (level, message, more = {}) => {
  process.stderr.write(`${JSON.stringify({ level, process: 'voting', msg: message, ...more })}\n`);
};

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function configPath(): string {
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean' } } });
    if (values.help === true) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    return values.config ?? usage('--config is missing');
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'arguments are wrong');
  }
}

const config = readVotingConfig(configPath());
if (!config.ok) usage(config.fault);
try {
  const running = await startVoting(config.value, log);
  process.stdout.write(
    `ready ${JSON.stringify({ process: 'voting', station_id: config.value.station_id, socket: config.value.socket })}\n`,
  );
  const stop = (): void => {
    running.close().then(
      () => process.exit(0),
      (cause: unknown) => {
        log('error', 'stopping failed', { error: cause instanceof Error ? cause.message : 'unknown' });
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (cause) {
  log('error', 'cannot start', { error: cause instanceof Error ? cause.message : 'unknown' });
  process.exit(1);
}
