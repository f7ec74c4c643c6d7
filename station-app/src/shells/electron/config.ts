import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { kioskConfigSchema } from '../kiosk-config.ts';

/** As the kiosk's, without a port, which Electron does not need, and with the cores that this shell starts itself. */
export const electronConfigSchema = kioskConfigSchema
  .omit({ host: true, port: true, launch_token: true })
  .extend({
    /** the cores' entry scripts and their own configuration files, each run in a utility process */
    cores: z.array(z.object({ entry: z.string().min(1), config: z.string().min(1) }).strict()).max(2),
  })
  .strict();
export type ElectronConfig = z.output<typeof electronConfigSchema>;

/** @throws Error that names what is missing or wrong. */
export function readElectronConfig(file: string): ElectronConfig {
  const parsed = electronConfigSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
