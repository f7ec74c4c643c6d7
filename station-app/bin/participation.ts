/** npm run participation: who took part, for the civil registry, from the closed admission side alone. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { readAdmissionConfig } from '../src/admission/config.ts';
import { checkElection } from '../src/admission/election.ts';
import { openJournal } from '../src/admission/journal.ts';
import { participationOf } from '../src/admission/participation.ts';
import { openDeviceKey } from '../src/stores/device-key.ts';
import { readProvisioningFolder } from '../src/stores/provisioning-folder.ts';

const USAGE = `npm run participation -- --config admission.json --out FILE

  --config FILE   the configuration of the admission process, which must have ended
  --out FILE      the signed Participation record (protocol/docs/CLAIMS.md); must not exist; made 0600

Personal data: it is for the civil registry alone. Last line of the output: JSON. Exit: 0 written, 1 refused, 2 usage.
`;

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.stdout.write(`${JSON.stringify({ ok: false, reason: why })}\n`);
  process.exit(1);
}

const { values } = (() => {
  try {
    return parseArgs({
      options: { config: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
    });
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'arguments are wrong');
  }
})();
if (values.help === true) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const out = values.out ?? usage('--out is missing');
const config = readAdmissionConfig(values.config ?? usage('--config is missing'));
if (!config.ok) usage(config.fault);
if (existsSync(out)) refuse(`${out} exists`);
const { data_folder: folder, package_folder: packageFolder, authority_public_key, station_id } = config.value;
const journalPath = join(folder, 'admissions.sqlite');
if (!existsSync(join(folder, 'device.key')) || !existsSync(journalPath))
  refuse('there is no admission journal in this folder');
const key = openDeviceKey(folder, nodeCrypto, nodeRandomness);
const election = checkElection(
  readProvisioningFolder(packageFolder),
  nodeCrypto,
  {
    authorityKey: authority_public_key,
    stationId: station_id,
    devicePublicKey: key.publicKey,
    terminal: config.value.terminals?.number,
  },
  Math.floor(Date.now() / 1000),
);
if (!election.ok) refuse(`${election.fault.code}: ${election.fault.detail}`);
const journal = openJournal({
  path: journalPath,
  crypto: nodeCrypto,
  random: nodeRandomness,
  packageDigest: election.value.packageDigest,
  admissionsMax: election.value.station.votesMax,
});
const made = participationOf({
  crypto: nodeCrypto,
  secretKey: key.secretKey,
  election: election.value.election,
  station: election.value.station,
  journal,
  terminal: config.value.terminals?.number,
});
journal.close();
key.secretKey.fill(0);
if (!made.ok) refuse('the admission side has not closed yet');
writeFileSync(out, made.value.record, { mode: 0o600, flag: 'wx', flush: true });
process.stdout.write(
  `${JSON.stringify({ ok: true, station: station_id, people: made.value.people, bytes: made.value.record.length })}\n`,
);
