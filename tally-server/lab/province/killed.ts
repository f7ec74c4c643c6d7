/**
 * The server killed at any instant while slips come in, corrections follow and a publication is made: after each
 * death its database, its bulletin and the receipts that were given are compared.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  appendedTiles,
  bulletinOrigin,
  bulletinRoot,
  checkBundle,
  checkpointSignedBy,
  decodeEntry,
  emptyBulletin,
  equalBytes,
  parseCheckpoint,
  readerOf,
  toHex,
  verifyPublication,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { TotalsJson } from '@sandoq/tally-server';
import Sqlite from 'better-sqlite3';
import { filesIn } from '../../../protocol/test/publication-builder.ts';
import { BundleBuilder, votesOf } from '../../test/bundle-builder.ts';
import { AUTHORITY_KEY, stationNamed } from '../../test/province.ts';
import { ServedProvince } from './served.ts';

export interface KilledOrder {
  readonly instants: number;
  readonly stations: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface KilledFigures {
  readonly instants: number;
  readonly killed_while_starting: number;
  readonly killed_while_taking_in: number;
  readonly receipts_given: number;
  readonly slips_held: number;
  readonly checkpoints_seen: number;
  readonly publications_tried: number;
  readonly verified: boolean;
  /** broken promises, in words */
  readonly broken: readonly string[];
}

const AT_ONCE = 12;
/** From the start of the process to the end of sending, on a machine that has other work too. */
const INSTANT_MS_MAX = 2500;

/** A reproducible stream of numbers from 0 to 1 (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

class Killing {
  readonly served: ServedProvince;
  readonly bundles: ReadonlyMap<string, Uint8Array>;
  readonly receipts = new Map<string, string>();
  readonly checkpoints = new Map<string, Uint8Array>();
  readonly broken = new Set<string>();
  publications = 0;

  constructor(stations: number) {
    this.served = new ServedProvince(
      Array.from({ length: stations }, (_, i) => stationNamed(`s${String(i + 1).padStart(4, '0')}`)),
    );
    const { provisioning } = this.served.province;
    this.bundles = new Map(
      [...provisioning.stations.keys()].map((id, i) => [
        id,
        new BundleBuilder(provisioning, id).build(votesOf(40 + i, i)),
      ]),
    );
  }

  demand(holds: boolean, text: string): void {
    if (!holds) this.broken.add(text);
  }

  async send(station: string, bytes: Uint8Array): Promise<void> {
    const { address, election } = this.served;
    try {
      const response = await fetch(`${address}/api/elections/${election}/bundles`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: Buffer.from(bytes),
      });
      const receipt = toHex(new Uint8Array(await response.arrayBuffer()));
      const before = this.receipts.get(station);
      this.demand([200, 201].includes(response.status), `status ${response.status} for an honest slip`);
      if (before !== undefined)
        this.demand(receipt === before && response.status === 200, 'another receipt for the same slip');
      this.receipts.set(station, receipt);
    } catch (cause) {
      // The line broke when the server died: the station asks again.
      if (!(cause instanceof TypeError)) throw cause;
    }
  }

  async publishAndSee(): Promise<void> {
    const { address, election, token } = this.served;
    try {
      const checkpoint = await fetch(`${address}/api/elections/${election}/bulletin/checkpoint`);
      if (checkpoint.ok) {
        const bytes = new Uint8Array(await checkpoint.arrayBuffer());
        const size = parseCheckpoint(bytes)?.size ?? -1;
        const name = `size ${size}`;
        const before = this.checkpoints.get(name);
        if (before !== undefined)
          this.demand(
            equalBytes(parseCheckpoint(before)?.root ?? bytes, parseCheckpoint(bytes)?.root ?? before),
            'two checkpoints of one size',
          );
        this.checkpoints.set(name, bytes);
      }
      await fetch(`${address}/api/elections/${election}/publications`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      });
      this.publications++;
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
    }
  }

  /** What the dead server left behind, read by another program than itself. */
  inspect(): number {
    const { dataFolder, province } = this.served;
    const path = join(dataFolder, 'province.sqlite');
    if (!existsSync(path)) {
      this.demand(this.receipts.size === 0, 'a receipt without a database');
      return 0;
    }
    const database = new Sqlite(path);
    try {
      const tables = database
        .prepare<[], { readonly name: string }>(
          "SELECT name FROM sqlite_master WHERE name IN ('intake_bundles', 'bulletin_entries')",
        )
        .all();
      if (tables.length < 2) {
        this.demand(this.receipts.size === 0, 'a receipt without its tables');
        return 0;
      }
      this.demand(database.pragma('integrity_check', { simple: true }) === 'ok', 'the database is damaged');
      const rows = database
        .prepare<[], { readonly station: string; readonly receipt: Buffer; readonly bundle: Buffer }>(
          'SELECT station, receipt, bundle FROM intake_bundles',
        )
        .all();
      const held = new Map(rows.map((row) => [row.station, row]));
      for (const [station, receipt] of this.receipts)
        this.demand(
          held.get(station)?.receipt.toString('hex') === receipt,
          'a receipt was given whose slip is lost',
        );
      for (const { bundle } of rows)
        this.demand(
          checkBundle(province.provisioning, nodeCrypto, Uint8Array.from(bundle), 2_000_000_000).ok,
          'a stored slip does not hold',
        );
      this.#inspectBulletin(database, held);
      return rows.length;
    } finally {
      database.close();
    }
  }

  #inspectBulletin(database: Sqlite.Database, held: ReadonlyMap<string, { readonly receipt: Buffer }>): void {
    const { dataFolder, election, province } = this.served;
    const encoded = database
      .prepare<[], { readonly entry: Buffer }>('SELECT entry FROM bulletin_entries ORDER BY position')
      .all()
      .map(({ entry }) => Uint8Array.from(entry));
    const entries = encoded.map((entry) => decodeEntry(entry));
    const entered = new Set<string>();
    for (const entry of entries) {
      if (entry?.stationId === undefined) continue;
      entered.add(entry.stationId);
      const receipt = held.get(entry.stationId)?.receipt;
      this.demand(
        receipt !== undefined && equalBytes(nodeCrypto.sha256(Uint8Array.from(receipt)), entry.digest),
        'an entry of the bulletin without its slip',
      );
    }
    this.demand(
      [...held.keys()].every((station) => entered.has(station)),
      'a slip without its entry',
    );
    const path = join(dataFolder, 'bulletin', election, 'checkpoint');
    if (!existsSync(path)) return;
    const checkpoint = parseCheckpoint(new Uint8Array(readFileSync(path)));
    this.demand(checkpoint !== undefined, 'a checkpoint that is none');
    if (checkpoint === undefined) return;
    const origin = bulletinOrigin(election);
    const key = { name: origin, type: 'log', key: province.provisioning.package.intakeKey } as const;
    this.demand(checkpointSignedBy(nodeCrypto, key, checkpoint), 'a checkpoint without its signature');
    this.demand(checkpoint.size <= encoded.length, 'a checkpoint over entries that are lost');
    const { state } = appendedTiles(emptyBulletin(origin), encoded.slice(0, checkpoint.size));
    this.demand(equalBytes(bulletinRoot(state), checkpoint.root), 'a checkpoint over other entries');
  }

  /** All slips sent, published and verified, continuing every checkpoint that was ever seen. */
  async finish(): Promise<boolean> {
    if (!(await this.served.start())) throw new Error(this.served.stderr.join('\n'));
    for (const [station, bytes] of this.bundles) await this.send(station, bytes);
    await this.publishAndSee();
    const { address, dataFolder, election } = this.served;
    const totals = (await (await fetch(`${address}/api/elections/${election}/totals`)).json()) as TotalsJson;
    const cast = [...this.bundles.keys()].reduce((sum, _, i) => sum + 40 + i, 0);
    this.demand(totals.cast === cast, `the sum is ${totals.cast} and not ${cast}`);
    const { verdict } = verifyPublication({
      reader: readerOf(filesIn(join(dataFolder, 'publications', election))),
      crypto: nodeCrypto,
      authorityKey: AUTHORITY_KEY,
      keyFromFolder: false,
      lots: null,
      seen: this.checkpoints,
    });
    for (const fault of verdict.faults) this.broken.add(`${fault.code} ${fault.file} ${fault.at}`);
    return verdict.ok && verdict.slips?.received === this.bundles.size;
  }
}

export async function killServer({ instants, stations, seed, say }: KilledOrder): Promise<KilledFigures> {
  const random = numbersFrom(seed);
  const killing = new Killing(stations);
  const { served } = killing;
  let starting = 0;
  let taking = 0;
  let heldBefore = 0;
  try {
    for (let instant = 0; instant < instants; instant++) {
      const begun = served.start();
      const early = random() < 0.15 ? random() * 700 : undefined;
      let timer: unknown;
      const impatience = new Promise<undefined>((resolve) => {
        if (early !== undefined) timer = setTimeout(resolve, early);
      });
      const serves = await Promise.race([begun, impatience]);
      clearTimeout(timer as number);
      if (serves !== true) {
        served.kill();
        starting++;
      } else {
        const stationsLeft = [...killing.bundles].sort(() => random() - 0.5);
        const next = stationsLeft[Symbol.iterator]();
        setTimeout(() => served.kill(), random() ** 2 * INSTANT_MS_MAX * 0.3);
        taking++;
        const sender = async (): Promise<void> => {
          for (const [station, bytes] of next) await killing.send(station, bytes);
        };
        await Promise.all([...Array.from({ length: AT_ONCE }, sender), killing.publishAndSee()]);
        served.kill();
      }
      await served.ended();
      const held = killing.inspect();
      killing.demand(held >= heldBefore, 'a slip that was held is gone');
      heldBefore = held;
      if (instant % 10 === 9)
        say(`  ${instant + 1} instants, ${held} slips held, ${killing.receipts.size} receipts`);
    }
    const verified = await killing.finish();
    return {
      instants,
      killed_while_starting: starting,
      killed_while_taking_in: taking,
      receipts_given: killing.receipts.size,
      slips_held: heldBefore,
      checkpoints_seen: killing.checkpoints.size,
      publications_tried: killing.publications,
      verified,
      broken: [...killing.broken],
    };
  } finally {
    await served.remove();
  }
}
