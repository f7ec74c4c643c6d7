/** A small publication, made by the real server from bundles of honest stations, as a map of files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AUTHORITY_SUBJECT,
  type Bytes,
  decode,
  encode,
  parseRecord,
  type RecordType,
  type Result,
  records,
  roleSubject,
  type Shape,
  type Subject,
  signTyped,
  slipFile,
  votingSubject,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { writePublication } from '@sandoq/tally-server';
import { votesOf } from '../../tally-server/test/bundle-builder.ts';
import { AUTHORITY_KEY, AUTHORITY_SECRET, secretOf, stationNamed } from '../../tally-server/test/province.ts';
import { RunningProvince } from '../../tally-server/test/running-province.ts';

export type Files = Map<string, Bytes>;

const BOARDS = ['executive_board', 'supervisory_board'] as const;

/** A station whose boards have cards too: only they can agree to a correction. */
export function stationWithBoards(id: string) {
  const station = stationNamed(id);
  const boards = BOARDS.map((role) => {
    const subject = roleSubject(id, role);
    return { subject, role, key: nodeCrypto.signingPublicKey(secretOf(subject)) };
  });
  return { ...station, roles: [...station.roles, ...boards] };
}

export function filesIn(folder: string): Files {
  const files: Files = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), new Uint8Array(readFileSync(path)));
  }
  return files;
}

/** A running province of three stations, of which two send their slips; each publication is a map of files. */
export class SmallPublication {
  readonly province = new RunningProvince(['s1', 's2', 's3'].map(stationWithBoards));
  #published = 0;

  async start(): Promise<void> {
    await this.province.start();
    await this.send('s1', 40, 1);
    this.province.seconds += 60;
    await this.send('s2', 30, 2);
  }

  async send(station: string, cast: number, seed: number): Promise<void> {
    const answer = await this.province.send(this.province.bundle(station, {}, votesOf(cast, seed)));
    if (answer.status !== 201) throw new Error(`the province answered ${answer.status}`);
  }

  get intakeSecret(): Bytes {
    return new Uint8Array(readFileSync(join(this.province.dataFolder, 'intake.key')));
  }

  publish(folder = join(this.province.folder, `out-${++this.#published}`)): Files {
    const published = writePublication(folder, {
      dataFolder: this.province.dataFolder,
      election: this.province.election,
      authorityKey: AUTHORITY_KEY,
    });
    if (!published.ok) throw new Error(JSON.stringify(published.fault));
    return filesIn(folder);
  }

  /** A correction of a station's slip: a blank vote turns out to be unreadable. Every ledger still holds. */
  correction(files: Files, station: string, boards: readonly records.Role[] = BOARDS): Bytes {
    const { provisioning } = this.province.province;
    const { election } = provisioning;
    const sign = <Value>(type: RecordType, signer: Subject, shape: Shape<Value>, value: Value): Bytes => {
      const secret = signer === AUTHORITY_SUBJECT ? AUTHORITY_SECRET : secretOf(signer);
      return signTyped(nodeCrypto, secret, { type, election, signer }, shape, value);
    };
    const standing = slipIn(files.get(slipFile(station)) as Bytes);
    const totals = standing.slip.totals.map((total, i) =>
      i === 0 ? { ...total, blank: total.blank - 1, invalid: total.invalid + 1 } : total,
    );
    const corrected: records.Slip = { ...standing.slip, totals };
    const correction: records.Correction = {
      stationId: station,
      supersedes: nodeCrypto.sha256(standing.payload),
      slip: sign('slip', votingSubject(station), records.slipShape, corrected),
      reason: { fa: 'یک برگه ناخوانا بود', en: 'One paper was unreadable' },
      evidence: nodeCrypto.sha256(new Uint8Array([1])),
    };
    const digest = nodeCrypto.sha256(encode(records.correctionShape, correction));
    return encode(records.correctionBundleShape, {
      correction: sign('correction', AUTHORITY_SUBJECT, records.correctionShape, correction),
      approvals: boards.map((role) =>
        sign('approval', roleSubject(station, role), records.approvalShape, {
          action: 'correction',
          role,
          digest,
        }),
      ),
    });
  }
}

function valueIn<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

function slipIn(bundle: Bytes): { readonly slip: records.Slip; readonly payload: Bytes } {
  const { payload } = valueIn(parseRecord(valueIn(decode(records.bundleShape, bundle)).slip));
  return { slip: valueIn(decode(records.slipShape, payload)), payload };
}
