/** A box as a board on the table: its core or its image in a process of its own, its serial lines as ptys in a folder. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadFirmware, loadImage } from '@sandoq/firmware-host';
import { PORTS } from '@sandoq/protocol';
import { createSerialCable, qemuBoxSupply, simBoxSupply } from '../src/index.ts';

const USAGE = `usage: node hardware-sim/bin/box.ts --folder DIR --flash FILE [--box sim|qemu]

A ballot box behind serial lines: DIR/host, DIR/printer, DIR/pad and DIR/mechanics are ptys, for
\`npm start -- --box serial --port DIR\` and \`npm run day -- --box serial --port DIR --stations 1\`.
Its flash is FILE. Its console comes out on standard error. Prints "ready {...}"; SIGTERM ends it.
`;

/** In the order of the core's ports; the console is not a line of the bench. */
const LINES = ['host', 'printer', 'pad', 'mechanics'] as const;

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function options(): { readonly folder: string; readonly flash: string; readonly box: 'sim' | 'qemu' } {
  try {
    const { values } = parseArgs({
      options: {
        folder: { type: 'string' },
        flash: { type: 'string' },
        box: { type: 'string', default: 'qemu' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const { folder, flash, box } = values;
    if (folder === undefined || flash === undefined) return usage('--folder and --flash are wanted');
    if (box !== 'sim' && box !== 'qemu') return usage(`--box wants sim or qemu, got ${box}`);
    return { folder: resolve(folder), flash: resolve(flash), box };
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'unknown option');
  }
}

const { folder, flash, box } = options();
mkdirSync(folder, { recursive: true, mode: 0o700 });
mkdirSync(dirname(flash), { recursive: true });
const supply = box === 'qemu' ? qemuBoxSupply(loadImage(), flash) : simBoxSupply(loadFirmware(), flash);
const cables = new Map(
  LINES.map((line) => [
    PORTS[line] as number,
    createSerialCable({
      pty: join(folder, line),
      onData: (bytes) => core.receive(PORTS[line], bytes),
      onBroken: () => process.stderr.write(`the line ${line} broke off\n`),
    }),
  ]),
);
for (const cable of cables.values()) await cable.plug();
const core = supply.powerOn({
  send(port, bytes) {
    if (port === PORTS.console) process.stderr.write(bytes);
    else cables.get(port)?.write(bytes);
  },
  restarted: (why) => void process.stderr.write(`restarted: ${why}\n`),
  dark(why) {
    process.stderr.write(`the box stays dark: ${why}\n`);
    process.exitCode = 1;
    void stop();
  },
});

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await core.powerOff();
  for (const cable of cables.values()) await cable.pull();
  for (const line of LINES) rmSync(join(folder, line), { force: true });
  process.exit();
}
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
process.stdout.write(`ready ${JSON.stringify({ process: 'box', box, port: folder })}\n`);
