/** The view model of both officers' screens: codes and figures, derived from desk, journal and reader. Pure. */
import { ADMISSION_SLOTS, type records } from '@sandoq/protocol';
import type { AdmissionView } from '../contract/admission.ts';
import { ADMISSION_NEXT_STEPS, type AdmissionNextStep } from '../contract/codes-admission.ts';
import type { ReaderStatus } from '../devices/reader.ts';
import { AFTER_REFUSAL } from './after-refusal.ts';
import { type DeskContext, nowSeconds } from './context.ts';
import type { DeskState } from './desk-state.ts';
import type { AdmissionLedger } from './ledger.ts';
import type { RoleCards } from './role-cards.ts';

const HOUR_SECONDS = 3600;

export function ratePerHour(ledger: AdmissionLedger, atSeconds: number): number {
  let sum = 0;
  for (const [bucket, count] of ledger.byBucket) if (bucket > atSeconds - HOUR_SECONDS) sum += count;
  return sum;
}

const slotsOf = (status: ReaderStatus): AdmissionView['slots'] => {
  const present = (slot: number): boolean => status.slots[slot]?.present ?? false;
  return {
    document: present(ADMISSION_SLOTS.document),
    tarefe: present(ADMISSION_SLOTS.tarefe),
    executive: present(ADMISSION_SLOTS.executive),
    supervisor: present(ADMISSION_SLOTS.supervisor),
  };
};

function nextAtDesk(desk: DeskState, slots: AdmissionView['slots'], doorsClosed: boolean): AdmissionNextStep {
  const { context } = desk;
  switch (desk.name) {
    case 'idle':
    case 'done':
      return doorsClosed ? 'admit_people_inside' : 'lay_document';
    case 'reading':
      return 'wait_for_card';
    case 'needs_proof':
      return 'prove_holder';
    case 'identified':
      if (!slots.tarefe) return context.inHand ? 'lay_same_tarefe' : 'lay_tarefe';
      if (context.inHand) return 'approve_same_tarefe';
      return context.grant?.replacement ? 'approve_replacement' : 'approve_arming';
    case 'awaiting_approvals':
      return context.approvals.executive ? 'approve_arming_supervisor' : 'approve_arming_executive';
    case 'arming':
      if (desk.takingBack !== undefined)
        return slots.tarefe && context.refusal?.code === 'taking_back_unarmed'
          ? 'confirm_taken_back'
          : 'lay_tarefe_to_take_back';
      if (context.refusal?.code === 'second_device_missing') return 'restore_second_device';
      return context.refusal === null ? 'wait_for_card' : 'lay_same_tarefe';
    case 'armed':
      return context.stamp ? 'hand_over_tarefe_and_stamp' : 'hand_over_tarefe';
    case 'refused':
      return context.refusal === null ? 'turn_person_away' : AFTER_REFUSAL[context.refusal.code];
  }
}

function nextStep(
  context: DeskContext,
  desk: DeskState,
  roles: RoleCards,
  slots: AdmissionView['slots'],
): AdmissionNextStep {
  const { phase } = context.stores.journal.station();
  if (phase === 'closed') return 'carry_summary';
  if (context.reader.status().state !== 'connected') return 'connect_reader';
  if (!slots.executive || !slots.supervisor) return 'lay_role_cards';
  if (phase === 'set_up') return 'open_admission';
  // Needs no card but hers, and nobody must be sent to look for a PIN first.
  if (desk.name === 'armed') return nextAtDesk(desk, slots, false);
  if (!roles.unlocked('executive') || !roles.unlocked('supervisor')) return 'unlock_role_cards';
  const isIdle = desk.name === 'idle' || desk.name === 'done' || desk.name === 'refused';
  if (isIdle && context.terminals?.standing().state === 'missing') return 'restore_terminals';
  return nextAtDesk(desk, slots, phase === 'doors_closed');
}

function personOf(desk: DeskState): AdmissionView['person'] {
  const { person, grant } = desk.context;
  if (person === null) return null;
  return {
    name: person.name,
    national_code: person.nationalCode,
    birth_date: person.birthDate,
    document: person.document,
    style: grant?.style ?? null,
    visiting: grant?.visiting ?? false,
  };
}

/** Election and station as every view begins. */
export function headOf(
  election: {
    readonly election: string;
    readonly package: records.Package;
    readonly station: records.Station;
  },
  mode: records.Mode | null,
): Pick<AdmissionView, 'election' | 'station' | 'mode'> {
  const { title, demonstration } = election.package;
  return {
    election: { id: election.election, title, demonstration },
    station: { id: election.station.id, name: election.station.name },
    mode,
  };
}

function terminalsOf({ terminals }: DeskContext): Pick<AdmissionView, 'terminals'> {
  if (terminals === undefined) return {};
  const { isApart, disk, left, others, ...rest } = terminals.view();
  return {
    terminals: { ...rest, others: [...others], is_apart: isApart, disk: disk ?? null, left: left ?? null },
  };
}

export function viewOf(
  context: DeskContext,
  desk: DeskState,
  roles: RoleCards,
  province: AdmissionView['devices'][number],
): AdmissionView {
  const { phase, mode } = context.stores.journal.station();
  const ledger = context.stores.journal.ledger();
  const status = context.reader.status();
  const slots = slotsOf(status);
  const code = nextStep(context, desk, roles, slots);
  const { admitted, local, visiting, issued, returned, spoiled, abandoned, offline, helped } = ledger;
  return {
    view: 'admission',
    ...headOf(context.election, mode),
    phase,
    devices: [{ id: 'admission_reader', state: status.state, code: status.code }, province],
    slots,
    unlocked: { executive: roles.unlocked('executive'), supervisor: roles.unlocked('supervisor') },
    state: desk.name,
    in_hand: desk.context.inHand,
    person: personOf(desk),
    refusal: desk.context.refusal === null ? null : { ...desk.context.refusal },
    approvals: { ...desk.context.approvals },
    styles: context.election.package.styles.map((style) => ({ id: style.id, name: style.name })),
    ledger: {
      admitted,
      local,
      visiting,
      issued,
      returned,
      spoiled,
      abandoned,
      code_only: ledger.byDocument.get('code_only') ?? 0,
      offline,
      helped,
    },
    claims: {
      policy: context.election.settings.partitionPolicy,
      unconfirmed: ledger.unconfirmed,
      doubled: ledger.doubled,
      owed: ledger.owed,
    },
    ...terminalsOf(context),
    hints: [...context.hints.standing(context.clock.elapsedMs())],
    ...(desk.elsewhere === undefined ? {} : { elsewhere: desk.elsewhere }),
    rate_per_hour: ratePerHour(ledger, nowSeconds(context)),
    next: { who: ADMISSION_NEXT_STEPS[code], code },
  };
}
