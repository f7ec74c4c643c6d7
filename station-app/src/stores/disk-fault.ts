/** A disk that takes nothing more, or fails, by the name that people are told. Nothing of it was written: it can be tried again. */
export type DiskFault = 'disk_full' | 'disk_failed';

const FULL: ReadonlySet<string> = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT']);
const FAILED: ReadonlySet<string> = new Set(['EIO', 'EROFS', 'SQLITE_READONLY']);

/** @returns undefined for what is no fault of a disk */
export function diskFaultOf(cause: unknown): DiskFault | undefined {
  const code = (cause as { readonly code?: unknown } | null)?.code;
  if (typeof code !== 'string') return undefined;
  if (FULL.has(code)) return 'disk_full';
  return FAILED.has(code) || code.startsWith('SQLITE_IOERR') ? 'disk_failed' : undefined;
}
