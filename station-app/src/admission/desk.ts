/** The desk's steps before the card: document, proof, code by hand; and what a crash left in hand. */
import { type NationalCode, parseNationalCode } from '@sandoq/protocol/persian';
import type { AdmissionCalls } from '../contract/admission.ts';
import type { PersonRefusal } from '../contract/codes-admission.ts';
import type { Input } from '../contract/socket.ts';
import type { BallotGrant, PersonAtDesk } from '../machines/admission.ts';
import { awaitsCard, type DeskParts, withdraw } from './arming.ts';
import { REFUSAL_OF_FINDING } from './document-findings.ts';
import { type DocumentSlot, VOTER_PIN_DIGITS_MAX } from './documents.ts';
import { judge } from './eligibility.ts';
import { refused } from './faults.ts';
import type { Admission } from './journal-cell.ts';
import { isHersLying } from './lying-card.ts';
import { ageYears, electionDate } from './roll.ts';
import { interruptTakingBack } from './take-back.ts';

export interface PersonParts extends DeskParts {
  readonly documents: DocumentSlot;
}

/** A foreign national's inclusive code (کد فراگیر). */
const INCLUSIVE_CODE = /^[0-9۰-۹٠-٩]{12}$/u;

function refuse(
  { context, desk }: DeskParts,
  code: PersonRefusal,
  detail: string | null,
  person: PersonAtDesk | null,
): void {
  desk.send({ type: 'PERSON_REFUSED', refusal: { code, detail }, person });
  context.note({ event: 'admission_refused', refusal: code });
  context.changed();
}

/** @returns the grant, or undefined where the person was refused and the machine says so. */
function grantOf(parts: DeskParts, code: NationalCode, person: PersonAtDesk): BallotGrant | undefined {
  const { roll, stores, election } = parts.context;
  const { votingAgeYears } = roll;
  const isUnderAge =
    person.birthDate !== null &&
    votingAgeYears !== undefined &&
    ageYears(person.birthDate, electionDate(election.settings)) < votingAgeYears;
  const verdict = judge({ entry: roll.lookup(code), before: stores.journal.find(code), isUnderAge });
  if (verdict.ok) return verdict.value;
  if (verdict.fault === 'already_admitted_here' && isHersLying(parts, code, person)) return undefined;
  refuse(parts, verdict.fault, null, person);
  return undefined;
}

export async function readPerson(parts: PersonParts): Promise<void> {
  const { context, desk, documents } = parts;
  desk.startOver();
  desk.send({ type: 'DOCUMENT_LAID' });
  try {
    const read = await documents.read();
    if (!read.ok) return refuse(parts, read.fault.code, read.fault.detail, null);
    const { nationalCode, holder } = read.value;
    const person: PersonAtDesk = {
      name: holder.name,
      nationalCode,
      birthDate: holder.birthDate,
      document: 'national_card',
    };
    desk.candidate = { nationalCode, document: 'national_card' };
    const grant = grantOf(parts, nationalCode, person);
    if (grant === undefined) return;
    desk.document = read.value;
    desk.send({ type: 'DOCUMENT_READ', person, grant });
    context.changed();
  } finally {
    if (desk.name === 'reading') {
      desk.send({ type: 'READING_FAILED' });
      context.changed();
    }
  }
}

export async function provePerson(
  parts: PersonParts,
  input: Input<AdmissionCalls, 'person.prove'>,
): Promise<void> {
  const { context, desk, documents } = parts;
  const document = desk.document;
  if (desk.name !== 'needs_proof' || document === undefined) throw refused('wrong_state', desk.name);
  const { pin } = input;
  if (pin === undefined && input.fingerprint !== true) throw refused('bad_request', 'pin or fingerprint');
  if (pin !== undefined && pin.length > VOTER_PIN_DIGITS_MAX) throw refused('pin_too_long');
  const proved = await documents.prove(document, pin === undefined ? 'finger' : { pin });
  if (proved.ok) {
    desk.send({ type: 'HOLDER_PROVED' });
    context.changed();
    return;
  }
  const { code, detail, final } = proved.fault;
  if (final) return refuse(parts, code, detail, desk.context.person);
  desk.send({ type: 'PROOF_FAILED', refusal: { code, detail } });
  context.changed();
}

/** A document without a chip, seen by the officers, or the code alone. */
export function enterPerson(parts: PersonParts, input: Input<AdmissionCalls, 'person.enter'>): void {
  const { context, desk } = parts;
  if (INCLUSIVE_CODE.test(input.national_code.trim())) {
    desk.startOver();
    refuse(parts, 'foreign_national', null, null);
    return;
  }
  const code = parseNationalCode(input.national_code, { length: 'exact' });
  if (!code.ok) throw refused('national_code_malformed', code.fault);
  desk.startOver();
  // The roll knows no names: the officers have the document before their eyes.
  const person: PersonAtDesk = {
    name: '',
    nationalCode: code.value,
    birthDate: null,
    document: input.document,
  };
  desk.candidate = { nationalCode: code.value, document: input.document };
  const grant = grantOf(parts, code.value, person);
  if (grant === undefined) return;
  desk.send({ type: 'CODE_ENTERED', person, grant });
  context.changed();
}

/** The officers see with their own eyes that this document admits nobody. */
export function declineDocument(parts: PersonParts, input: Input<AdmissionCalls, 'person.decline'>): void {
  parts.desk.startOver();
  refuse(parts, REFUSAL_OF_FINDING[input.finding], null, null);
}

const personOf = (admission: Admission): PersonAtDesk => ({
  name: '',
  nationalCode: admission.nationalCode,
  birthDate: null,
  document: admission.document,
});

/** A card of this line was being prepared: the card's word, or the officers', says how it ended. */
export function resumeArming({ context, desk }: PersonParts, admission: Admission): void {
  const { nationalCode, document, style, visiting } = admission;
  context.terminals?.inHand(admission);
  desk.candidate = { nationalCode, document };
  desk.send({
    type: 'INTERRUPTED',
    person: personOf(admission),
    grant: { style, visiting, replacement: true },
    refusal: { code: 'arming_interrupted', detail: null },
  });
}

/** Compares what a crash left in hand with the journal: ended, not begun, or to be asked of the card. */
export function resume(parts: PersonParts): void {
  const { context, desk } = parts;
  const { journal, inHand } = context.stores;
  const { left } = inHand;
  if (left === undefined) return;
  if (left.kind === 'armed') {
    const { admission } = left;
    // Told as soon as the reader says what lies there.
    if (awaitsCard(admission, journal.lineOf(admission))) desk.lying = admission;
    else inHand.clear();
    return;
  }
  context.note({ event: 'power_restored' });
  if (left.kind === 'arm') {
    const { admission } = left;
    if (!awaitsCard(admission, journal.lineOf(admission))) {
      // It may have been claimed, and nobody has come in by it.
      withdraw(parts, admission);
      inHand.clear();
      return;
    }
    resumeArming(parts, admission);
    return;
  }
  const done =
    left.kind === 'abandon'
      ? journal.station().abandoned >= left.abandoned
      : JSON.stringify(journal.lineOf(left.admission)) === JSON.stringify(left.admission);
  if (done) inHand.clear();
  else interruptTakingBack(parts, left);
}
