/**
 * What this side reports at link-up as its software: the digest over the bundle that it runs from, or over the station's own
 * sources and the protocol's where it runs from those. It is
 * a report, signed, and not a measurement: a measured boot of the station is a seam (ARCHITECTURE §3).
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bytes } from '@sandoq/protocol';

const programFolders = (): readonly string[] =>
  import.meta.url.endsWith('.mjs')
    ? [import.meta.dirname]
    : [join(import.meta.dirname, '..'), dirname(fileURLToPath(import.meta.resolve('@sandoq/protocol')))];

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js|mjs|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

export function softwareHash(): Bytes {
  const hash = createHash('sha256');
  for (const folder of programFolders())
    for (const file of filesUnder(folder)) {
      const content = createHash('sha256').update(readFileSync(file)).digest();
      hash.update(`${relative(folder, file)}\n`).update(content);
    }
  return new Uint8Array(hash.digest());
}
