/**
 * A stock Debian kernel for the guest, fetched as a package through apt and unpacked beside the builds: nothing of it is
 * installed. Modules are found with what they need by their own `depends=`, as depmod would.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const BUILDS = join(import.meta.dirname, '..', '..', '..', '.build', 'guest-kernel');
const META_PACKAGE = 'linux-image-amd64';
const APT_TIMEOUT_MS = 240_000;

export interface GuestKernel {
  readonly image: string;
  readonly version: string;
  /** paths of module files, each behind what it needs */
  modulesFor(names: readonly string[]): readonly string[];
}

/** The package that the distribution's meta-package stands for, for example linux-image-6.1.0-56-amd64. */
function packageName(): string {
  const said = execFileSync('apt-cache', ['depends', META_PACKAGE], { encoding: 'utf8' });
  const name = /Depends: (linux-image-[0-9][^\s]*)/.exec(said)?.[1];
  if (name === undefined) throw new Error(`${META_PACKAGE} is not in apt's lists: run apt-get update`);
  return name;
}

function fetchInto(folder: string, name: string): void {
  mkdirSync(BUILDS, { recursive: true });
  const work = mkdtempSync(join(BUILDS, 'fetching-'));
  try {
    execFileSync('apt-get', ['download', name], {
      cwd: work,
      stdio: ['ignore', 2, 2],
      timeout: APT_TIMEOUT_MS,
    });
    const file = readdirSync(work).find((one) => one.endsWith('.deb'));
    if (file === undefined) throw new Error(`apt gave no ${name}`);
    const unpacked = join(work, 'unpacked');
    execFileSync('dpkg-deb', ['-x', join(work, file), unpacked]);
    renameSync(unpacked, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Names of modules are written with - or _, as it comes. */
const canonical = (name: string): string => name.replace(/-/g, '_');

function dependsOf(path: string): readonly string[] {
  const text = readFileSync(path).toString('latin1');
  const from = text.indexOf('\0depends=') + '\0depends='.length;
  if (from < '\0depends='.length) return [];
  return text
    .slice(from, text.indexOf('\0', from))
    .split(',')
    .filter((name) => name !== '');
}

function modulesUnder(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (entry.endsWith('.ko')) found.set(canonical(basename(entry, '.ko')), join(root, entry));
  return found;
}

/** A version that the lists still name may be gone from the mirror: then the lists are asked for anew, where we may. */
function fetchKernel(): string {
  const name = packageName();
  if (existsSync(join(BUILDS, name))) return name;
  try {
    fetchInto(join(BUILDS, name), name);
    return name;
  } catch (cause) {
    if (process.getuid?.() !== 0) throw cause;
    execFileSync('apt-get', ['update'], { stdio: ['ignore', 2, 2], timeout: APT_TIMEOUT_MS });
    const fresh = packageName();
    if (!existsSync(join(BUILDS, fresh))) fetchInto(join(BUILDS, fresh), fresh);
    return fresh;
  }
}

/** Fetched once; later calls find it. @throws where apt cannot give it */
export function guestKernel(): GuestKernel {
  const name = fetchKernel();
  const folder = join(BUILDS, name);
  const version = name.replace('linux-image-', '');
  const modules = modulesUnder(join(folder, 'lib', 'modules', version));
  return {
    image: join(folder, 'boot', `vmlinuz-${version}`),
    version,
    modulesFor(names) {
      const order: string[] = [];
      const seen = new Set<string>();
      const visit = (wanted: string): void => {
        const key = canonical(wanted);
        if (seen.has(key)) return;
        seen.add(key);
        const path = modules.get(key);
        // What is not a file is built into the kernel.
        if (path === undefined) return;
        for (const needed of dependsOf(path)) visit(needed);
        order.push(path);
      };
      for (const one of names) visit(one);
      return order;
    },
  };
}
