/** Makes a share of the nation's bundles, every signature real, as one file of length-prefixed bundles in order. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Provisioning } from '@sandoq/protocol';
import { BundleBuilder } from '../../test/bundle-builder.ts';
import { stationId, votesAt } from './plan.ts';

export interface MakeOrder {
  readonly provisioning: Provisioning;
  readonly from: number;
  readonly to: number;
  readonly file: string;
}

const { provisioning, from, to, file } = workerData as MakeOrder;
const handle = openSync(file, 'w');
for (let i = from; i < to; i++) {
  const bundle = new BundleBuilder(provisioning, stationId(i)).build(votesAt(i));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bundle.length);
  writeSync(handle, Buffer.concat([length, bundle]));
  if (i % 1000 === 999) parentPort?.postMessage(1000);
}
closeSync(handle);
