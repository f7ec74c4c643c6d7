/** npm run recover: a day from the box alone or from the station alone, as a disputed slip with its evidence. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromHex, parseStationId, SMALL_RECORD_BYTES_MAX } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { z } from 'zod';
import { systemClock } from '../src/devices/clock.ts';
import { reportLinkOf } from '../src/devices/reader-link.ts';
import { writeVerified } from '../src/outputs/export.ts';
import { askPins } from '../src/recount/ask-pins.ts';
import { KeyRefused } from '../src/recount/card-keys.ts';
import { RecoveryRefused } from '../src/recovery/evidence.ts';
import { type RecoveryOrder, recoverDay } from '../src/recovery/recovery.ts';
import { DEVICE_KEY_FILE, openDeviceKey } from '../src/stores/device-key.ts';

const USAGE = `npm run recover -- --package FOLDER --authority HEX --station ID
                   (--box FOLDER | --station-data FOLDER) --admission FILE --device-key FOLDER
                   --reason TEXT --role-reader socket:PATH|hid:PATH --out FOLDER [--pins -]

  --package FOLDER       the provisioning folder, with every amendment
  --authority HEX        the authority's public key, 64 hexadecimal digits
  --station ID           whose day
  --box FOLDER           the station is lost: what "npm run audit -- IMAGE --out FOLDER" read out of the box
  --station-data FOLDER  the box is lost: the voting process's data folder
  --admission FILE       the admission side's signed summary
  --device-key FOLDER    where the voting device's key is: the old one, or that of an enrolled replacement
  --reason TEXT          what happened, for the evidence
  --role-reader R        the reader in whose slots the closing representatives' cards lie
  --out FOLDER           where ID.bundle and ID.evidence.json are written
  --pins -               their PINs from standard input, as JSON; without it they are asked for

The slip says that it is disputed. Last line of the output: JSON. Exit: 0 written, 1 cannot be done, 2 usage.
`;
const SMALL_FILE = SMALL_RECORD_BYTES_MAX;

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${USAGE}`);
  process.exit(2);
}

const text = { type: 'string' } as const;
const OPTIONS = {
  ...{ package: text, authority: text, station: text, box: text, 'station-data': text, admission: text },
  ...{ 'device-key': text, reason: text, 'role-reader': text, out: text, pins: text },
  help: { type: 'boolean' },
} as const;

const pinsSchema = z
  .array(z.strictObject({ slot: z.enum(['first', 'second']), pin: z.string().regex(/^[0-9]{4,12}$/) }))
  .length(2);

const { values } = (() => {
  try {
    return parseArgs({ options: OPTIONS });
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'arguments are wrong');
  }
})();
if (values.help === true) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const wanted = (
  name: 'package' | 'authority' | 'station' | 'admission' | 'device-key' | 'reason' | 'role-reader' | 'out',
): string => values[name] ?? usage(`--${name} is missing`);
if ((values.box === undefined) === (values['station-data'] === undefined))
  usage('one of --box and --station-data');
if (values.pins !== undefined && values.pins !== '-')
  usage('--pins: only "-"; a PIN never stands on a command line');
const authorityKey = fromHex(wanted('authority'));
const stationId = parseStationId(wanted('station'));
if (authorityKey?.length !== 32) usage('--authority: wanted 64 hexadecimal digits');
if (stationId === undefined) usage('--station: wanted a station id');
const [, kind, path] =
  /^(socket|hid):(.+)$/.exec(wanted('role-reader')) ?? usage('--role-reader: wanted socket:PATH or hid:PATH');
const out = wanted('out');
const [packageFolder, admissionFile, keyFolder, reason] = (
  ['package', 'admission', 'device-key', 'reason'] as const
).map(wanted) as [string, string, string, string];
const recorderFolder = values.box ?? (values['station-data'] as string);
// Told before anybody types a PIN, and before a key is made where none was brought.
for (const [option, place] of [
  ['package', packageFolder],
  ['admission', admissionFile],
  ['device-key', join(keyFolder, DEVICE_KEY_FILE)],
  [values.box === undefined ? 'station-data' : 'box', recorderFolder],
] as const)
  if (!existsSync(place)) usage(`--${option}: there is no ${place}`);
const pins = pinsSchema.safeParse(await askPins(values.pins === '-'));
if (!pins.success) usage('two PINs are wanted, for slots first and second');

try {
  const admission = new Uint8Array(readFileSync(admissionFile));
  if (admission.length > SMALL_FILE) throw new RecoveryRefused('the admission summary is too long');
  const order: RecoveryOrder = {
    packageFolder,
    authorityKey,
    stationId,
    recorder: values.box === undefined ? 'station' : 'box',
    folder: recorderFolder,
    admission,
    deviceKey: openDeviceKey(keyFolder, nodeCrypto, nodeRandomness).secretKey,
    reason,
    atSeconds: Math.floor(Date.now() / 1000),
    roleReader: {
      open: reportLinkOf({ kind: kind as 'socket' | 'hid', path: path as string }),
      clock: systemClock,
      random: nodeRandomness,
    },
    pins: pins.data,
  };
  const { bundle, evidence, records, counted, breaks } = await recoverDay(order);
  const bundlePath = join(out, `${stationId}.bundle`);
  writeVerified(join(out, `${stationId}.evidence.json`), evidence);
  writeVerified(bundlePath, bundle);
  process.stdout.write(
    `${JSON.stringify({ recovered: true, disputed: true, bundle: bundlePath, records, counted, breaks })}\n`,
  );
} catch (cause) {
  const known = cause instanceof RecoveryRefused || cause instanceof KeyRefused;
  const why = known
    ? cause.message
    : `could not be done: ${cause instanceof Error ? cause.message : 'unknown'}`;
  process.stdout.write(`${JSON.stringify({ recovered: false, refusal: why })}\n`);
  process.exitCode = 1;
}
