/** The server's configuration: one JSON file, every field checked, an unknown or missing one named. */
import { readFileSync } from 'node:fs';
import { enrolPublicKey, failure, fromHex, type Result, success } from '@sandoq/protocol';
import { z } from 'zod';
import { MINUTES_ROLES, PUBLICATION_RULES_DEFAULT } from '../publication/release.ts';

/** More elections than this in one province at a time are not foreseen. */
export const PACKAGE_FOLDERS_MAX = 64;
/** A day's run of 117 stations from one address stays far below; a flood does not. */
export const REQUESTS_PER_MINUTE_DEFAULT = 6000;

const publicKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits')
  .transform((text) => fromHex(text) ?? new Uint8Array(0))
  .refine((key) => enrolPublicKey(key), 'must be an Ed25519 key of prime order');

const serverConfigSchema = z.strictObject({
  data_folder: z.string().min(1),
  host: z.string().min(1),
  port: z.int().min(0).max(65535),
  authority_public_key: publicKey,
  /** provisioning folders that are loaded at each start */
  package_folders: z.array(z.string().min(1)).max(PACKAGE_FOLDERS_MAX).default([]),
  /** the law of publication (src/publication/release.ts) */
  publication: z
    .strictObject({
      /** roles whose signature the minutes must carry before a slip is public */
      roles_required: z
        .array(z.enum(MINUTES_ROLES))
        .max(MINUTES_ROLES.length)
        .default([...PUBLICATION_RULES_DEFAULT.rolesRequired]),
      small_cell_min: z.int().min(0).max(1000).default(PUBLICATION_RULES_DEFAULT.smallCellMin),
    })
    .prefault({}),
  requests_per_minute_max: z.int().min(1).max(10_000_000).default(REQUESTS_PER_MINUTE_DEFAULT),
});

type Parsed = z.output<typeof serverConfigSchema>;
/** Who makes a configuration in code may leave the law of publication at its default. */
export type ServerConfig = Omit<Parsed, 'publication'> & Partial<Pick<Parsed, 'publication'>>;

export const CONFIG_BYTES_MAX = 64 * 1024;

/** Reads a configuration file. Every mistake is a line `field: what is wrong`. */
export function readServerConfig(path: string): Result<ServerConfig, readonly string[]> {
  let json: unknown;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > CONFIG_BYTES_MAX)
      return failure([`the file is longer than ${CONFIG_BYTES_MAX} bytes`]);
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return failure(['the file cannot be read as JSON']);
  }
  const parsed = serverConfigSchema.safeParse(json);
  return parsed.success
    ? success(parsed.data)
    : failure(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`));
}
