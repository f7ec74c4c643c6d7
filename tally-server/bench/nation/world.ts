/** The nation on the disk: package, intake's key and every station's bundle, made once and kept in the temporary folder. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { checkProvisioning, type Provisioning, setKeyCheck } from '@sandoq/protocol';
import { nodeCrypto, nodeKeyCheck } from '@sandoq/protocol/node';
import { buildProvisioning, enrolIntake, readProvisioning, writeProvisioning } from '@sandoq/tally-server';
import { AUTHORITY_KEY, AUTHORITY_SECRET, definitionOf } from '../../test/province.ts';
import type { MakeOrder } from './make-worker.ts';
import { definitionInput, station } from './plan.ts';

/** Changed with whatever changes the bytes of the world: older ones are then made again. */
const WORLD_VERSION = 1;

export interface World {
  readonly folder: string;
  readonly stations: number;
  readonly packageFolder: string;
  readonly intakeKeyFile: string;
  readonly bundleFiles: readonly string[];
  /** seconds that making it took; 0 where it was there */
  readonly madeInSeconds: number;
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Each bundle of a file, one after another: views of what was read. */
export function* bundlesIn(file: string): Generator<Uint8Array> {
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    yield new Uint8Array(bytes.buffer, bytes.byteOffset + at + 4, length);
    at += 4 + length;
  }
}

async function makeBundles(provisioning: Provisioning, stations: number, folder: string): Promise<void> {
  const threads = Math.min(availableParallelism(), 8);
  let done = 0;
  const per = Math.ceil(stations / threads);
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const from = Math.min(stations, thread * per);
      const to = Math.min(stations, from + per);
      const bare: Provisioning = { ...provisioning, rasters: new Uint8Array(0), stations: new Map() };
      const file = join(folder, `bundles-${thread}.bin`);
      const workerData: MakeOrder = { provisioning: bare, from, to, file };
      const worker = new Worker(new URL('./make-worker.ts', import.meta.url), { workerData });
      worker.on('message', (made: number) => {
        done += made;
        if (done % 10_000 === 0) say(`  ${done} of ${stations} bundles`);
      });
      return new Promise<void>((resolve, reject) => {
        worker.once('error', reject);
        worker.once('exit', (code) =>
          code === 0 ? resolve() : reject(new Error(`thread ended with ${code}`)),
        );
      });
    }),
  );
}

export async function nationalWorld(stations: number): Promise<World> {
  setKeyCheck(nodeKeyCheck);
  const folder = join(tmpdir(), `sandoq-nation-${WORLD_VERSION}-${stations}`);
  const world = {
    folder,
    stations,
    packageFolder: join(folder, 'package'),
    intakeKeyFile: join(folder, 'enrolled', 'intake.key'),
  };
  const listed = join(folder, 'complete.json');
  if (existsSync(listed)) {
    const { bundleFiles } = JSON.parse(readFileSync(listed, 'utf8')) as Pick<World, 'bundleFiles'>;
    return { ...world, bundleFiles, madeInSeconds: 0 };
  }
  const started = performance.now();
  say(`making a nation of ${stations} stations, once; it is kept in ${folder}`);
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const intakePublicKey = enrolIntake(join(making, 'enrolled'));
  const files = buildProvisioning({
    definition: definitionOf(definitionInput()),
    authoritySecretKey: AUTHORITY_SECRET,
    intakePublicKey,
    stations: Array.from({ length: stations }, (_, i) => station(i)),
  });
  if (!files.ok) throw new Error(JSON.stringify(files.fault));
  say('  the package is signed');
  writeProvisioning(join(making, 'package'), files.value);
  const provisioning = checkProvisioning(files.value, nodeCrypto, AUTHORITY_KEY);
  if (!provisioning.ok) throw new Error(JSON.stringify(provisioning.fault));
  await makeBundles(provisioning.value, stations, making);
  renameSync(making, folder);
  const threads = Math.min(availableParallelism(), 8);
  const bundleFiles = Array.from({ length: threads }, (_, thread) => join(folder, `bundles-${thread}.bin`));
  writeFileSync(listed, JSON.stringify({ bundleFiles }));
  return { ...world, bundleFiles, madeInSeconds: (performance.now() - started) / 1000 };
}

export function nationalProvisioning(world: World): Provisioning {
  const read = readProvisioning(world.packageFolder, AUTHORITY_KEY);
  if (!read.ok) throw new Error(JSON.stringify(read.fault));
  return read.value;
}
