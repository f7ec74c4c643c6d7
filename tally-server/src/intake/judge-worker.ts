/** A judge's thread: bundles in, verdicts out. It holds packages and the intake's key, and no file. */
import { parentPort, workerData } from 'node:worker_threads';
import { enrolPublicKey, type Provisioning, setKeyCheck } from '@sandoq/protocol';
import { keptSigner, nodeCrypto, nodeKeyCheck } from '@sandoq/protocol/node';
import { judgeJob } from './judgement.ts';
import type { FromJudge, JudgeData, ToJudge } from './judges.ts';
import { StationEntries } from './station-entries.ts';

const { secretKey, share, shares } = workerData as JudgeData;
const port = parentPort;
if (port === null) throw new Error('a judge runs in a thread of its own');
setKeyCheck(nodeKeyCheck);
const signer = { crypto: nodeCrypto, sign: keptSigner(secretKey) };
const elections = new Map<string, Provisioning & { readonly stations: StationEntries }>();
const answer = (message: FromJudge, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

/** Keys are checked once, when a package is loaded, each thread its share; then every thread believes all. */
function soundStations(provisioning: Provisioning): readonly string[] {
  const sound: string[] = [];
  let i = 0;
  for (const [id, { devices, roles }] of provisioning.stations)
    if (i++ % shares === share && [...devices, ...roles].every(({ key }) => enrolPublicKey(key)))
      sound.push(id);
  return sound;
}

port.on('message', (message: ToJudge) => {
  switch (message.kind) {
    case 'election': {
      const provisioning = { ...message.provisioning, stations: new StationEntries(message.entries) };
      elections.set(provisioning.election, provisioning);
      answer({ kind: 'sound', election: provisioning.election, stations: soundStations(provisioning) });
      return;
    }
    case 'sound': {
      const stations = elections.get(message.election)?.stations;
      for (const id of message.stations) stations?.sound.add(id);
      return;
    }
    case 'judge': {
      const judged = message.jobs.map((job) => {
        const provisioning = elections.get(job.election);
        if (provisioning === undefined) throw new Error('a job of an election that was never loaded');
        return judgeJob(provisioning, signer, job);
      });
      answer(
        { kind: 'judged', judged },
        judged.flatMap(({ bytes, small, counts }) => [
          bytes.buffer as ArrayBuffer,
          small.buffer as ArrayBuffer,
          counts.buffer as ArrayBuffer,
        ]),
      );
    }
  }
});
