/** The bench as a process: stations' hardware, the control socket, the panel. See hardware-sim/README.md. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Firmware, type FirmwareImage, loadFirmware, loadImage } from '@sandoq/firmware-host';
import { nodeRandomness } from '@sandoq/protocol/node';
import { z } from 'zod';
import {
  benchConfigSchema,
  createCardCrypto,
  qemuBoxSupply,
  serialBoxSupply,
  simBoxSupply,
  startBench,
} from '../src/index.ts';

const USAGE = `usage: node hardware-sim/bin/bench.ts --config FILE

Simulated hardware of polling stations: boxes behind serial ports, readers, cards.
FILE is JSON: {data_folder, control_socket, panel: {host, port} | null, stations: [...]};
see hardware-sim/README.md. Prints "ready {...}" when it serves; SIGTERM ends it.
`;

const log = (event: string, fields: Readonly<Record<string, string>>): void => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
};

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function readConfig(path: string): z.output<typeof benchConfigSchema> {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    usage(`${path}: ${cause instanceof Error ? cause.message : 'cannot be read'}`);
  }
  const config = benchConfigSchema.safeParse(raw);
  if (!config.success) usage(`${path}: ${z.prettifyError(config.error)}`);
  return config.data;
}

function options(): string {
  try {
    const { values } = parseArgs({
      options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    return values.config ?? usage('--config is wanted');
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'unknown option');
  }
}

const config = readConfig(options());
// Read when the first box of its kind is wanted: an image may not be there, and only a box of its kind needs it.
let firmware: Firmware | undefined;
let image: FirmwareImage | undefined;
const bench = await startBench(config, {
  cards: { crypto: createCardCrypto(), random: nodeRandomness },
  randomBelow: (bound) => randomInt(bound),
  supplyOf(flash, { host, ports }) {
    if (ports !== undefined) {
      const { host: hostLine, ...metal } = ports;
      return serialBoxSupply({ host: hostLine, metal });
    }
    if (host === 'qemu') {
      image ??= loadImage();
      return qemuBoxSupply(image, flash);
    }
    firmware ??= loadFirmware();
    return simBoxSupply(firmware, flash);
  },
  log,
});

// Loaded only where it is wanted: a day's run needs neither the bundler nor the page.
const panel =
  config.panel === null
    ? undefined
    : await (await import('../src/panel/server.ts')).servePanel(bench, config.panel);

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  void Promise.all([panel?.close(), bench.close()]).then(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
const stations = bench.stations().map((station) => station.config.station_id);
process.stdout.write(`ready ${JSON.stringify({ process: 'bench', stations, panel: panel?.url ?? null })}\n`);
