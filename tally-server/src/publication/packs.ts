/** A large publication's packs: the stations' entries once when an election is loaded, the slips when it is published. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  type Bytes,
  PACKS_FOLDER,
  packFile,
  packItem,
  SINGLE_FILES_STATIONS_MAX,
  STATIONS_PER_PACK,
} from '@sandoq/protocol';

export const isPacked = (stations: number): boolean => stations > SINGLE_FILES_STATIONS_MAX;

function writePack(path: string, items: readonly Bytes[]): void {
  const handle = openSync(path, 'w');
  try {
    writeSync(handle, Buffer.concat(items));
    // The disk works while the next pack is made: the sync of the whole at the end finds little left to do.
    fdatasyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * @param stations in the order of their ids, each with the files that belong to it
 * @param folder in which `packs/` is
 */
export function writePacks(
  folder: string,
  kind: Parameters<typeof packFile>[0],
  stations: Iterable<readonly { readonly path: string; readonly bytes: Bytes }[]>,
): void {
  mkdirSync(join(folder, PACKS_FOLDER), { recursive: true });
  let number = 0;
  let items: Bytes[] = [];
  let held = 0;
  const write = (): void => {
    if (items.length > 0) writePack(join(folder, packFile(kind, number++)), items);
    items = [];
    held = 0;
  };
  for (const files of stations) {
    for (const { path, bytes } of files) items.push(packItem(path, bytes));
    if (++held === STATIONS_PER_PACK) write();
  }
  write();
}

/** The packed entries of an election's stations, beside its provisioning folder; a package never changes. */
export const stationPacksFolder = (provisioningFolder: string): string => `${provisioningFolder}.packs`;

/** Made once; what was begun and not finished is made again. */
export function keepStationPacks(provisioningFolder: string, ids: Iterable<string>): void {
  const folder = stationPacksFolder(provisioningFolder);
  if (existsSync(folder)) return;
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  const entries = function* () {
    for (const id of ids) {
      const name = `stations/${id}.cose`;
      yield [{ path: `package/${name}`, bytes: readFileSync(join(provisioningFolder, name)) }];
    }
  };
  writePacks(making, 'stations', entries());
  renameSync(making, folder);
}
