/** A small province for the tests: synthetic names, real keys, made anew for each test from a seed. */
import {
  admissionSubject,
  type Bytes,
  boxSubject,
  checkProvisioning,
  concatBytes,
  type Provisioning,
  type ProvisioningFiles,
  type records,
  roleSubject,
  tarefeSubject,
  utf8,
  votingSubject,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  buildProvisioning,
  type ElectionDefinition,
  type ElectionDefinitionInput,
  parseElectionDefinition,
  type StationEnrolment,
} from '@sandoq/tally-server';

/** Secret keys of tests are functions of names, so that a failing test can be repeated. */
export const secretOf = (name: string): Bytes =>
  nodeCrypto.sha256(concatBytes(utf8('test key '), utf8(name)));
const publicOf = (name: string): Bytes => nodeCrypto.signingPublicKey(secretOf(name));

export const NOW_SECONDS = 1_795_000_000;
export const ROLES = [
  'executive',
  'supervisor',
  'governor_representative',
  'council_representative',
] as const;

const bilingual = (fa: string, en: string) => ({ fa, en });

export const DEFINITION: ElectionDefinitionInput = {
  id: 'demo-1405',
  title: bilingual('انتخابات نمایشی ۱۴۰۵', 'Demonstration election 1405'),
  demonstration: true,
  contests: [
    {
      id: 'president',
      title: bilingual('ریاست جمهوری', 'President'),
      law: 'president',
      seats: 1,
      choicesMax: 1,
      candidates: [
        { code: '11', name: bilingual('مهرداد آذری', 'Mehrdad Azari') },
        { code: '22', name: bilingual('نسرین کاویان', 'Nasrin Kavian') },
        { code: '33', name: bilingual('بهرام نیک‌نام', 'Bahram Niknam') },
        { code: '44', name: bilingual('پریسا سروش', 'Parisa Soroush') },
      ],
    },
    {
      id: 'majles',
      title: bilingual('مجلس شورای اسلامی', 'Majles'),
      law: 'majles',
      seats: 3,
      choicesMax: 3,
      thresholdPermille: 200,
      district: 'north',
      candidates: Array.from({ length: 12 }, (_, i) => ({
        code: String(101 + i),
        name: bilingual(`نامزد شمارهٔ ${i + 1}`, `Candidate number ${i + 1}`),
      })),
    },
  ],
  styles: [
    { id: 'resident', name: bilingual('ساکن', 'Resident'), contests: ['president', 'majles'] },
    { id: 'visitor', name: bilingual('مهمان', 'Visitor'), contests: ['president'] },
  ],
  settings: { opensAt: NOW_SECONDS, closesAt: NOW_SECONDS + 36_000 },
};

export function stationNamed(
  id: string,
  place: Partial<records.Place> = {},
  name: records.Bilingual = bilingual(`شعبهٔ ${id}`, `Station ${id}`),
): StationEnrolment {
  const device = (subject: string, purpose: records.Purpose) => ({
    subject,
    purpose,
    key: publicOf(subject),
  });
  return {
    id,
    name,
    kind: 'fixed',
    place: {
      scheme: 'demonstration',
      province: 'north',
      county: 'upper',
      district: 'centre',
      constituency: 'north',
      ...place,
    },
    devices: [
      device(boxSubject(id, 1), 'box'),
      device(votingSubject(id), 'voting'),
      device(admissionSubject(id), 'admission'),
      device(tarefeSubject(id), 'tarefe'),
    ],
    roles: ROLES.map((role) => {
      const subject = roleSubject(id, role);
      return {
        subject,
        role,
        key: publicOf(subject),
        ...(role.endsWith('_representative')
          ? { countKey: nodeCrypto.agreementPublicKey(secretOf(`count ${subject}`)) }
          : {}),
      };
    }),
    votesMax: 2000,
  };
}

export function definitionOf(input: ElectionDefinitionInput = DEFINITION): ElectionDefinition {
  const parsed = parseElectionDefinition(input, NOW_SECONDS);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  return parsed.value.definition;
}

export interface Province {
  readonly files: ProvisioningFiles;
  readonly provisioning: Provisioning;
  readonly authorityKey: Bytes;
}

export const AUTHORITY_SECRET = secretOf('authority');
export const AUTHORITY_KEY = nodeCrypto.signingPublicKey(AUTHORITY_SECRET);

export function provinceOf(
  stations: readonly StationEnrolment[],
  intakePublicKey: Bytes = publicOf('intake'),
  input: ElectionDefinitionInput = DEFINITION,
): Province {
  const files = buildProvisioning({
    definition: definitionOf(input),
    authoritySecretKey: AUTHORITY_SECRET,
    intakePublicKey,
    stations,
  });
  if (!files.ok) throw new Error(JSON.stringify(files.fault));
  const provisioning = checkProvisioning(files.value, nodeCrypto, AUTHORITY_KEY);
  if (!provisioning.ok) throw new Error(JSON.stringify(provisioning.fault));
  return { files: files.value, provisioning: provisioning.value, authorityKey: AUTHORITY_KEY };
}
