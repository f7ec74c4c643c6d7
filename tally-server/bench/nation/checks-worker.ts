/**
 * The signature checks alone: the triples of key, message and signature are taken out of the bundles first, not timed,
 * and then only checked, timed, a chunk at a time so that they fit into memory.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { checkBundle, type Provisioning, setKeyCheck } from '@sandoq/protocol';
import { nodeCrypto, nodeKeyCheck } from '@sandoq/protocol/node';
import { bundlesIn } from './world.ts';

export interface ChecksOrder {
  readonly provisioning: Provisioning;
  readonly file: string;
  /** epoch seconds */
  readonly at: number;
}
export interface ChecksDone {
  readonly signatures: number;
  /** of this thread, spent in checking alone */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const CHUNK = 500;
type Triple = readonly [Uint8Array, Uint8Array, Uint8Array];

setKeyCheck(nodeKeyCheck);
const { provisioning, file, at } = workerData as ChecksOrder;
let signatures = 0;
let milliseconds = 0;
let cpuMicroseconds = 0;
let triples: Triple[] = [];
const recorder = {
  sha256: nodeCrypto.sha256,
  verify: (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    triples.push([key, message, signature]);
    return true;
  },
};

function check(): void {
  const started = performance.now();
  const before = process.threadCpuUsage();
  for (const [key, message, signature] of triples)
    if (!nodeCrypto.verify(key, message, signature))
      throw new Error('a signature of the world does not hold');
  milliseconds += performance.now() - started;
  const used = process.threadCpuUsage(before);
  cpuMicroseconds += used.user + used.system;
  signatures += triples.length;
  triples = [];
}

let bundles = 0;
for (const bundle of bundlesIn(file)) {
  const checked = checkBundle(provisioning, recorder, bundle, at);
  if (!checked.ok) throw new Error(checked.fault.code);
  if (++bundles % CHUNK === 0) check();
}
check();
const done: ChecksDone = { signatures, seconds: milliseconds / 1000, cpuSeconds: cpuMicroseconds / 1e6 };
parentPort?.postMessage(done);
