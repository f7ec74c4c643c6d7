/**
 * What every simulated day begins with: a small signed election, keys and cards, a provisioned box. Made once a process; a
 * day takes copies, and may be taken as a scene itself, so that many days go on from one moment.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Firmware, loadFirmware } from '@sandoq/firmware-host';
import {
  type CardState,
  FRESH_FACTS,
  type MechanicsFacts,
  makeRoleCard,
  makeTarefeCard,
  makeVoterCard,
} from '@sandoq/hardware-sim';
import {
  type Bytes,
  boxSubject,
  type ElectionId,
  type ProvisioningFiles,
  type records,
  roleSubject,
  type StationId,
  tarefeSubject,
  toHex,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { nationalCodeFrom } from '@sandoq/seeds';
import {
  type AdmissionElection,
  checkElection,
  enrolAdmission,
  enrolVoting,
  type LoadedElection,
  loadElection,
  openDeviceKey,
  readProvisioningFolder,
} from '@sandoq/station-app';
import {
  buildProvisioning,
  type ElectionDefinitionInput,
  parseElectionDefinition,
  writeProvisioning,
} from '@sandoq/tally-server';
import { createVirtualBox } from './box.ts';
import { createBoxCable } from './cables.ts';
import { chanceOf, seededBytes } from './chance.ts';
import { DAY_BEGINS_MS } from './processes.ts';
import { createSteps } from './steps.ts';
import { createVirtualTime } from './virtual-time.ts';

export const SIMULATION_STATION = 's1' as StationId;
const ELECTION = 'simulation-1405' as ElectionId;
export const SIMULATION_PINS = {
  executive: '1104',
  supervisor: '1105',
  governor_representative: '1106',
  council_representative: '1107',
} as const;
export type SimulationRole = keyof typeof SIMULATION_PINS;
export const TAREFE_CARDS = 4;
export const VOTES_MAX = 24;
export const VOTER_PIN = '4321';
const PIN_TRIES_MAX = 5;

const secret = (name: string): Bytes => nodeCrypto.sha256(utf8(`simulated station, ${name}`));
const bilingual = (text: string) => ({ fa: text, en: text });
const candidates = (count: number, first: number) =>
  Array.from({ length: count }, (_, i) => ({ code: String(first + i), name: bilingual(`C${first + i}`) }));

export const CONTESTS = [
  { id: 'president', choicesMax: 1, candidates: 4 },
  { id: 'council', choicesMax: 3, candidates: 8 },
] as const;

const definition: ElectionDefinitionInput = {
  id: ELECTION,
  title: bilingual('Simulation'),
  demonstration: true,
  contests: CONTESTS.map(({ id, choicesMax, candidates: count }, i) => ({
    id,
    title: bilingual(id),
    law: 'plurality',
    seats: choicesMax,
    choicesMax,
    candidates: candidates(count, 10 * (i + 1) + 1),
  })),
  styles: [{ id: 'all', name: bilingual('All'), contests: CONTESTS.map(({ id }) => id) }],
  settings: {
    openMinutesMin: 0,
    voterTimeoutSeconds: 120,
    voterAlertSeconds: 20,
    opensAt: DAY_BEGINS_MS / 1000,
  },
};

export const codeOfVoter = (number: number): string => nationalCodeFrom(String(200_000_001 + number));
const voterCards = new Map<number, CardState>();
/** A person's card is the same every day. */
export function voterCard(number: number): CardState {
  const made =
    voterCards.get(number) ??
    makeVoterCard(
      nodeCrypto,
      { nationalCode: codeOfVoter(number), name: `شخص ${number}`, birthDate: '1990-01-01' },
      VOTER_PIN,
    );
  voterCards.set(number, made);
  return made;
}

/** Everything that lasts, at one moment. */
export interface Scene {
  readonly firmware: Firmware;
  readonly authorityKey: Bytes;
  readonly packageFolder: string;
  readonly votingFolder: string;
  readonly admissionFolder: string;
  readonly voting: LoadedElection;
  readonly admission: AdmissionElection;
  readonly image: Uint8Array;
  readonly facts: MechanicsFacts;
  readonly cards: ReadonlyMap<string, CardState>;
}

/** On the memory's own file system where there is one: a killed process needs no disk, and a simulated one no wait. */
export function simulationFolder(): string {
  try {
    return mkdtempSync('/dev/shm/sandoq-simulation-');
  } catch {
    return mkdtempSync(join(tmpdir(), 'sandoq-simulation-'));
  }
}

function makeCards(authorityKey: Bytes): Map<string, CardState> {
  const cards = new Map<string, CardState>();
  const approver = (role: SimulationRole) => {
    const state = makeRoleCard(
      {
        election: ELECTION,
        stationId: SIMULATION_STATION,
        role,
        authorityKey,
        pin: SIMULATION_PINS[role],
        pinTriesMax: PIN_TRIES_MAX,
      },
      seededBytes(`role ${role}`),
    );
    cards.set(`role-${role}`, state);
    return {
      subject: roleSubject(SIMULATION_STATION, role),
      role,
      key: nodeCrypto.signingPublicKey(state.secretKey),
    };
  };
  const [executive, supervisor] = (Object.keys(SIMULATION_PINS) as SimulationRole[]).map(approver);
  if (executive === undefined || supervisor === undefined) throw new Error('no approvers');
  for (let i = 1; i <= TAREFE_CARDS; i++)
    cards.set(
      `tarefe-${i}`,
      makeTarefeCard({
        election: ELECTION,
        stationId: SIMULATION_STATION,
        secretKey: secret('tarefe'),
        approvers: [executive, supervisor],
      }),
    );
  return cards;
}

/** The box's own key, made in the workshop. */
async function provisionBox(
  firmware: Firmware,
  authorityKey: Bytes,
): Promise<{ key: Bytes; image: Uint8Array }> {
  const time = createVirtualTime();
  const chance = chanceOf('workshop');
  const cable = createBoxCable({ time, chance, onFault: () => undefined }, () => undefined);
  const box = createVirtualBox({
    firmware,
    image: undefined,
    facts: FRESH_FACTS,
    time,
    steps: createSteps(() => undefined),
    chance,
    entropy: seededBytes('workshop entropy'),
    cable: () => cable,
    onChange: () => undefined,
    onFault: (what) => {
      throw new Error(what);
    },
  });
  box.power(true);
  const key = await time.run(() => box.provision(authorityKey, boxSubject(SIMULATION_STATION, 1)), 60_000);
  box.power(false);
  return { key, image: box.image() };
}

function rolesOf(cards: ReadonlyMap<string, CardState>): records.Station['roles'] {
  return (Object.keys(SIMULATION_PINS) as SimulationRole[]).map((role) => {
    const card = cards.get(`role-${role}`);
    if (card?.kind !== 'role') throw new Error(`no card of ${role}`);
    const entry = {
      subject: roleSubject(SIMULATION_STATION, role),
      role,
      key: nodeCrypto.signingPublicKey(card.secretKey),
    };
    return card.countSecretKey === null
      ? entry
      : { ...entry, countKey: nodeCrypto.agreementPublicKey(card.countSecretKey) };
  });
}

function must<Value>(result: { ok: true; value: Value } | { ok: false; fault: unknown }): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

/** Keys, package, cards, a provisioned box; nothing is loaded into it yet. */
export async function makeScene(root: string): Promise<Scene> {
  const firmware = loadFirmware();
  const authority = secret('authority');
  const authorityKey = nodeCrypto.signingPublicKey(authority);
  const votingFolder = join(root, 'voting');
  const admissionFolder = join(root, 'admission');
  const packageFolder = join(root, 'package');
  for (const folder of [votingFolder, admissionFolder]) {
    mkdirSync(folder, { recursive: true });
    // The station's own keys come from the seed as well: the same seed is the same day.
    openDeviceKey(folder, nodeCrypto, seededBytes(folder === votingFolder ? 'voting key' : 'admission key'));
  }
  const cards = makeCards(authorityKey);
  const box = await provisionBox(firmware, authorityKey);
  const voting = enrolVoting(votingFolder, SIMULATION_STATION);
  const admission = enrolAdmission(admissionFolder, SIMULATION_STATION);
  const files: ProvisioningFiles = must(
    buildProvisioning({
      definition: must(parseElectionDefinition(definition, DAY_BEGINS_MS / 1000)).definition,
      authoritySecretKey: authority.slice(),
      intakePublicKey: nodeCrypto.signingPublicKey(secret('intake')),
      stations: [
        {
          id: SIMULATION_STATION,
          name: bilingual('Simulation'),
          kind: 'fixed',
          place: { scheme: 'test', province: 'p', county: 'c', district: 'd', constituency: 'here' },
          votesMax: VOTES_MAX,
          devices: [
            { subject: boxSubject(SIMULATION_STATION, 1), purpose: 'box', key: box.key },
            { subject: voting.subject, purpose: 'voting', key: voting.publicKey },
            { subject: admission.subject, purpose: 'admission', key: admission.publicKey },
            {
              subject: tarefeSubject(SIMULATION_STATION),
              purpose: 'tarefe',
              key: nodeCrypto.signingPublicKey(secret('tarefe')),
            },
          ],
          roles: rolesOf(cards),
        },
      ],
    }),
  );
  writeProvisioning(packageFolder, files);
  const read = readProvisioningFolder(packageFolder);
  const seconds = DAY_BEGINS_MS / 1000;
  const shared = { authorityKey, stationId: SIMULATION_STATION };
  return {
    firmware,
    authorityKey,
    packageFolder,
    votingFolder,
    admissionFolder,
    voting: must(
      loadElection({ ...shared, files: read, devicePublicKey: voting.publicKey }, nodeCrypto, seconds),
    ),
    admission: must(
      checkElection(read, nodeCrypto, { ...shared, devicePublicKey: admission.publicKey }, seconds),
    ),
    image: box.image,
    facts: FRESH_FACTS,
    cards,
  };
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
export const authorityHex = (scene: Scene): string => toHex(scene.authorityKey);
