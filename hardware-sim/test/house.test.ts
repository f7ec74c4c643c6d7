import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** The plan's arrows: which workspace a room may import, beside itself and third parties. */
const ROOMS: readonly {
  readonly room: string;
  readonly folders: readonly string[];
  readonly may: readonly string[];
  readonly node: boolean;
}[] = [
  { room: 'protocol/src', folders: ['protocol/src'], may: [], node: false },
  { room: 'protocol/node', folders: ['protocol/node'], may: ['@sandoq/protocol'], node: true },
  {
    room: 'protocol/bin',
    folders: ['protocol/bin'],
    may: ['@sandoq/protocol', '@sandoq/protocol/law', '@sandoq/protocol/node', '@sandoq/protocol/persian'],
    node: true,
  },
  { room: 'kit', folders: ['station-app/kit/src'], may: ['@sandoq/protocol/persian'], node: false },
  { room: 'kit/node', folders: ['station-app/kit/node'], may: [], node: true },
  {
    room: 'firmware-host',
    folders: ['firmware-host/src', 'firmware-host/bin'],
    may: ['@sandoq/protocol', '@sandoq/protocol/node'],
    node: true,
  },
  {
    room: 'hardware-sim',
    folders: ['hardware-sim/src', 'hardware-sim/bin'],
    may: [
      '@sandoq/protocol',
      '@sandoq/protocol/node',
      '@sandoq/protocol/persian',
      '@sandoq/firmware-host',
      '@sandoq/kit',
    ],
    node: true,
  },
  {
    room: 'station-app',
    folders: ['station-app/src', 'station-app/bin'],
    may: [
      '@sandoq/protocol',
      '@sandoq/protocol/node',
      '@sandoq/protocol/persian',
      '@sandoq/protocol/law',
      '@sandoq/protocol/roll',
      '@sandoq/kit',
    ],
    node: true,
  },
  {
    room: 'tally-server',
    folders: ['tally-server/src', 'tally-server/bin'],
    may: [
      '@sandoq/protocol',
      '@sandoq/protocol/node',
      '@sandoq/protocol/persian',
      '@sandoq/protocol/law',
      '@sandoq/kit',
    ],
    node: true,
  },
  {
    room: 'seeds',
    folders: ['seeds/generate'],
    may: ['@sandoq/protocol', '@sandoq/protocol/node', '@sandoq/protocol/persian', '@sandoq/protocol/roll'],
    node: true,
  },
];

const root = resolve(import.meta.dirname, '../..');

function sources(folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
      )
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

const packageOf = (folder: string): string =>
  /^(?:protocol\/src|protocol\/node|station-app\/kit)/.exec(folder)?.[0] ?? (folder.split('/')[0] as string);

interface Breach {
  readonly file: string;
  readonly imports: string;
  readonly why: string;
}

function breaches(room: (typeof ROOMS)[number], file: string, text: string): readonly Breach[] {
  const found: Breach[] = [];
  const blame = (imports: string, why: string): void =>
    void found.push({ file: relative(root, file), imports, why });
  for (const { fileName: target } of ts.preProcessFile(text, true, true).importedFiles) {
    if (target.startsWith('.')) {
      const path = relative(root, resolve(dirname(file), target));
      // A room's relative imports stay in its package; the kit is a package of its own inside the station's folder.
      const inside =
        (path.startsWith(`${packageOf(room.folders[0] as string)}/`) ||
          // texts for people are data beside the source
          /^protocol\/locales\/(?:fa|en)\.json$/.test(path)) &&
        (room.room.startsWith('kit') || !path.startsWith('station-app/kit/')) &&
        // What a screen imports never reaches what runs under Node.
        (room.room !== 'kit' || !path.startsWith('station-app/kit/node/'));
      if (!inside) blame(target, 'reaches out of its room by a path');
    } else if (target.startsWith('@sandoq/')) {
      const workspace = target.startsWith('@sandoq/kit/') ? '@sandoq/kit' : target;
      // A package's commands may come in by its own face.
      if (workspace === `@sandoq/${room.room}`) continue;
      if (!room.may.includes(workspace)) blame(target, 'against the arrows');
    } else if (!room.node && (target.startsWith('node:') || builtinModules.includes(target)))
      blame(target, 'uses a Node API');
  }
  return found;
}

describe('imports run one way', () => {
  it.each(ROOMS.map((room) => [room.room, room] as const))('%s', (_name, room) => {
    const files = room.folders.flatMap(sources);
    if (room.room !== 'kit' && room.room !== 'seeds') expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((file) => breaches(room, file, readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('the core of the box imports nothing but its own files', () => {
    const core = join(root, 'firmware-host/core');
    for (const file of sources('firmware-host/core')) {
      for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles) {
        expect(
          fileName.startsWith('.') && !relative(core, resolve(dirname(file), fileName)).startsWith('..'),
          `${relative(root, file)} imports ${fileName}`,
        ).toBe(true);
      }
    }
  });

  it('an import the wrong way is found', () => {
    const protocol = ROOMS[0] as (typeof ROOMS)[number];
    const file = join(root, 'protocol/src/index.ts');
    expect(breaches(protocol, file, "import x from 'node:fs';")).toHaveLength(1);
    expect(breaches(protocol, file, "import x from '../../station-app/src/index.ts';")).toHaveLength(1);
    expect(breaches(protocol, file, "export * from '@sandoq/station-app';")).toHaveLength(1);
    expect(breaches(protocol, file, "import('@sandoq/tally-server');")).toHaveLength(1);
    expect(breaches(protocol, file, "import './result.ts';")).toHaveLength(0);
    const kit = ROOMS.find(({ room }) => room === 'kit') as (typeof ROOMS)[number];
    const face = join(root, 'station-app/kit/src/index.ts');
    expect(breaches(kit, face, "export * from '../node/bundle.ts';")).toHaveLength(1);
    expect(breaches(kit, face, "export * from './text.ts';")).toHaveLength(0);
  });
});

describe('the house', () => {
  it('keeps to its top level', () => {
    const allowed = [
      'package.json',
      'tsconfig.json',
      'firmware-host',
      'station-app',
      'tally-server',
      'protocol',
      'hardware-sim',
      'seeds',
      'README.md',
      'package-lock.json',
      'node_modules',
    ];
    expect(readdirSync(root).filter((name) => !name.startsWith('.') && !allowed.includes(name))).toEqual([]);
  });
  it('has a README in every package', () => {
    for (const folder of [
      '.',
      'protocol',
      'firmware-host',
      'hardware-sim',
      'station-app',
      'station-app/kit',
      'tally-server',
      'seeds',
    ]) {
      expect(readFileSync(join(root, folder, 'README.md'), 'utf8').length, folder).toBeGreaterThan(200);
    }
  });
});
