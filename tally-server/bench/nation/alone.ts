/** The signature checks of the nation's slips alone, on as many threads as the world has files. */
import { Worker } from 'node:worker_threads';
import type { Provisioning } from '@sandoq/protocol';
import type { ChecksDone, ChecksOrder } from './checks-worker.ts';
import type { World } from './world.ts';

export async function checksAlone(world: World, provisioning: Provisioning): Promise<ChecksDone> {
  const bare: Provisioning = { ...provisioning, rasters: new Uint8Array(0) };
  const at = Math.floor(Date.now() / 1000);
  const done = await Promise.all(
    world.bundleFiles.map(
      (file) =>
        new Promise<ChecksDone>((resolve, reject) => {
          const workerData: ChecksOrder = { provisioning: bare, file, at };
          const worker = new Worker(new URL('./checks-worker.ts', import.meta.url), { workerData });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  return {
    // All threads together, spread over the threads: what the same checks take on all cores at once.
    seconds: done.reduce((sum, one) => sum + one.seconds, 0) / done.length,
    cpuSeconds: done.reduce((sum, one) => sum + one.cpuSeconds, 0),
    signatures: done.reduce((sum, one) => sum + one.signatures, 0),
  };
}
