/** A real server on a real port over a real folder, with stations enrolled for it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bytes } from '@sandoq/protocol';
import {
  createProvince,
  type ElectionDefinitionInput,
  enrolIntake,
  type Province as ProvinceServer,
  type RefusalBody,
  type ServerConfig,
  type StationEnrolment,
  writeProvisioning,
} from '@sandoq/tally-server';
import { type Bends, BundleBuilder, type Votes, votesOf } from './bundle-builder.ts';
import { AUTHORITY_KEY, DEFINITION, NOW_SECONDS, type Province, provinceOf } from './province.ts';

export interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

export class RunningProvince {
  readonly folder = mkdtempSync(join(tmpdir(), 'sandoq-province-'));
  readonly dataFolder = join(this.folder, 'data');
  readonly packageFolder = join(this.folder, 'package');
  province: Province;
  seconds = NOW_SECONDS + 40_000;
  address = '';
  #server: ProvinceServer | undefined;

  constructor(stations: readonly StationEnrolment[], input: ElectionDefinitionInput = DEFINITION) {
    this.province = provinceOf(stations, enrolIntake(this.dataFolder), input);
    writeProvisioning(this.packageFolder, this.province.files);
  }

  get election(): string {
    return this.province.provisioning.election;
  }

  async start(
    limits: {
      readonly requestsPerMinuteMax?: number;
      readonly withPackage?: boolean;
      /** of the law of publication */
      readonly rolesRequired?: NonNullable<ServerConfig['publication']>['roles_required'];
    } = {},
  ): Promise<void> {
    this.#server = await createProvince({
      config: {
        data_folder: this.dataFolder,
        host: '127.0.0.1',
        port: 0,
        authority_public_key: AUTHORITY_KEY,
        package_folders: limits.withPackage === false ? [] : [this.packageFolder],
        requests_per_minute_max: limits.requestsPerMinuteMax ?? 1_000_000,
        ...(limits.rolesRequired === undefined
          ? {}
          : { publication: { roles_required: limits.rolesRequired, small_cell_min: 5 } }),
      },
      now: () => this.seconds,
    });
    this.address = await this.#server.listen();
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get administratorToken(): string {
    return readFileSync(join(this.dataFolder, 'administrator.token'), 'utf8').trim();
  }

  bundle(station: string, bends: Bends = {}, votes: Votes = votesOf(100, 1)): Bytes {
    return new BundleBuilder(this.province.provisioning, station, bends).build(votes);
  }

  async send(bytes: Uint8Array, election: string = this.election, door = 'bundles'): Promise<Answer> {
    const response = await fetch(`${this.address}/api/elections/${election}/${door}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.from(bytes),
    });
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
  }

  async refusal(
    bytes: Uint8Array,
    election?: string,
    door?: string,
  ): Promise<{ readonly status: number; readonly body: RefusalBody }> {
    const answer = await this.send(bytes, election, door);
    return {
      status: answer.status,
      body: JSON.parse(Buffer.from(answer.bytes).toString('utf8')) as RefusalBody,
    };
  }

  async json<Value>(path: string): Promise<Value> {
    const response = await fetch(`${this.address}${path}`);
    if (!response.ok) throw new Error(`${response.status} at ${path}: ${await response.text()}`);
    return (await response.json()) as Value;
  }
}
