/** Reads the files of a provisioning folder by their names; what they say is checked by the protocol. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, isProvisioningFile } from '@sandoq/protocol';

const FOLDERS = ['', 'stations/', 'amendments/', 'pictures/'] as const;

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
