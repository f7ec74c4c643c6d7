/** From a plan to signed provisioning: every key is made where it lives, the province signs what they enrolled. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchClient, StationBenchInput } from '@sandoq/hardware-sim';
import { CLAIM_KEY_BYTES, fromHex, type records, toHex } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { ROLL_KEY_BYTES } from '@sandoq/protocol/roll';
import { type SeedRollOrder, seedRoll } from '@sandoq/seeds';
import { enrolAdmission, enrolVoting, ROLL_KEY_FILE, ROUND_KEY_FILE } from '@sandoq/station-app';

import {
  buildProvisioning,
  type ElectionDefinitionInput,
  enrolAuthority,
  enrolIntake,
  parseElectionDefinition,
  writeProvisioning,
} from '@sandoq/tally-server';
import type { BoxChoice } from './box-choice.ts';
import type { PlannedStation } from './day-plan.ts';

/** The bench's role cards and their PINs: bench only, printed on the panel. */
export const BENCH_PINS = {
  chief: '1101',
  executive: '1104',
  supervisor: '1105',
  governor_representative: '1106',
  council_representative: '1107',
  inspector: '1108',
} as const;
export type BenchRole = keyof typeof BENCH_PINS;

export const TAREFE_CARDS = 6;

export interface Folders {
  readonly province: string;
  readonly package: string;
  voting(station: string): string;
  /** of several terminals: which */
  admission(station: string, terminal?: number): string;
  bench(station: string): string;
}

/** @param benchRoot where the simulated metal keeps its cells; what it loses, no real box would have had */
export const foldersUnder = (root: string, benchRoot = join(root, 'bench')): Folders => ({
  province: join(root, 'province'),
  package: join(root, 'package'),
  voting: (station) => join(root, 'station', station, 'voting'),
  admission: (station, terminal = 1) =>
    join(root, 'station', station, terminal === 1 ? 'admission' : `admission-${terminal}`),
  bench: (station) => join(benchRoot, station),
});

/** Sockets and ptys of one station: short paths, in a short-lived directory. */
export function stationBench(
  folders: Folders,
  sockets: string,
  station: string,
  mechanics: 'virtual' | 'real_time',
  peopleFile: string | null,
  box: BoxChoice = { host: 'sim' },
  terminals = 1,
): StationBenchInput {
  return {
    station_id: station,
    folder: folders.bench(station),
    box: {
      pty: join(sockets, `${station}.box`),
      flash: join(folders.bench(station), 'flash.bin'),
      ...box,
    },
    role_reader_socket: join(sockets, `${station}.roles`),
    admission_reader_socket: join(sockets, `${station}.reader`),
    ...(terminals === 1
      ? {}
      : {
          more_admission_reader_sockets: Array.from({ length: terminals - 1 }, (_, i) =>
            join(sockets, `${station}.reader-${i + 2}`),
          ),
        }),
    mechanics,
    people_file: peopleFile,
  };
}

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0);

async function enrolStation(
  bench: BenchClient,
  folders: Folders,
  authorityKey: string,
  election: string,
  planned: PlannedStation,
  terminals: number,
): Promise<records.Station> {
  const hardware = await bench.perform({
    do: 'enrolment',
    station: planned.id,
    election,
    authority_key: authorityKey,
    pins: BENCH_PINS,
    tarefe_cards: TAREFE_CARDS,
    terminals,
  });
  const voting = enrolVoting(folders.voting(planned.id), planned.id);
  const admissions = Array.from({ length: terminals }, (_, i) =>
    enrolAdmission(folders.admission(planned.id, i + 1), planned.id, i + 1),
  );
  return {
    id: planned.id,
    name: planned.name,
    kind: planned.kind,
    place: planned.place,
    votesMax: planned.votesMax,
    devices: [
      { subject: hardware.box.subject, purpose: 'box', key: bytes(hardware.box.key) },
      { subject: voting.subject, purpose: 'voting', key: voting.publicKey },
      ...admissions.map(({ subject, publicKey }) => ({
        subject,
        purpose: 'admission' as const,
        key: publicKey,
      })),
      { subject: hardware.tarefe.subject, purpose: 'tarefe', key: bytes(hardware.tarefe.key) },
    ],
    roles: hardware.roles.map((card) => ({
      subject: card.subject,
      role: card.role as records.Role,
      key: bytes(card.key),
      ...(card.count_key === undefined ? {} : { countKey: bytes(card.count_key) }),
    })),
  };
}

export interface Provisioned {
  readonly election: string;
  readonly authorityPublicKey: string;
}

/**
 * @param pictures the candidates' pictures that the definition names
 * @throws with the mistakes of the definition, or the name of what could not be built
 */
export async function provision(
  bench: BenchClient,
  folders: Folders,
  definition: ElectionDefinitionInput,
  stations: readonly PlannedStation[],
  benchOf: (station: string) => StationBenchInput,
  onProgress: (done: number, of: number) => void,
  pictures: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<Provisioned> {
  const parsed = parseElectionDefinition(definition, Math.floor(Date.now() / 1000));
  if (!parsed.ok)
    throw new Error(
      `the election definition has mistakes:\n${parsed.fault.map((mistake) => `  ${mistake.path}: ${mistake.message}`).join('\n')}`,
    );
  const election = parsed.value.definition;
  mkdirSync(folders.province, { recursive: true, mode: 0o700 });
  const authority = enrolAuthority(join(folders.province, 'authority.key'));
  const authorityPublicKey = toHex(authority.publicKey);
  const intakePublicKey = enrolIntake(folders.province);
  // Carried by hand to every station of the round, and never to the province.
  const roundKey = nodeRandomness(CLAIM_KEY_BYTES);
  const enrolled: records.Station[] = [];
  for (const planned of stations) {
    mkdirSync(folders.bench(planned.id), { recursive: true });
    const present = await bench.perform({ do: 'stations' });
    const config = benchOf(planned.id);
    if (!present.includes(planned.id)) await bench.perform({ do: 'add_station', config });
    const terminals = 1 + (config.more_admission_reader_sockets?.length ?? 0);
    enrolled.push(await enrolStation(bench, folders, authorityPublicKey, election.id, planned, terminals));
    for (let terminal = 1; terminal <= terminals; terminal++)
      writeFileSync(join(folders.admission(planned.id, terminal), ROUND_KEY_FILE), roundKey, { mode: 0o600 });
    if (!present.includes(planned.id)) await bench.perform({ do: 'remove_station', station: planned.id });
    onProgress(enrolled.length, stations.length);
  }
  const built = buildProvisioning({
    definition: election,
    authoritySecretKey: authority.secretKey,
    intakePublicKey,
    stations: enrolled,
    pictures,
  });
  const files = await Promise.resolve(built);
  authority.secretKey.fill(0);
  if (!files.ok)
    throw new Error(
      `the package could not be built: ${files.fault.code} at ${files.fault.at}: wanted ${files.fault.wanted}`,
    );
  writeProvisioning(folders.package, files.value);
  return { election: election.id, authorityPublicKey };
}

export interface RollPlace {
  /** the roll as it travels */
  readonly path: string;
  /** the admission folders, where its key lies: one a terminal */
  readonly admissionFolders: readonly string[];
}

/** The rehearsal's roll in the nation's form, signed by the province's authority; its key goes to the admission folder. */
export function writeRoll(place: RollPlace, folders: Folders, order: Omit<SeedRollOrder, 'key'>): void {
  const key = nodeRandomness(ROLL_KEY_BYTES);
  const authority = enrolAuthority(join(folders.province, 'authority.key'));
  writeFileSync(place.path, seedRoll({ ...order, key }, nodeCrypto, authority.secretKey), { mode: 0o600 });
  authority.secretKey.fill(0);
  for (const folder of place.admissionFolders) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, ROLL_KEY_FILE), key, { mode: 0o600 });
  }
  key.fill(0);
}
