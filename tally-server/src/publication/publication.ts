/**
 * What would be published, as a folder of static files: the provisioning files, every bundle and receipt as they
 * came, and the totals made from them. Whoever has the folder can make the totals again.
 */

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Bytes, type Result, success, toHex, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { publishBulletin } from '../bulletin/publish.ts';
import { openDatabaseToRead } from '../database/database.ts';
import {
  readProvisioning,
  readProvisioningFiles,
  writeFileDurably,
  writeProvisioning,
} from '../elections/folder.ts';
import { intakeKeyPath, keyInFile } from '../elections/keys.ts';
import { createIntake } from '../intake/intake.ts';
import { intakeStore } from '../intake/store.ts';
import { electionJson, stationsJson, totalsJson } from '../totals/json.ts';
import { totalsCsv } from './csv.ts';

export interface PublicationOrder {
  /** the server's data folder; the server may be running */
  readonly dataFolder: string;
  readonly election: string;
  readonly authorityKey: Bytes;
}

export interface Published {
  readonly slips: number;
  readonly missing: number;
  /** path in the folder → SHA-256, hexadecimal: the content of `index.json` */
  readonly files: Readonly<Record<string, string>>;
}

export interface PublicationFault {
  readonly code: string;
  readonly at: string;
  readonly wanted: string;
}

const PARTS = ['package', 'slips', 'receipts', 'corrections', 'bulletin'];
export const INDEX_FILE = 'index.json';

const jsonBytes = (value: unknown): Bytes => utf8(`${JSON.stringify(value, null, 1)}\n`);

/**
 * Writes a publication into a folder, over an earlier one if there is one; other files there are left alone.
 */
export function writePublication(
  folder: string,
  order: PublicationOrder,
): Result<Published, PublicationFault> {
  const source = join(order.dataFolder, 'elections', order.election);
  const provisioning = readProvisioning(source, order.authorityKey);
  if (!provisioning.ok) return provisioning;
  const provisioningFiles = readProvisioningFiles(source);
  if (!provisioningFiles.ok) return provisioningFiles;
  const database = openDatabaseToRead(databasePath(order.dataFolder));
  try {
    const intake = createIntake({
      store: intakeStore(database),
      crypto: nodeCrypto,
      // Nothing is received here: the database is open for reading only.
      secretKey: new Uint8Array(32),
      now: () => 0,
    });
    const held = intake.held(provisioning.value);
    const files = new Map<string, Bytes>();
    for (const slip of held) {
      for (const { version, bundle, receipt } of slip.versions) {
        const later = version > 1;
        files.set(
          later ? `corrections/${slip.station}.${version}.bundle` : `slips/${slip.station}.bundle`,
          bundle,
        );
        files.set(`receipts/${slip.station}${later ? `.${version}` : ''}.cose`, receipt);
      }
    }
    files.set('totals.json', jsonBytes(totalsJson(provisioning.value, held)));
    files.set('stations.json', jsonBytes(stationsJson(provisioning.value, held)));
    files.set('totals.csv', utf8(totalsCsv(provisioning.value, held)));
    for (const [name, bytes] of provisioningFiles.value) files.set(`package/${name}`, bytes);
    const digests = Object.fromEntries(
      [...files].map(([name, bytes]) => [name, toHex(nodeCrypto.sha256(bytes))]),
    );
    const index = jsonBytes({ ...electionJson(provisioning.value), files: digests });
    files.set(INDEX_FILE, index);
    // The log is appended before anything is published: what is published is never ahead of it.
    const bulletin = publishBulletin({
      folder: join(order.dataFolder, 'bulletin', order.election),
      provisioning: provisioning.value,
      secretKey: keyInFile(intakeKeyPath(order.dataFolder)).secretKey,
      taken: held.flatMap(({ station, versions }) => versions.map((one) => ({ station, ...one }))),
      index,
    });
    for (const [name, bytes] of bulletin) files.set(`bulletin/${name}`, bytes);
    writeWhole(folder, files, provisioningFiles.value);
    return success({
      slips: held.length,
      missing: provisioning.value.stations.size - held.length,
      files: digests,
    });
  } finally {
    database.close();
  }
}

export const databasePath = (dataFolder: string): string => join(dataFolder, 'province.sqlite');

/** Made beside its place and moved in entry by entry, the index last: without an index it is no publication. */
function writeWhole(
  folder: string,
  files: ReadonlyMap<string, Bytes>,
  provisioningFiles: ReadonlyMap<string, Bytes>,
): void {
  const making = join(folder, '.making');
  rmSync(join(folder, INDEX_FILE), { force: true });
  rmSync(making, { recursive: true, force: true });
  for (const name of files.keys()) mkdirSync(dirname(join(making, name)), { recursive: true });
  writeProvisioning(join(making, 'package'), provisioningFiles);
  for (const [name, bytes] of files)
    if (!name.startsWith('package/')) writeFileDurably(join(making, name), bytes);
  const entries = readdirSync(making).sort((a, b) => Number(a === INDEX_FILE) - Number(b === INDEX_FILE));
  // Of an earlier publication nothing may stay behind, a correction least of all.
  for (const part of PARTS) rmSync(join(folder, part), { recursive: true, force: true });
  for (const entry of entries) {
    rmSync(join(folder, entry), { recursive: true, force: true });
    renameSync(join(making, entry), join(folder, entry));
  }
  rmSync(making, { recursive: true });
}
