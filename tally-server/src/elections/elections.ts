/**
 * The elections that this province counts: checked provisioning folders, each kept as the province's own copy under
 * `elections/ID/`. A copy changes only by amendments to the same package.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Bytes,
  checkProvisioning,
  equalBytes,
  failure,
  type Provisioning,
  type ProvisioningFault,
  type ProvisioningFiles,
  parseElectionId,
  type Result,
  success,
  toHex,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { readProvisioningFiles, writeProvisioning } from './folder.ts';

export const ELECTIONS_MAX = 64;

export interface Loaded {
  readonly provisioning: Provisioning;
  readonly change: 'new' | 'same' | 'amended';
}

export interface Elections {
  list(): readonly Provisioning[];
  get(id: string): Provisioning | undefined;
  /** Checks and keeps an election. Repeating it, or adding amendments to it, is allowed; changing it is not. */
  load(files: ProvisioningFiles): Result<Loaded, ProvisioningFault>;
  loadFolder(folder: string): Result<Loaded, ProvisioningFault>;
  /** the province's own copy */
  folderOf(id: string): string;
  /** its files → SHA-256, hexadecimal */
  digestsOf(id: string): ReadonlyMap<string, string>;
}

export const fileDigests = (files: ProvisioningFiles): ReadonlyMap<string, string> =>
  new Map([...files].map(([name, bytes]) => [name, toHex(nodeCrypto.sha256(bytes))]));

export interface ElectionsOptions {
  readonly dataFolder: string;
  readonly authorityKey: Bytes;
  readonly intakeKey: Bytes;
  /** Called with the province's own copy of each election, and of its amended form. */
  readonly onKept?: (folder: string, provisioning: Provisioning) => void;
}

const fault = (code: string, at: string, wanted: string): Result<never, ProvisioningFault> =>
  failure({ code, at, wanted });

/** An amendment may be added to what is held, never taken away or changed. */
function continues(held: Provisioning, next: Provisioning): boolean {
  return (
    equalBytes(held.packageDigest, next.packageDigest) &&
    next.amendments.length >= held.amendments.length &&
    held.amendments.every(({ digest }, i) =>
      equalBytes(digest, next.amendments[i]?.digest ?? new Uint8Array(0)),
    )
  );
}

/** @throws Error with the folder's fault where the province's own copy is damaged: it must not count by halves */
export function openElections(options: ElectionsOptions): Elections {
  const { dataFolder, authorityKey, intakeKey, onKept = () => undefined } = options;
  const root = join(dataFolder, 'elections');
  mkdirSync(root, { recursive: true });
  const held = new Map<string, Provisioning>();
  const digests = new Map<string, ReadonlyMap<string, string>>();
  const folderOf = (id: string): string => join(root, id);
  const keep = (provisioning: Provisioning, files: ProvisioningFiles): void => {
    held.set(provisioning.election, provisioning);
    onKept(folderOf(provisioning.election), provisioning);
    digests.set(provisioning.election, fileDigests(files));
  };

  const check = (files: ProvisioningFiles): Result<Provisioning, ProvisioningFault> => {
    const checked = checkProvisioning(files, nodeCrypto, authorityKey);
    if (checked.ok && !equalBytes(checked.value.package.intakeKey, intakeKey))
      return fault('intake_key_differs', 'package.cose: intakeKey', "this province's intake key");
    return checked;
  };

  for (const name of readdirSync(root)) {
    if (parseElectionId(name) === undefined || !existsSync(join(root, name, 'package.cose'))) continue;
    const files = readProvisioningFiles(folderOf(name));
    const checked = files.ok ? check(files.value) : files;
    if (!checked.ok || !files.ok) {
      const { code, at } = (checked as { readonly fault: ProvisioningFault }).fault;
      throw new Error(`elections/${name} is damaged: ${code} at ${at}`);
    }
    keep(checked.value, files.value);
  }

  const load = (files: ProvisioningFiles): Result<Loaded, ProvisioningFault> => {
    const checked = check(files);
    if (!checked.ok) return checked;
    const provisioning = checked.value;
    const before = held.get(provisioning.election);
    if (before === undefined && held.size >= ELECTIONS_MAX)
      return fault('elections_count', 'package.cose', `at most ${ELECTIONS_MAX} elections`);
    if (before !== undefined && !continues(before, provisioning))
      return fault(
        'election_differs',
        'package.cose',
        'the package that is held, with its amendments or more',
      );
    if (before !== undefined && before.amendments.length === provisioning.amendments.length)
      return success({ provisioning: before, change: 'same' });
    writeProvisioning(folderOf(provisioning.election), files);
    keep(provisioning, files);
    return success({ provisioning, change: before === undefined ? 'new' : 'amended' });
  };

  return {
    list: () => [...held.values()].sort((a, b) => (a.election < b.election ? -1 : 1)),
    get: (id) => held.get(id),
    load,
    loadFolder: (folder) => {
      const files = readProvisioningFiles(folder);
      return files.ok ? load(files.value) : files;
    },
    folderOf,
    digestsOf: (id) => digests.get(id) ?? new Map(),
  };
}
