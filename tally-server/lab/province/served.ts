/** The real server process over a folder of its own, started again as often as it is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@sandoq/protocol';
import { enrolIntake, type StationEnrolment, writeProvisioning } from '@sandoq/tally-server';
import { AUTHORITY_KEY, type Province, provinceOf } from '../../test/province.ts';

const SERVER = join(import.meta.dirname, '..', '..', 'bin', 'server.ts');

export class ServedProvince {
  readonly folder = mkdtempSync(join(tmpdir(), 'sandoq-served-'));
  readonly dataFolder = join(this.folder, 'data');
  readonly province: Province;
  address = '';
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  readonly stderr: string[] = [];

  constructor(stations: readonly StationEnrolment[]) {
    this.province = provinceOf(stations, enrolIntake(this.dataFolder));
    writeProvisioning(join(this.folder, 'package'), this.province.files);
    writeFileSync(
      join(this.folder, 'config.json'),
      JSON.stringify({
        data_folder: this.dataFolder,
        host: '127.0.0.1',
        port: 0,
        authority_public_key: toHex(AUTHORITY_KEY),
        package_folders: [join(this.folder, 'package')],
        requests_per_minute_max: 10_000_000,
      }),
    );
  }

  get election(): string {
    return this.province.provisioning.election;
  }

  get token(): string {
    return readFileSync(join(this.dataFolder, 'administrator.token'), 'utf8').trim();
  }

  /** @returns false where it ended before it served: it was killed */
  start(): Promise<boolean> {
    const child = spawn(process.execPath, [SERVER, '--config', join(this.folder, 'config.json')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
    child.stderr.on('data', (chunk) => {
      for (const line of String(chunk).split('\n'))
        if (/"level":(50|60)|refused_to_start|Error/.test(line)) this.stderr.push(line);
    });
    let text = '';
    return new Promise((resolve) => {
      child.stdout.on('data', (chunk) => {
        text += String(chunk);
        const ready = /^ready (\{.*\})\n/m.exec(text)?.[1];
        if (ready === undefined) return;
        this.address = (JSON.parse(ready) as { readonly address: string }).address;
        resolve(true);
      });
      void this.#ended.then(() => resolve(false));
    });
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  /** Kilobytes now and at most, as the kernel counts them. */
  memory(): { readonly nowMib: number; readonly peakMib: number } {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8');
    const of = (name: string): number =>
      Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
    return { nowMib: of('VmRSS'), peakMib: of('VmHWM') };
  }

  async remove(): Promise<void> {
    this.kill();
    await this.ended();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
