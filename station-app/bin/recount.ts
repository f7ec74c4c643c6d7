/** npm run recount: opens the sealed records again, with other code, and compares with the slip. */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fromHex, parseStationId, setMerkleHash } from '@sandoq/protocol';
import { z } from 'zod';
import { systemClock } from '../src/devices/clock.ts';
import { type ReaderTransport, reportLinkOf } from '../src/devices/reader-link.ts';
import { askPins } from '../src/recount/ask-pins.ts';
import { KeyRefused } from '../src/recount/card-keys.ts';
import { ownCrypto } from '../src/recount/own-crypto.ts';
import { type RecountOrder, RecountRefused, recount } from '../src/recount/recount.ts';

const USAGE = `npm run recount -- --package FOLDER --authority HEX --station ID --bundle FILE
                   (--store records.sqlite | --records FILE) --role-reader socket:PATH|hid:PATH [--pins -]

  --package FOLDER    the provisioning folder
  --amendments FOLDER the station's data folder, for amendments that were brought there during the day
  --authority HEX     the authority's public key, 64 hexadecimal digits
  --station ID        whose records
  --bundle FILE       the slip and what it rests on (out/ID.bundle)
  --store FILE        the station's store of sealed records
  --records FILE      sealed records that were read out of the box
  --role-reader R     the reader in whose two slots the closing representatives' cards lie
  --pins -            their PINs from standard input, as JSON; without it they are asked for

Last line of the output: JSON. Exit: 0 it agrees with the slip, 1 it does not or cannot be done, 2 usage.
`;

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${USAGE}`);
  process.exit(2);
}

const OPTIONS = {
  package: { type: 'string' },
  amendments: { type: 'string' },
  authority: { type: 'string' },
  station: { type: 'string' },
  bundle: { type: 'string' },
  store: { type: 'string' },
  records: { type: 'string' },
  'role-reader': { type: 'string' },
  pins: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const pinsSchema = z
  .array(z.strictObject({ slot: z.enum(['first', 'second']), pin: z.string().regex(/^[0-9]{4,12}$/) }))
  .length(2);

function readerOf(text: string): ReaderTransport {
  const [, kind, path] =
    /^(socket|hid):(.+)$/.exec(text) ?? usage('--role-reader: wanted socket:PATH or hid:PATH');
  return { kind: kind as 'socket' | 'hid', path: path as string };
}

async function orderOf(): Promise<RecountOrder> {
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
  const text = (name: 'package' | 'authority' | 'station' | 'bundle' | 'role-reader'): string =>
    values[name] ?? usage(`--${name} is missing`);
  if ((values.store === undefined) === (values.records === undefined)) usage('one of --store and --records');
  if (values.pins !== undefined && values.pins !== '-')
    usage('--pins: only "-"; a PIN never stands on a command line');
  const authorityKey = fromHex(text('authority'));
  const stationId = parseStationId(text('station'));
  if (authorityKey?.length !== 32) usage('--authority: wanted 64 hexadecimal digits');
  if (stationId === undefined) usage('--station: wanted a station id');
  const asked = pinsSchema.safeParse(await askPins(values.pins === '-'));
  if (!asked.success) usage('two PINs are wanted, for slots first and second');
  return {
    packageFolder: text('package'),
    amendmentsFolder: values.amendments,
    authorityKey,
    stationId,
    source:
      values.store === undefined
        ? { kind: 'records', path: values.records as string }
        : { kind: 'store', path: values.store },
    bundlePath: text('bundle'),
    roleReader: {
      open: reportLinkOf(readerOf(text('role-reader'))),
      clock: systemClock,
      random: (length) => new Uint8Array(randomBytes(length)),
    },
    pins: asked.data,
  };
}

setMerkleHash(ownCrypto.sha256);
const order = await orderOf();
try {
  const result = await recount(order, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(result.agreed ? 0 : 1);
} catch (cause) {
  const known = cause instanceof RecountRefused || cause instanceof KeyRefused;
  const why = known
    ? cause.message
    : `could not be done: ${cause instanceof Error ? cause.message : 'unknown'}`;
  process.stdout.write(`${JSON.stringify({ agreed: null, refusal: why })}\n`);
  process.exit(1);
}
