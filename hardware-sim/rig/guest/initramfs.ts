/** An initial RAM disk in cpio's "newc" form (kernel documentation, driver-api/early-userspace/buffer-format). */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const DIRECTORY = 0o040_755;
const PROGRAM = 0o100_755;
const ALIGN = 4;

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly data: Buffer;
}

const padded = (length: number): Buffer => Buffer.alloc((ALIGN - (length % ALIGN)) % ALIGN);

function encodeEntry({ name, mode, data }: Entry, inode: number): Buffer {
  const field = (value: number): string => value.toString(16).padStart(8, '0');
  const nameBytes = Buffer.from(`${name}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, nameBytes.length, 0];
  const head = Buffer.from(`070701${fields.map(field).join('')}`);
  const named = Buffer.concat([head, nameBytes]);
  return Buffer.concat([named, padded(named.length), data, padded(data.length)]);
}

export interface InitramfsOrder {
  readonly busybox: string;
  /** in the order of loading; the script finds their names in /modules/order */
  readonly modules: readonly string[];
  readonly init: string;
}

export function initramfs({ busybox, modules, init }: InitramfsOrder): Buffer {
  const nothing = Buffer.alloc(0);
  const entries: Entry[] = [
    ...['bin', 'proc', 'sys', 'dev', 'host', 'modules'].map((name) => ({
      name,
      mode: DIRECTORY,
      data: nothing,
    })),
    { name: 'bin/busybox', mode: PROGRAM, data: readFileSync(busybox) },
    { name: 'init', mode: PROGRAM, data: Buffer.from(init) },
    {
      name: 'modules/order',
      mode: PROGRAM,
      data: Buffer.from(modules.map((path) => basename(path)).join('\n')),
    },
    ...modules.map((path) => ({
      name: `modules/${basename(path)}`,
      mode: PROGRAM,
      data: readFileSync(path),
    })),
    { name: 'TRAILER!!!', mode: 0, data: nothing },
  ];
  return Buffer.concat(entries.map((entry, at) => encodeEntry(entry, at + 1)));
}
