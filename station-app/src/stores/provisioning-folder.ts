/** Reads the files of a provisioning folder by their names; what they say is checked by the protocol. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, isProvisioningFile } from '@sandoq/protocol';

const AMENDMENTS = 'amendments/';
/** Pictures are none of these: who shows them reads them apart, see `candidate-pictures.ts`. */
const FOLDERS = ['', 'stations/', AMENDMENTS] as const;

/** Anything that is not named like a file of ours is not opened. */
export function readProvisioningFolder(folder: string): ReadonlyMap<string, Bytes> {
  const files = new Map<string, Bytes>();
  for (const under of FOLDERS) {
    const path = join(folder, under);
    if (!existsSync(path)) continue;
    for (const name of readdirSync(path)) {
      const file = `${under}${name}`;
      if (isProvisioningFile(file)) files.set(file, new Uint8Array(readFileSync(join(folder, file))));
    }
  }
  return files;
}

/** The package with the amendments that a station was given during the day; what the package has itself stands. */
export function withAmendments(
  files: ReadonlyMap<string, Bytes>,
  folder: string,
): ReadonlyMap<string, Bytes> {
  const path = join(folder, AMENDMENTS);
  if (!existsSync(path)) return files;
  const merged = new Map(files);
  for (const name of readdirSync(path).sort()) {
    const file = `${AMENDMENTS}${name}`;
    if (isProvisioningFile(file) && !merged.has(file))
      merged.set(file, new Uint8Array(readFileSync(join(folder, file))));
  }
  return merged;
}
