/** A core process's outside: its arguments, its log, the line that says it is ready, and its end. */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Result } from '@sandoq/protocol';

export type CoreLog = (level: 'info' | 'error', message: string, more?: Record<string, unknown>) => void;

interface RunningCore {
  close(): Promise<void>;
}

interface CoreConfig {
  readonly station_id: string;
  readonly socket: string;
}

export interface Core<Config extends CoreConfig> {
  readonly name: 'voting' | 'admission';
  /** what its config file holds, for --help */
  readonly configFields: string;
  /** what else it does that whoever starts it should know */
  readonly remarks: string;
  readonly readConfig: (file: string) => Result<Config, string>;
  readonly start: (config: Config, log: CoreLog) => Promise<RunningCore>;
}

const usageOf = (core: Pick<Core<CoreConfig>, 'name' | 'configFields' | 'remarks'>): string =>
  `${core.name} --config FILE | --configs-from-input

  --config FILE          ${core.configFields}
  --configs-from-input   one station after another, as a bench of many stations needs it: each line of standard
                         input is the path of a config file, and an empty line closes the station in hand; each
                         is answered by a line, "ready {…}" or "closed {…}". The end of input ends the process.
  --help                 this text
${core.remarks === '' ? '' : `\n${core.remarks}\n`}`;

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : 'unknown');

class Outside<Config extends CoreConfig> {
  readonly #core: Core<Config>;
  #running: RunningCore | undefined;

  constructor(core: Core<Config>) {
    this.#core = core;
  }

  readonly log: CoreLog = (level, message, more = {}) => {
    process.stderr.write(`${JSON.stringify({ level, process: this.#core.name, msg: message, ...more })}\n`);
  };

  usage(why: string): never {
    process.stderr.write(`${why}\n\n${usageOf(this.#core)}`);
    process.exit(2);
  }

  #say(word: 'ready' | 'closed', more: Readonly<Record<string, string>>): void {
    process.stdout.write(`${word} ${JSON.stringify({ process: this.#core.name, ...more })}\n`);
  }

  async open(file: string): Promise<void> {
    const config = this.#core.readConfig(file);
    if (!config.ok) this.usage(config.fault);
    try {
      this.#running = await this.#core.start(config.value, this.log);
    } catch (cause) {
      this.log('error', 'cannot start', { error: messageOf(cause) });
      process.exit(1);
    }
    this.#say('ready', { station_id: config.value.station_id, socket: config.value.socket });
  }

  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.close();
  }

  /** Stations one after another; a failure ends the process, as it would end a station's own. */
  async serveFromInput(): Promise<void> {
    for await (const line of createInterface({ input: process.stdin })) {
      await this.close();
      if (line === '') this.#say('closed', {});
      else await this.open(line);
    }
  }

  end(): void {
    this.close().then(
      () => process.exit(0),
      (cause: unknown) => {
        this.log('error', 'stopping failed', { error: messageOf(cause) });
        process.exit(1);
      },
    );
  }
}

function argumentsOf(usage: (why: string) => never): {
  readonly config: string | undefined;
  readonly fromInput: boolean;
  readonly help: boolean;
} {
  try {
    const { values } = parseArgs({
      options: {
        config: { type: 'string' },
        'configs-from-input': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return {
      config: values.config,
      fromInput: values['configs-from-input'] === true,
      help: values.help === true,
    };
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'arguments are wrong');
  }
}

/** Runs a core until SIGTERM, SIGINT or the end of its input. Exits with 2 for wrong arguments, 1 for a failure. */
export async function runCore<Config extends CoreConfig>(core: Core<Config>): Promise<void> {
  const outside = new Outside(core);
  const { config, fromInput, help } = argumentsOf((why) => outside.usage(why));
  if (help) {
    process.stdout.write(usageOf(core));
    process.exit(0);
  }
  process.once('SIGTERM', () => outside.end());
  process.once('SIGINT', () => outside.end());
  if (config !== undefined && !fromInput) return outside.open(config);
  if (config !== undefined || !fromInput) outside.usage('wanted one of --config and --configs-from-input');
  try {
    await outside.serveFromInput();
  } catch (cause) {
    outside.log('error', 'stopping failed', { error: messageOf(cause) });
    process.exit(1);
  }
  outside.end();
}
