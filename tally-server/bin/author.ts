/** `node tally-server/bin/author.ts --config F`: the authority's authoring desk, on its own machine. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { authorConfigSchema, authoringPage, createAuthoring } from '../src/authoring/authoring.ts';

const USAGE = `usage: author.ts --config FILE

FILE is JSON: {data_folder, host, port, launch_token, authority_key_file, intake_public_key, stations_folder}.
Prints one line "ready {…}" with the address when it serves. Exit: 0 stopped, 1 refused, 2 usage.
`;

function usage(why: string): never {
  process.stderr.write(`${why}\n${USAGE}`);
  process.exit(2);
}

function configOf() {
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean' } } });
    if (values.help === true) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const parsed = authorConfigSchema.safeParse(
      JSON.parse(readFileSync(values.config ?? usage('--config is missing'), 'utf8')),
    );
    if (parsed.success) return parsed.data;
    return usage(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'the configuration cannot be read');
  }
}

const config = configOf();
try {
  const authoring = createAuthoring({
    config,
    page: await authoringPage(),
    now: () => Math.floor(Date.now() / 1000),
  });
  const address = await authoring.listen();
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await authoring.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  process.stdout.write(`ready ${JSON.stringify({ process: 'author', address })}\n`);
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : 'cannot start'}\n`);
  process.exit(1);
}
