/** A provisioning folder on disk: written whole and synced, read within bounds and checked. */
import { spawnSync } from 'node:child_process';
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
  writeFileSync,
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
  PACKAGE_FILE,
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
/** Beyond this a new folder is synced once, as a whole. */
const FILES_SYNCED_ONE_BY_ONE_MAX = 500;
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
  const names = [...files.keys()].filter((name) => name !== PACKAGE_FILE);
  // Without its package the folder is none yet: a nation's stations are written plainly and synced as a whole.
  const isNew = !existsSync(join(folder, PACKAGE_FILE));
  const inBulk = isNew && names.length > FILES_SYNCED_ONE_BY_ONE_MAX;
  for (const name of names) {
    if (!isProvisioningFile(name)) throw new RangeError(`not a file of a provisioning folder: ${name}`);
    const path = join(folder, name);
    const bytes = files.get(name) as Bytes;
    if (inBulk) writeFileSync(path, bytes);
    else if (isNew || !isHeld(path, bytes)) writeFileDurably(path, bytes);
  }
  if (inBulk && !syncFileSystem(folder)) for (const name of names) syncPath(join(folder, name));
  const signed = files.get(PACKAGE_FILE);
  if (signed !== undefined) writeFileDurably(join(folder, PACKAGE_FILE), signed);
}

const isHeld = (path: string, bytes: Bytes): boolean => {
  if (!existsSync(path)) return false;
  const held = readFileSync(path);
  return held.length === bytes.length && Buffer.compare(held, bytes) === 0;
};

/** One sync for all files of a folder, where the tool for it is at hand. @returns whether it was done */
export const syncFileSystem = (folder: string): boolean =>
  spawnSync('sync', ['-f', folder], { stdio: 'ignore' }).status === 0;

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
