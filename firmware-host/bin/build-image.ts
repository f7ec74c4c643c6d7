// core.wasm → wasm2c → C → the Cortex-M4 image for QEMU's mps2-an386, with the board's C around it. The same inputs give
// the same bytes: no path, time or build id enters. Skipped where nothing has changed, by content.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOM = fileURLToPath(new URL('..', import.meta.url));
const BOARD = join(ROOM, 'boards', 'mps2-an386');
const BUILD = join(ROOM, 'build');
const WABT = dirname(createRequire(import.meta.url).resolve('wabt'));

/** Debian's compiler and its C library, of which only memcpy and its like are linked. */
const COMPILER = 'arm-none-eabi-gcc';
export const IMAGE_PACKAGES = ['gcc-arm-none-eabi', 'libnewlib-arm-none-eabi'] as const;

/**
 * `box` is the firmware; `measure` is the same with the cost of each call told on the console; `primitives` answers for
 * single primitives, for published vectors. Only `box` is ever a box.
 */
export const VARIANTS = ['box', 'measure', 'primitives'] as const;
export type ImageVariant = (typeof VARIANTS)[number];

const PROCESSOR = ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv4-sp-d16'] as const;
const COMPILE = [
  '-std=gnu11',
  '-ffreestanding',
  '-ffunction-sections',
  '-fdata-sections',
  '-fno-strict-aliasing',
  // Otherwise loops of the boot stage become calls of a library that is not there yet.
  '-fno-tree-loop-distribute-patterns',
  '-Wall',
  '-Wextra',
  '-Werror',
] as const;
const BOARD_SOURCES = [
  'boot',
  'sha256',
  'start',
  'uart',
  'flash',
  'clock',
  'watchdog',
  'entropy',
  'doors',
] as const;

/** asc has inlined already: inlined once more, the image grows by 6 kB and no primitive gets faster. */
const CORE_OPTIMISATION = ['-O2', '-fno-inline-functions'] as const;

/** Accesses go straight to the one memory, and its end is a constant: half of what wasm2c's own take. */
const ACCESSES = [
  [
    '#define MEM_ADDR(mem, addr, n) &((mem)->data[addr])\n',
    '#define MEM_ADDR(mem, addr, n) &(core_linear_memory[addr])\n',
  ],
  [
    '  if (UNLIKELY(a + (uint64_t)sizeof(t) > mem->size)) \\\n',
    '  if (UNLIKELY(a > CORE_MEMORY_BYTES - sizeof(t))) \\\n',
  ],
] as const;

export interface ImageFacts {
  readonly variant: ImageVariant;
  /** SHA-256 of the slot: what the boot stage measures and the box reports as its software */
  readonly software_hash: string;
  readonly boot_bytes: number;
  readonly slot_bytes: number;
  /** code memory in all: boot stage and image */
  readonly image_bytes: number;
  /** RAM in all: stack, the core's memory, the board's own */
  readonly ram_bytes: number;
  /** Addresses that the emulator's debugger needs. */
  readonly symbols: Readonly<Record<string, number>>;
  readonly compiler: string;
}

export class ToolMissing extends Error {
  readonly packages: readonly string[];
  constructor(packages: readonly string[]) {
    super(`the image needs Debian's ${packages.join(', ')}`);
    this.packages = packages;
  }
}

function run(command: string, args: readonly string[], cwd: string): string {
  const ran = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
  if (ran.error !== undefined) throw new ToolMissing(IMAGE_PACKAGES);
  if (ran.status !== 0) throw new Error(`${command}: ${ran.stderr || ran.stdout}`);
  return ran.stdout;
}

const digest = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const moduleOf = (variant: ImageVariant): 'core' | 'primitives' =>
  variant === 'primitives' ? 'primitives' : 'core';

/** What the core has laid out, by its own word; the rest of its last page is not given to it. */
function coreMemoryBytes(wasm: Uint8Array<ArrayBuffer>): number {
  const module = new WebAssembly.Module(wasm);
  const doors = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]));
  const { exports } = new WebAssembly.Instance(module, { board: doors });
  return ((exports['memory_bytes'] as () => number)() + 63) & ~63;
}

/** wasm2c's C, its module always called `core`, with the accesses above. */
function translate(wasm: string, work: string): void {
  run(process.execPath, [join(WABT, 'bin', 'wasm2c'), wasm, '-n', 'core', '-o', 'core_w2c.c'], work);
  let text = readFileSync(join(work, 'core_w2c.c'), 'utf8');
  for (const [from, to] of ACCESSES) {
    if (text.split(from).length !== 2)
      throw new Error(`wasm2c writes another C than this build knows: ${from.trim()}`);
    text = text.replace(from, () => to);
  }
  writeFileSync(join(work, 'core_w2c.c'), text);
}

/** For the primitives' image: a number for each export whose words are all of 32 bits. */
function writeCallTable(work: string): readonly string[] {
  const header = readFileSync(join(work, 'core_w2c.h'), 'utf8');
  const calls = [...header.matchAll(/^(u32|void) w2c_core_(\w+)\(w2c_core\*((?:, u32)*)\);$/gm)];
  const cases = calls.map(([, result, name, words = ''], number) => {
    const count = words.split(', u32').length - 1;
    const args = Array.from({ length: count }, (_, i) => `, word[${i}]`).join('');
    const call = `w2c_core_${name}(core${args})`;
    return `    case ${number}: ${result === 'void' ? `${call}; return 0` : `return ${call}`};`;
  });
  writeFileSync(
    join(work, 'calls.h'),
    `static uint32_t call_export(w2c_core *core, uint32_t number, const uint32_t *word) {\n  switch (number) {\n${cases.join('\n')}\n    default: return 0xffffffffu;\n  }\n}\n`,
  );
  return calls.map(([, , name]) => name as string);
}

function compileAll(variant: ImageVariant, memoryBytes: number, work: string): void {
  const flags = [
    ...PROCESSOR,
    ...COMPILE,
    `-DCORE_MEMORY_BYTES=${memoryBytes}u`,
    ...(variant === 'measure' ? ['-DMEASURE'] : []),
    '-I.',
  ];
  const main = variant === 'primitives' ? 'primitives' : 'main';
  for (const source of [...BOARD_SOURCES, main])
    run(COMPILER, [...flags, '-Os', '-c', `${source}.c`, '-o', `${source}.o`], work);
  run(
    COMPILER,
    [
      ...flags,
      ...CORE_OPTIMISATION,
      '-Wno-unused',
      '-Wno-type-limits',
      '-c',
      'core_w2c.c',
      '-o',
      'core_w2c.o',
    ],
    work,
  );
  const objects = [...BOARD_SOURCES, main, 'core_w2c'].map((source) => `${source}.o`);
  run(
    COMPILER,
    [
      ...PROCESSOR,
      '-nostartfiles',
      '-T',
      'memory.ld',
      '-Wl,--gc-sections',
      '-Wl,--build-id=none',
      ...objects,
      '-o',
      'box.elf',
    ],
    work,
  );
}

function factsOf(
  variant: ImageVariant,
  memoryBytes: number,
  calls: readonly string[],
  work: string,
): ImageFacts {
  const symbols = new Map(
    run('arm-none-eabi-nm', ['box.elf'], work)
      .split('\n')
      .map((line) => line.split(' '))
      .map(([address, , name]) => [name ?? '', Number.parseInt(address ?? '', 16)]),
  );
  const sizes = new Map(
    run('arm-none-eabi-size', ['-A', 'box.elf'], work)
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .map(([name, bytes]) => [name ?? '', Number(bytes)]),
  );
  run(
    'arm-none-eabi-objcopy',
    ['-O', 'binary', '-j', '.slot', '-j', '.ARM.exidx', '-j', '.data', 'box.elf', 'slot.bin'],
    work,
  );
  const slot = readFileSync(join(work, 'slot.bin'));
  const bytes = symbols.get('_slot_bytes');
  if (bytes !== slot.length)
    throw new Error(`the slot is of ${slot.length} bytes and its header says ${bytes}`);
  const boot = sizes.get('.boot') ?? 0;
  const wanted = ['clock_periods', 'core_linear_memory', '_stack_top', 'w2c_core_tick'];
  return {
    variant,
    software_hash: digest(slot),
    boot_bytes: boot,
    slot_bytes: slot.length,
    image_bytes: boot + slot.length,
    ram_bytes: (symbols.get('_ram_end') ?? 0) - 0x20000000,
    symbols: Object.fromEntries([
      ...wanted.map((name) => [name, symbols.get(name) ?? 0]),
      ['core_memory_bytes', memoryBytes],
      ...calls.map((name, number) => [`call:${name}`, number]),
    ]),
    compiler: run(COMPILER, ['--version'], work).split('\n')[0] ?? '',
  };
}

function inputsDigest(variant: ImageVariant): string {
  const hash = createHash('sha256').update(variant);
  for (const name of readdirSync(BOARD).sort())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(BOARD, name)))
      .update('\0');
  hash.update(readFileSync(join(BUILD, `${moduleOf(variant)}.wasm`)));
  hash.update(readFileSync(join(WABT, 'package.json'))).update(readFileSync(fileURLToPath(import.meta.url)));
  return hash.update(run(COMPILER, ['--version'], ROOM)).digest('hex');
}

const imageFile = (folder: string, variant: ImageVariant): string => join(folder, `${variant}.elf`);
const factsFile = (folder: string, variant: ImageVariant): string => join(folder, `${variant}.json`);

function current(folder: string, variant: ImageVariant, inputs: string): ImageFacts | undefined {
  try {
    const stored = JSON.parse(readFileSync(factsFile(folder, variant), 'utf8')) as {
      readonly inputs: string;
      readonly elf: string;
      readonly facts: ImageFacts;
    };
    const same = stored.inputs === inputs && stored.elf === digest(readFileSync(imageFile(folder, variant)));
    return same ? stored.facts : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Wants core.wasm and primitives.wasm built already.
 * @throws ToolMissing with the Debian packages to install
 */
export function buildImage(variant: ImageVariant = 'box', folder = BUILD, force = false): ImageFacts {
  const inputs = inputsDigest(variant);
  const stored = force ? undefined : current(folder, variant, inputs);
  if (stored !== undefined) return stored;
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'sandoq-image-'));
  try {
    for (const name of readdirSync(BOARD)) writeFileSync(join(work, name), readFileSync(join(BOARD, name)));
    const wasm = join(BUILD, `${moduleOf(variant)}.wasm`);
    translate(wasm, work);
    const memoryBytes = coreMemoryBytes(Uint8Array.from(readFileSync(wasm)));
    const calls = variant === 'primitives' ? writeCallTable(work) : [];
    compileAll(variant, memoryBytes, work);
    const facts = factsOf(variant, memoryBytes, calls, work);
    const elf = readFileSync(join(work, 'box.elf'));
    // Written beside and renamed: two builds at once never leave half a file.
    for (const [file, bytes] of [
      [imageFile(folder, variant), elf],
      [factsFile(folder, variant), JSON.stringify({ inputs, elf: digest(elf), facts }, null, 1)],
    ] as const) {
      const partial = join(folder, `${basename(file)}.${process.pid}`);
      writeFileSync(partial, bytes);
      renameSync(partial, file);
    }
    return facts;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
