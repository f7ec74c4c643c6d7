/** What the bench is told: one schema-checked file, and the same entry for a station added while it runs. */
import { TERMINALS_MAX } from '@sandoq/protocol';
import { z } from 'zod';

const stationId = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'a station id');
const path = z.string().min(1).max(4096);

export const BOX_HOSTS = ['sim', 'qemu', 'serial'] as const;
export type BoxHostKind = (typeof BOX_HOSTS)[number];

export const stationBenchSchema = z.strictObject({
  station_id: stationId,
  /** cards and facts of the metal */
  folder: path,
  box: z
    .strictObject({
      pty: path,
      flash: path,
      /** what runs the firmware: its core in this process (so too when left out), its image on an emulated microcontroller, a board */
      host: z.enum(BOX_HOSTS).optional(),
      /** a board's serial lines; the bench is its metal and passes its host line on to `pty` */
      ports: z.strictObject({ host: path, printer: path, pad: path, mechanics: path }).optional(),
    })
    .refine((box) => (box.host === 'serial') === (box.ports !== undefined), 'ports belong to a serial box'),
  role_reader_socket: path,
  admission_reader_socket: path,
  /** of the second admission terminal and those after it */
  more_admission_reader_sockets: z
    .array(path)
    .max(TERMINALS_MAX - 1)
    .optional(),
  mechanics: z.enum(['virtual', 'real_time']),
  /** people whose documents the panel offers, a JSON list; without it nobody stands in the queue */
  people_file: path.nullable().default(null),
  /** rehearsal audits only: printed papers stay readable, mixed, in memory */
  keep_papers: z.boolean().default(false),
});
export type StationBenchConfig = z.output<typeof stationBenchSchema>;
export type StationBenchInput = z.input<typeof stationBenchSchema>;

export const STATIONS_MAX = 16;

export const benchConfigSchema = z.strictObject({
  data_folder: path,
  control_socket: path,
  panel: z.strictObject({ host: z.string(), port: z.int().min(0).max(65535) }).nullable(),
  stations: z.array(stationBenchSchema).max(STATIONS_MAX),
});
export type BenchConfig = z.output<typeof benchConfigSchema>;
export type BenchConfigInput = z.input<typeof benchConfigSchema>;
