/** A small signed election for the admission tests: its package, its station, and the cards that belong to it. */
import { type CardState, makeRoleCard, makeTarefeCard, makeVoterCard } from '@sandoq/hardware-sim';
import {
  admissionSubject,
  type Bytes,
  boxSubject,
  type ElectionId,
  type ProvisioningFiles,
  type records,
  roleSubject,
  type StationId,
  tarefeSubject,
  utf8,
  votingSubject,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { nationalCodeFrom, type RollPerson, seedRoll } from '@sandoq/seeds';
import {
  buildProvisioning,
  type ElectionDefinitionInput,
  parseElectionDefinition,
} from '@sandoq/tally-server';
export const ELECTION = 'test-1405' as ElectionId;
export const STATION = 's1' as StationId;
export const PINS = { executive: '1111', supervisor: '2222' } as const;
export const VOTER_PIN = '4321';
export type Officer = keyof typeof PINS;

const secret = (name: string): Bytes => nodeCrypto.sha256(utf8(`test secret ${name}`));
const publicKeyOf = (name: string): Bytes => nodeCrypto.signingPublicKey(secret(name));
export const AUTHORITY = secret('authority');
export const AUTHORITY_KEY = nodeCrypto.signingPublicKey(AUTHORITY);

export const ROLL_KEY = secret('roll');
export const ROLL_DATE = '2026-05-02';
/** Signed by the authority of the test election, as the nation's is. */
export const testRoll = (people: readonly RollPerson[], key = ROLL_KEY): Bytes =>
  seedRoll(
    { key, election: ELECTION, electionDate: ROLL_DATE, votingAgeYears: 18, people },
    nodeCrypto,
    AUTHORITY.slice(),
  );

/** A correct national code for a number below 999,999. */
export const codeOf = (number: number): string => nationalCodeFrom(String(100_000_001 + number));

const bilingual = (text: string) => ({ fa: text, en: text });
const DEFINITION: ElectionDefinitionInput = {
  id: ELECTION,
  title: bilingual('Test'),
  demonstration: true,
  contests: [
    {
      id: 'president',
      title: bilingual('President'),
      law: 'plurality',
      seats: 1,
      choicesMax: 1,
      candidates: [{ code: '11', name: bilingual('A') }],
    },
    {
      id: 'council',
      title: bilingual('Council'),
      law: 'plurality',
      seats: 1,
      choicesMax: 1,
      district: 'here',
      candidates: [{ code: '21', name: bilingual('B') }],
    },
  ],
  styles: [
    { id: 'resident', name: bilingual('Resident'), contests: ['president', 'council'] },
    { id: 'visitor', name: bilingual('Visitor'), contests: ['president'] },
  ],
};

export const roleState = (
  role: records.Role,
  seed: string = role,
  station: string = STATION,
  number = 1,
): CardState =>
  makeRoleCard(
    {
      number,
      election: ELECTION,
      stationId: station,
      role,
      authorityKey: AUTHORITY_KEY,
      pin: role in PINS ? PINS[role as Officer] : '9999',
      pinTriesMax: 3,
    },
    (length) =>
      nodeCrypto.sha512(utf8(`role ${seed}${number === 1 ? '' : number} ${station}`)).slice(0, length),
  );

export function tarefeState(station: string = STATION, terminals = 1): CardState {
  const approver = (role: Officer, number: number) => {
    const card = roleState(role, role, STATION, number) as Extract<CardState, { kind: 'role' }>;
    return {
      subject: roleSubject(STATION, role, number),
      role,
      key: nodeCrypto.signingPublicKey(card.secretKey),
    };
  };
  const numbers = Array.from({ length: terminals }, (_, i) => i + 1);
  return makeTarefeCard({
    election: ELECTION,
    stationId: station,
    secretKey: secret(`tarefe ${station}`),
    approvers: numbers.flatMap((number) => [approver('executive', number), approver('supervisor', number)]),
  });
}

export const voterState = (number: number, pin = VOTER_PIN, birthDate = '1990-01-01'): CardState =>
  makeVoterCard(nodeCrypto, { nationalCode: codeOf(number), name: `شخص ${number}`, birthDate }, pin);

function stationRecord(admissionKeys: readonly Bytes[], votesMax: number): records.Station {
  const role = (one: records.Role, countKey?: Bytes, number = 1) => {
    const card = roleState(one, one, STATION, number) as Extract<CardState, { kind: 'role' }>;
    const key = nodeCrypto.signingPublicKey(card.secretKey);
    const subject = roleSubject(STATION, one, number);
    return countKey === undefined ? { subject, role: one, key } : { subject, role: one, key, countKey };
  };
  const agreement = (name: string): Bytes => nodeCrypto.agreementPublicKey(secret(name));
  return {
    id: STATION,
    name: bilingual('Station'),
    kind: 'fixed',
    place: { scheme: 'test', province: 'p', county: 'c', district: 'd', constituency: 'here' },
    votesMax,
    devices: [
      { subject: boxSubject(STATION, 1), purpose: 'box', key: publicKeyOf('box') },
      { subject: votingSubject(STATION), purpose: 'voting', key: publicKeyOf('voting') },
      ...admissionKeys.map((key, i) => ({
        subject: admissionSubject(STATION, i + 1),
        purpose: 'admission' as const,
        key,
      })),
      { subject: tarefeSubject(STATION), purpose: 'tarefe', key: publicKeyOf(`tarefe ${STATION}`) },
    ],
    roles: [
      ...admissionKeys.flatMap((_, i) => [
        role('executive', undefined, i + 1),
        role('supervisor', undefined, i + 1),
      ]),
      role('governor_representative', agreement('governor')),
      role('council_representative', agreement('council')),
    ],
  };
}

export interface WorldOptions {
  readonly votesMax?: number;
  readonly settings?: ElectionDefinitionInput['settings'];
  /** the first candidate's */
  readonly picture?: Bytes;
}

export function provisioningFiles(admissionKeys: readonly Bytes[], options: WorldOptions): ProvisioningFiles {
  const { picture } = options;
  const contests = DEFINITION.contests.map((contest, i) =>
    i > 0 || picture === undefined
      ? contest
      : { ...contest, candidates: contest.candidates.map((one) => ({ ...one, picture: 'a.png' })) },
  );
  const definition = parseElectionDefinition(
    { ...DEFINITION, contests, ...(options.settings === undefined ? {} : { settings: options.settings }) },
    Math.floor(Date.now() / 1000),
  );
  if (!definition.ok) throw new Error(JSON.stringify(definition.fault));
  const built = buildProvisioning({
    definition: definition.value.definition,
    authoritySecretKey: AUTHORITY.slice(),
    intakePublicKey: publicKeyOf('intake'),
    stations: [stationRecord(admissionKeys, options.votesMax ?? 50)],
    ...(picture === undefined ? {} : { pictures: new Map([['a.png', picture]]) }),
  });
  if (!built.ok) throw new Error(JSON.stringify(built.fault));
  return built.value;
}
