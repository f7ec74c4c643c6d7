/** admission.json (PROCESSES.md): every field checked, unknown ones named. */
import { readFileSync } from 'node:fs';
import {
  type Bytes,
  failure,
  fromHex,
  parseStationId,
  type Result,
  type StationId,
  success,
  TERMINALS_MAX,
} from '@sandoq/protocol';
import { z } from 'zod';

/** The longest path of a unix socket on Linux, less its end. */
const SOCKET_PATH_BYTES_MAX = 107;

const path = z.string().min(1).max(4096);
const socketPath = path.refine((text) => Buffer.byteLength(text) <= SOCKET_PATH_BYTES_MAX, {
  message: `at most ${SOCKET_PATH_BYTES_MAX} bytes`,
});

const address = z.strictObject({ host: z.string().min(1).max(253), port: z.int().min(0).max(65_535) });

const configSchema = z.strictObject({
  station_id: z.string().transform((text, check): StationId => {
    const id = parseStationId(text);
    if (id === undefined) check.addIssue('wanted a station id');
    return id as StationId;
  }),
  data_folder: path,
  package_folder: path,
  authority_public_key: z.string().transform((text, check): Bytes => {
    const key = fromHex(text);
    if (key?.length !== 32) check.addIssue('wanted 64 hexadecimal digits');
    return key as Bytes;
  }),
  reader: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('socket'), path: socketPath }),
    z.strictObject({ kind: z.literal('hid'), path }),
    z.strictObject({ kind: z.literal('serial'), path }),
  ]),
  roll_path: path.nullable(),
  /** several terminals at one station, or a second disk at one: TERMINALS.md */
  terminals: z
    .strictObject({
      number: z.int().min(1).max(TERMINALS_MAX),
      listen: address.nullable(),
      peers: z
        .array(address.extend({ number: z.int().min(1).max(TERMINALS_MAX) }).strict())
        .max(TERMINALS_MAX - 1),
      second_folder: path.nullable(),
    })
    .optional(),
  province_url: z.url().max(400).nullable(),
  socket: socketPath,
  token: z.string().min(16).max(200),
});
export type AdmissionConfig = z.output<typeof configSchema>;

/** @returns what is wrong, field by field, without repeating the values: the token is a secret. */
export function readAdmissionConfig(file: string): Result<AdmissionConfig, string> {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'not JSON';
    return failure(`cannot read ${file}: ${code}`);
  }
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return success(parsed.data);
  return failure(
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; '),
  );
}
