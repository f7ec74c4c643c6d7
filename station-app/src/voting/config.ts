/** voting.json (PROCESSES.md): every field checked, unknown ones named. */
import { readFileSync } from 'node:fs';
import {
  type Bytes,
  failure,
  fromHex,
  parseStationId,
  type Result,
  type StationId,
  success,
} from '@sandoq/protocol';
import { z } from 'zod';
import { ROLL_WIDTH_DOTS_MAX, ROLL_WIDTH_DOTS_MIN } from '../paper/media.ts';

/** The longest path of a unix socket on Linux, less its end. */
const SOCKET_PATH_BYTES_MAX = 107;

const path = z.string().min(1).max(4096);
const socketPath = path.refine((text) => Buffer.byteLength(text) <= SOCKET_PATH_BYTES_MAX, {
  message: `at most ${SOCKET_PATH_BYTES_MAX} bytes`,
});

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
  box_path: path,
  role_reader: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('socket'), path: socketPath }),
    z.strictObject({ kind: z.literal('hid'), path }),
    z.strictObject({ kind: z.literal('serial'), path }),
  ]),
  /** the officers' thermal printer, a device that takes bytes; null or left out where there is none */
  report_printer: z
    .strictObject({
      path,
      width_dots: z.int().min(ROLL_WIDTH_DOTS_MIN).max(ROLL_WIDTH_DOTS_MAX).multipleOf(8),
    })
    .nullable()
    .default(null),
  province_url: z.url().max(400).nullable(),
  socket: socketPath,
  token: z.string().min(16).max(200),
});
export type VotingConfig = z.output<typeof configSchema>;

/** @returns what is wrong, field by field, without repeating the values: the token is a secret. */
export function readVotingConfig(file: string): Result<VotingConfig, string> {
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
