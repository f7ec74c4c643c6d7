/**
 * The officers' thermal printer: a device file that takes bytes (USB printer class, serial line). It is opened for each
 * paper, so that one that was unplugged is found again; one that takes nothing is given up after a while.
 */
import { open } from 'node:fs/promises';
import { type Bytes, failure, type Result, success } from '@sandoq/protocol';

/** A printer of 80 mm/s needs three seconds for 25 cm; its paper may have to be changed meanwhile. */
export const PRINT_TIMEOUT_MS = 120_000;

export interface ReportPrinter {
  readonly widthDots: number;
  print(bytes: Bytes): Promise<Result<void, { readonly code: 'report_printer_failed' }>>;
}

async function writeAll(path: string, bytes: Bytes): Promise<void> {
  const handle = await open(path, 'a');
  try {
    for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
  } finally {
    await handle.close();
  }
}

export function reportPrinterAt(path: string, widthDots: number): ReportPrinter {
  return {
    widthDots,
    async print(bytes) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('late')), PRINT_TIMEOUT_MS);
      });
      try {
        await Promise.race([writeAll(path, bytes), late]);
        return success(undefined);
      } catch {
        return failure({ code: 'report_printer_failed' });
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
