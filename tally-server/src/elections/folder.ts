/** A provisioning folder on disk: written whole and synced, read within bounds and checked. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  AMENDMENTS_MAX,
  type Bytes,
  CANDIDATES_MAX,
  CONTESTS_MAX,
  checkProvisioning,
  failure,
  isProvisioningFile,
  type Provisioning,
  type ProvisioningFault,
  type ProvisioningFiles,
  type Result,
  STATIONS_MAX,
  success,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';

/** The largest file is rasters.bin: 3,500 names of 384 × 40 dots are 6.8 MB. */
export const PROVISIONING_FILE_BYTES_MAX = 64 * 1024 * 1024;
const FOLDERS = ['', 'stations', 'amendments', 'pictures'] as const;
const ENTRIES_MAX = STATIONS_MAX + AMENDMENTS_MAX + CONTESTS_MAX * CANDIDATES_MAX;

function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Writes one file so that after a power cut the old content or the new is there, never a part. */
export function writeFileDurably(path: string, bytes: Bytes, mode = 0o644): void {
  const temporary = `${path}.writing`;
  rmSync(temporary, { force: true });
  const handle = openSync(temporary, 'wx', mode);
  try {
    let at = 0;
    while (at < bytes.length) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, path);
  syncPath(dirname(path));
}

/**
 * Writes a provisioning folder. The package goes last, so that a folder that was cut short has none and is refused
 * by name. An existing folder's stations and amendments that are not in `files` are removed.
 */
export function writeProvisioning(folder: string, files: ProvisioningFiles): void {
  for (const part of FOLDERS) mkdirSync(join(folder, part), { recursive: true });
  for (const part of FOLDERS)
    for (const entry of readdirSync(join(folder, part))) {
      const name = part === '' ? entry : `${part}/${entry}`;
      if (isProvisioningFile(name) && !files.has(name)) rmSync(join(folder, name));
    }
  const names = [...files.keys()].sort((a, b) => Number(a === 'package.cose') - Number(b === 'package.cose'));
  for (const name of names) {
    if (!isProvisioningFile(name)) throw new RangeError(`not a file of a provisioning folder: ${name}`);
    writeFileDurably(join(folder, name), files.get(name) as Bytes);
  }
}

/** Reads the files of a provisioning folder, and no others, without judging them. */
export function readProvisioningFiles(folder: string): Result<ProvisioningFiles, ProvisioningFault> {
  const files = new Map<string, Bytes>();
  for (const part of FOLDERS) {
    const path = join(folder, part);
    if (!existsSync(path)) continue;
    const entries = readdirSync(path);
    if (entries.length > ENTRIES_MAX)
      return failure({ code: 'too_many_files', at: part || '.', wanted: `at most ${ENTRIES_MAX} entries` });
    for (const entry of entries) {
      const name = part === '' ? entry : `${part}/${entry}`;
      if (!isProvisioningFile(name)) continue;
      const status = statSync(join(folder, name));
      if (!status.isFile() || status.size > PROVISIONING_FILE_BYTES_MAX)
        return failure({
          code: 'too_long',
          at: name,
          wanted: `a file of at most ${PROVISIONING_FILE_BYTES_MAX} bytes`,
        });
      files.set(name, new Uint8Array(readFileSync(join(folder, name))));
    }
  }
  return success(files);
}

/** Reads and checks a provisioning folder under the authority key that this reader trusts. */
export function readProvisioning(
  folder: string,
  authorityKey: Bytes,
): Result<Provisioning, ProvisioningFault> {
  const files = readProvisioningFiles(folder);
  return files.ok ? checkProvisioning(files.value, nodeCrypto, authorityKey) : files;
}
