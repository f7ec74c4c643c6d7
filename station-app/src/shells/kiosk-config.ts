import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ROLES } from '../contract/contract.ts';

/** Windows of one station: two officers a terminal, the voters' boxes' screens, observers. */
export const WINDOWS_MAX = 12;
/** Shorter launch tokens could be guessed by another user of the machine. */
export const LAUNCH_TOKEN_LENGTH_MIN = 32;

const core = z.object({ socket: z.string().min(1).max(107), token: z.string().min(1).max(200) }).strict();

export const kioskConfigSchema = z
  .object({
    host: z.enum(['127.0.0.1', '::1']),
    port: z.int().min(0).max(65_535),
    /** known to the launcher only: orders single-use window addresses and keys the windows' cookies */
    launch_token: z.string().min(LAUNCH_TOKEN_LENGTH_MIN).max(200),
    windows: z
      .array(
        z
          .object({
            role: z.enum(ROLES),
            locale: z.enum(['fa', 'en']),
            /** the terminal that this window belongs to, where the station has several */
            admission: core.optional(),
          })
          .strict(),
      )
      .min(1)
      .max(WINDOWS_MAX),
    voting: core,
    admission: core,
    /** measured pixels a millimetre of the panel, so that letters and targets have their lawful size */
    /** officers’ windows begin with the guided rehearsal; a real day has none */
    guide: z.boolean().optional(),
    panel: z.object({ px_per_mm: z.number().min(1).max(40) }).strict(),
  })
  .strict();
export type KioskConfig = z.output<typeof kioskConfigSchema>;

/** The configuration, or in words what is wrong with the file. */
export function readKioskConfig(
  file: string,
): { readonly ok: true; readonly value: KioskConfig } | { readonly ok: false; readonly why: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    return { ok: false, why: `${file}: ${cause instanceof Error ? cause.message : 'cannot be read'}` };
  }
  const parsed = kioskConfigSchema.safeParse(raw);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, why: `${file}: ${z.prettifyError(parsed.error)}` };
}
