// Compiles core/ to build/core.wasm (the firmware), build/primitives.wasm (its primitives for vector tests) and
// build/draw.wasm (its draw of rows, for the test of uniformity). and where
// the compiler for it is at hand, the image for the microcontroller (build-image.ts).
// Skipped when no input has changed, by content, and the outputs are the ones that were made from them.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { buildImage, type ImageFacts, ToolMissing } from './build-image.ts';

const HELP = `usage: build [--force]
Compiles the firmware core to firmware-host/build/core.wasm, and the image for the emulated Cortex-M4 to build/box.elf.
Where Debian's compiler for it is missing, the core is built and the packages are named.
  --force   compile even where nothing has changed`;

const ROOM = fileURLToPath(new URL('..', import.meta.url));
const CORE = join(ROOM, 'core');
const BUILD = join(ROOM, 'build');
const STAMP = join(BUILD, 'inputs.json');
const TARGETS = ['core', 'primitives', 'draw'] as const;

/** Two 64 kB pages, fixed: what the microcontroller gives. Bounds checks stay on; an abort is a trap. */
const OPTIONS = [
  '-O3',
  '--runtime',
  'stub',
  '--initialMemory',
  '2',
  '--maximumMemory',
  '2',
  '--use',
  'abort=',
  '--disable',
  'nontrapping-f2i',
];

const digest = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

function inputsDigest(): string {
  const hash = createHash('sha256');
  const files = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  for (const name of files.sort())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(CORE, name)))
      .update('\0');
  hash.update(asc.version).update(readFileSync(fileURLToPath(import.meta.url)));
  return hash.digest('hex');
}

function outputsAreCurrent(inputs: string): boolean {
  try {
    const stamp = JSON.parse(readFileSync(STAMP, 'utf8')) as {
      inputs?: string;
      outputs?: Record<string, string>;
    };
    return (
      stamp.inputs === inputs &&
      TARGETS.every((name) => stamp.outputs?.[name] === digest(readFileSync(join(BUILD, `${name}.wasm`))))
    );
  } catch {
    return false;
  }
}

async function compile(name: string): Promise<string> {
  // Written beside and renamed: two builds at once never leave half a file.
  const partial = join(BUILD, `${name}.${process.pid}.wasm`);
  const source = relative(ROOM, join(CORE, `${name}.ts`));
  const { error, stderr } = await asc.main([
    source,
    '--baseDir',
    ROOM,
    '--outFile',
    relative(ROOM, partial),
    ...OPTIONS,
  ]);
  if (error) {
    rmSync(partial, { force: true });
    throw new Error(`${name}: ${stderr.toString() || error.message}`);
  }
  const result = digest(readFileSync(partial));
  renameSync(partial, join(BUILD, `${name}.wasm`));
  return result;
}

export interface FirmwareBuild {
  readonly compiled: boolean;
  readonly seconds: number;
}

export async function buildFirmware(force = false): Promise<FirmwareBuild> {
  const started = performance.now();
  const inputs = inputsDigest();
  const compiled = force || !outputsAreCurrent(inputs);
  if (compiled) {
    mkdirSync(BUILD, { recursive: true });
    const outputs: Record<string, string> = {};
    for (const name of TARGETS) outputs[name] = await compile(name);
    writeFileSync(STAMP, JSON.stringify({ inputs, outputs }));
  }
  return { compiled, seconds: (performance.now() - started) / 1000 };
}

/** The image, or the Debian packages without which it cannot be built. */
function imageOrMissing(force: boolean): ImageFacts | readonly string[] {
  try {
    return buildImage('box', BUILD, force);
  } catch (cause) {
    if (!(cause instanceof ToolMissing)) throw cause;
    process.stderr.write(
      `${cause.message}; without it there is no --box qemu. To install: apt-get install ${cause.packages.join(' ')}\n`,
    );
    return cause.packages;
  }
}

const isMissing = (image: ImageFacts | readonly string[]): image is readonly string[] => Array.isArray(image);

function imageFigures(image: ImageFacts | readonly string[]): Readonly<Record<string, unknown>> {
  if (isMissing(image)) return { image_missing: image };
  const { image_bytes, ram_bytes, software_hash } = image;
  return { image_bytes, ram_bytes, image_sha256: software_hash };
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${HELP}\n`);
  } else if (args.some((arg) => arg !== '--force')) {
    process.stderr.write(`${HELP}\n`);
    process.exitCode = 2;
  } else {
    try {
      const { compiled, seconds } = await buildFirmware(args.includes('--force'));
      const image = imageFigures(imageOrMissing(args.includes('--force')));
      const core = readFileSync(join(BUILD, 'core.wasm'));
      process.stdout.write(
        `${JSON.stringify({ name: 'firmware:build', ok: true, compiled, seconds: Number(seconds.toFixed(2)), core_bytes: core.length, core_sha256: digest(core), ...image })}\n`,
      );
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.stdout.write(`${JSON.stringify({ name: 'firmware:build', ok: false })}\n`);
      process.exitCode = 1;
    }
  }
}
