/**
 * What a core process offers its screens: calls with schemas and roles, and one view model a role. No Node, no
 * Electron: shared by cores, shells, screens and tests. Views carry codes; the sentences are in the catalogues.
 */
import { z } from 'zod';

/** The role belongs to the window or connection, decided by who holds the token; a screen never sends it. */
export const ROLES = ['executive', 'supervisor', 'voter', 'inspector'] as const;
export type ScreenRole = (typeof ROLES)[number];

export interface CallDescription {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly roles: readonly ScreenRole[];
}
export type Calls = Readonly<Record<string, CallDescription>>;

export const refusalSchema = z.object({ code: z.string().max(64), detail: z.string().max(400).optional() });
export type CallRefusal = z.output<typeof refusalSchema>;

export const bilingualSchema = z.object({ fa: z.string(), en: z.string() });
export const modeSchema = z.enum(['rehearsal', 'official']);

export const deviceStateSchema = z.object({
  id: z.enum(['box', 'role_reader', 'admission_reader', 'province', 'screens']),
  state: z.enum(['connected', 'connecting', 'lost', 'fault', 'not_configured']),
  /** a refusal or fault name with a sentence in the catalogues */
  code: z.string().nullable(),
});
export type DeviceState = z.output<typeof deviceStateSchema>;

/** What to do next and who must act: `code` names a sentence `next.CODE` in the catalogues. */
export const nextStepSchema = z.object({
  who: z.enum(['executive', 'supervisor', 'both', 'closing_representatives', 'voter', 'nobody']),
  code: z.string(),
});

export const stationHeadSchema = z.object({
  election: z.object({ id: z.string(), title: bilingualSchema, demonstration: z.boolean() }),
  station: z.object({ id: z.string(), name: bilingualSchema }),
  mode: modeSchema.nullable(),
});

export const LINE_BYTES_MAX = 1024 * 1024;
export const nothing = z.object({}).strict();
export const pinSchema = z.string().regex(/^[0-9]{4,12}$/);
