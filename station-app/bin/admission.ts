/** The admission process: reader, roll, journal and the tarefe cards. It shares the package folder with voting, and nothing else. */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { readAdmissionConfig } from '../src/admission/config.ts';
import { type AdmissionLog, startAdmission } from '../src/admission/start.ts';

// Compile at the first call: a station sees hundreds of voters, not millions, and would spend them in the interpreter
// (measured: a tenth of the first hundred admissions).
setFlagsFromString('--always-sparkplug');

const USAGE = `admission --config FILE

  --config FILE   {station_id, data_folder, package_folder, authority_public_key,
                  reader: {kind: "socket"|"hid", path}, roll_path | null, province_url | null,
                  socket, token}
  --help          this text
`;

const log: AdmissionLog = (level, message, more = {}) => {
  process.stderr.write(`${JSON.stringify({ level, process: 'admission', msg: message, ...more })}\n`);
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

const config = readAdmissionConfig(configPath());
if (!config.ok) usage(config.fault);
try {
  const running = await startAdmission(config.value, log);
  process.stdout.write(
    `ready ${JSON.stringify({ process: 'admission', station_id: config.value.station_id, socket: config.value.socket })}\n`,
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
