/** What each role sees, whole, made anew at each push. Codes only; the sentences are in the catalogues. */
import { type Bytes, toHex, type wire } from '@sandoq/protocol';
import { VOTING_NEXT_STEPS, type VotingChecklistId, type VotingNextStep } from '../contract/codes.ts';
import type { DeviceState } from '../contract/contract.ts';
import type { BallotView, OfficerView, VoterView } from '../contract/voting.ts';
import type { VoterState } from '../machines/voter.ts';
import type { OutboxView } from '../sync/outbox.ts';
import { hasDiskFault, nowSeconds, phaseOf, publicCount, type VotingContext } from './context.ts';
import { keptSlip, missingSlipRoles } from './counting.ts';
import { cardTrials, dayBookOf } from './day-book.ts';
import { papersOf } from './papers.ts';
import type { RoleSteps } from './role-step.ts';
import type { VoterSession } from './voter-session.ts';

export interface ViewSources {
  readonly context: VotingContext;
  readonly steps: RoleSteps;
  readonly voter: VoterSession;
  readonly outbox: () => OutboxView;
  readonly provinceConfigured: boolean;
  readonly roleCards: () => readonly {
    readonly present: boolean;
    readonly reading: boolean;
    readonly role: string | null;
  }[];
}

const headOf = ({ election, session }: VotingContext) => ({
  election: {
    id: election.election,
    title: election.package.title,
    demonstration: election.package.demonstration,
  },
  station: { id: election.station.id, name: election.station.name },
  mode: session?.value.mode ?? (election.package.demonstration ? ('rehearsal' as const) : null),
});

function devicesOf({ context, outbox, provinceConfigured }: ViewSources): DeviceState[] {
  const link = context.link.status();
  const reader = context.reader.status();
  const sent = outbox();
  const province = !provinceConfigured
    ? 'not_configured'
    : sent.code === 'province_unreachable'
      ? 'lost'
      : 'connected';
  return [
    { id: 'box', state: link.state, code: link.code },
    { id: 'role_reader', state: reader.state, code: reader.code },
    { id: 'province', state: province, code: sent.code },
  ];
}

const countersOf = (counters: VotingContext['counters']): OfficerView['counters'] =>
  counters === undefined
    ? null
    : {
        records: counters.records,
        cards_spent: counters.cardsSpent,
        papers_printed: counters.papersPrinted,
        papers_in_bin: counters.papersInBin,
        papers_rejected: counters.papersRejected,
        papers_retained: counters.papersRetained,
        torn_slots: counters.tornSlots,
      };

const OFFICER_SEES: Readonly<Record<VoterState, OfficerView['voter']>> = {
  not_open: 'none',
  welcome: 'none',
  reading_card: 'card_laid',
  card_refused: 'card_laid',
  choosing: 'choosing',
  review: 'choosing',
  printing: 'printing',
  in_window: 'in_window',
  rejected: 'choosing',
  cast: 'done',
  ended: 'done',
  officer_needed: 'officer_needed',
};

const PAPER_FAULTS: Partial<Readonly<Record<wire.PaperPath, { fault: string; next: VotingNextStep }>>> = {
  jammed: { fault: 'paper_jammed', next: 'clear_jam' },
  out_of_paper: { fault: 'paper_out', next: 'refill_paper' },
  lost: { fault: 'paper_lost', next: 'find_lost_paper' },
};

/** A card that voted and left the pad before it was burnt; while a card lies there the box is looking at it (WIRE.md). */
const isBurningOwed = (box: wire.StatusReply | undefined): boolean =>
  (box?.cardsUnburnt ?? 0) > 0 && box?.pad === 'empty';

function faultOf({ context }: ViewSources): string | null {
  if (context.fault !== undefined) return context.fault;
  const paper = context.box && PAPER_FAULTS[context.box.paper];
  if (paper !== undefined) return paper.fault;
  if (context.box?.lidOpen === true) return 'lid_open';
  return isBurningOwed(context.box) ? 'card_unburnt' : null;
}

/** The box is shown empty and sealed up to an hour before voting (DOMAIN §2). */
const OPEN_EARLY_SECONDS = 3600;

type ChecklistItem = OfficerView['checklist'][number];

function checklistOf({ context }: ViewSources): ChecklistItem[] {
  const { box, records } = context;
  const link = context.link.status();
  const reader = context.reader.status();
  const connected = link.state === 'connected' && box !== undefined;
  const item = (id: VotingChecklistId, done: boolean, fault: string | null): ChecklistItem => ({
    id,
    state: done ? 'done' : fault === null ? 'waiting' : 'fault',
    code: done ? null : fault,
  });
  const counters = box?.counters;
  const used = counters === undefined ? 0 : counters.records + counters.cardsSpent + counters.papersPrinted;
  const paper = box && PAPER_FAULTS[box.paper];
  const loaded = context.station.state() !== 'set_up' && context.station.state() !== 'no_package';
  return [
    item('hours', nowSeconds(context) >= context.election.settings.opensAt - OPEN_EARLY_SECONDS, null),
    item('package_checked', true, null),
    item('device_enrolled', true, null),
    item('box_connected', link.state === 'connected', link.state === 'fault' ? link.code : null),
    item('box_loaded', loaded, null),
    item('box_proved', link.proved, loaded ? link.code : null),
    item('box_empty', connected && used === 0, connected && used > 0 ? 'box_not_empty' : null),
    item('store_empty', records.count() === 0, records.count() > 0 ? 'store_not_empty' : null),
    item('paper_ready', connected && paper === undefined, paper?.fault ?? null),
    item('lid_closed', connected && !box.lidOpen, connected && box.lidOpen ? 'lid_open' : null),
    item(
      'role_reader_connected',
      reader.state === 'connected',
      reader.state === 'fault' ? reader.code : null,
    ),
    item(
      'role_cards_tried',
      cardTrials(context).every(({ tried }) => tried),
      null,
    ),
  ];
}

const STEP_NEXT = {
  opening: 'approve_opening',
  doors: 'approve_closing_doors',
  closing: 'approve_closing',
  slip: 'sign_slip',
  abandon: 'approve_abandon',
} as const satisfies Record<string, VotingNextStep>;

const VOTER_NEXT: Partial<Readonly<Record<VoterState, VotingNextStep>>> = {
  choosing: 'voter_chooses',
  review: 'voter_chooses',
  rejected: 'voter_chooses',
  printing: 'voter_watches_printing',
  in_window: 'voter_presses_green',
  cast: 'voter_takes_card',
  ended: 'voter_takes_card',
  card_refused: 'take_refused_card',
};

const TECHNICIAN_FAULTS: ReadonlySet<string> = new Set([
  'box_signature_invalid',
  'box_rejection_invalid',
  'box_session_differs',
  'box_closed_before_station',
  'log_full',
]);

function linkNext({ context }: ViewSources): VotingNextStep | undefined {
  const link = context.link.status();
  if (link.state === 'connected') return undefined;
  if (link.state === 'fault') return 'replace_box';
  return phaseOf(context) === 'set_up' || phaseOf(context) === 'loaded' ? 'connect_box' : 'wait_for_box';
}

/** A recount that disagrees is nobody's to sign over in silence: first the other recorder, and the supervisory board. */
function afterRecountNext(recounted: Bytes | undefined): VotingNextStep {
  if (recounted === undefined) return 'recount_then_sign';
  return recounted[0] === 1 ? 'sign_slip' : 'recount_disagreed';
}

function afterCloseNext({
  context,
  steps,
  outbox,
  provinceConfigured,
}: ViewSources): VotingNextStep | undefined {
  if (steps.current()?.name === 'slip' && missingSlipRoles(context).length > 0) return 'sign_slip';
  switch (phaseOf(context)) {
    case 'closed':
      return 'run_count';
    case 'counting':
      return 'wait_for_count';
    case 'counted':
      if (missingSlipRoles(context).length > 0) return afterRecountNext(context.state.fact('recount'));
      if (context.state.fact('bundle') === undefined) return 'send_slip';
      if (!provinceConfigured || outbox().state === 'refused') return 'carry_slip_by_hand';
      return 'wait_for_receipt';
    case 'finished':
      return 'finished';
    default:
      return undefined;
  }
}

function votingNext(sources: ViewSources): VotingNextStep {
  const { context, voter } = sources;
  const paper = context.box && PAPER_FAULTS[context.box.paper];
  if (paper !== undefined) return paper.next;
  if (context.box?.lidOpen === true) return 'close_lid';
  if (isBurningOwed(context.box)) return 'lay_unburnt_card';
  if (hasDiskFault(context)) return 'make_room_on_disk';
  if (context.fault !== undefined && TECHNICIAN_FAULTS.has(context.fault)) return 'call_technician';
  switch (phaseOf(context)) {
    case 'set_up':
      return 'load_package';
    case 'loaded':
      return 'begin_opening';
    default:
      if (context.paused && voter.ballot() === undefined) return 'resume_voting';
      if (voter.state() === 'officer_needed') return 'wait_for_reconciliation';
      if (voter.waiting()) return 'call_waiting_voter';
      return (
        VOTER_NEXT[voter.state()] ??
        (phaseOf(context) === 'open' ? 'wait_for_voter' : 'let_queue_vote_then_close')
      );
  }
}

function nextOf(sources: ViewSources): OfficerView['next'] {
  const { context, steps } = sources;
  const inHand = steps.current();
  const code: VotingNextStep =
    context.progress?.code === 'loading'
      ? 'wait_for_loading'
      : (afterCloseNext(sources) ??
        (inHand === undefined ? undefined : STEP_NEXT[inHand.name]) ??
        linkNext(sources) ??
        votingNext(sources));
  return { who: VOTING_NEXT_STEPS[code], code };
}

function slipView(context: VotingContext): OfficerView['slip'] {
  const slip = keptSlip(context);
  if (slip === undefined) return null;
  const { value, digest, faults } = slip;
  return {
    digest: toHex(digest),
    totals: value.totals.map((total) => ({ ...total, candidates: [...total.candidates] })),
    tarefe: value.tarefe,
    papers: {
      printed: value.papers.printed,
      in_bin: value.papers.inBin,
      rejected: value.papers.rejected,
      retained: value.papers.retained,
    },
    slots: value.slots,
    disputed: value.disputed,
    faults: [...faults],
    approvals: context.state.slipApprovals().map(({ role, refused, remark }) => ({ role, refused, remark })),
  };
}

export function officerView(sources: ViewSources): OfficerView {
  const { context, steps, voter, outbox } = sources;
  const inHand = steps.current();
  const sent = outbox();
  const receipt = context.state.fact('receipt');
  const recounted = context.state.fact('recount');
  const fault = faultOf(sources);
  const cards = sources.roleCards();
  return {
    ...headOf(context),
    view: 'voting_officer',
    phase: phaseOf(context),
    public_count: publicCount(context),
    counters: countersOf(context.counters),
    devices: devicesOf(sources),
    checklist: checklistOf(sources),
    progress: context.progress ?? null,
    voter: OFFICER_SEES[voter.state()],
    step: inHand?.name ?? null,
    approvals: (inHand?.approvals ?? []).map((role) => ({ role })),
    role_cards: (['first', 'second'] as const).map((slot, i) => ({
      slot,
      present: cards[i]?.present ?? false,
      reading: cards[i]?.reading ?? false,
      role: cards[i]?.role ?? null,
    })),
    fault: fault === null ? null : { code: fault },
    next: nextOf(sources),
    zero_report:
      context.session === undefined
        ? null
        : {
            records: context.session.zeroReport.records,
            papers_printed: context.session.zeroReport.papersPrinted,
            slots: context.session.zeroReport.slots,
          },
    slip: slipView(context),
    recount:
      context.progress?.code === 'recounting'
        ? 'running'
        : recounted === undefined
          ? 'not_done'
          : recounted[0] === 1
            ? 'agreed'
            : 'disagreed',
    outbox: {
      state: sent.state,
      tries: sent.tries,
      code: sent.code,
      receipt_digest: receipt === undefined ? null : toHex(context.crypto.sha256(receipt)),
    },
    papers: papersOf(context),
    opens_at: context.election.settings.opensAt,
    closes_at: context.election.settings.closesAt,
    day_book: dayBookOf(context),
  };
}

export function voterView({ context, voter }: ViewSources): VoterView {
  const ballot = voter.ballot();
  const idleLeftMs = voter.idleLeftMs();
  return {
    ...headOf(context),
    view: 'voting_voter',
    phase: voter.state(),
    public_count: publicCount(context),
    code: voter.code(),
    contests: [...(ballot?.contests ?? [])],
    choices: (ballot?.contests ?? []).map((contest) => {
      const choice = ballot?.choice(contest) ?? null;
      return { contest, choice: choice === null || choice === 'blank' ? choice : [...choice] };
    }),
    idle_left_ms: idleLeftMs,
    alert: idleLeftMs !== null && idleLeftMs <= context.election.settings.voterAlertSeconds * 1000,
    corrections_left: voter.correctionsLeft(),
    key: voter.key(),
    amendments: context.election.amendments.length,
    paused: context.paused,
    keypad: ballot === undefined ? null : { place: ballot.keypad.place, digits: ballot.keypad.digits },
  };
}

export const ballotView = ({
  election,
  pictures,
}: Pick<VotingContext, 'election' | 'pictures'>): BallotView => ({
  contests: election.package.contests.map((contest, index) => ({
    id: contest.id,
    title: contest.title,
    seats: contest.seats,
    choices_max: contest.choicesMax,
    blank_allowed: contest.blankAllowed,
    code_digits: contest.codeDigits,
    candidates: (election.candidateLists[index]?.candidates ?? []).map((candidate, i) => ({
      code: candidate.code,
      name: candidate.name,
      list: candidate.list ?? null,
      withdrawn: election.withdrawn[index]?.has(i) ?? false,
      picture: pictures.placeOf[index]?.[i] ?? null,
    })),
  })),
});
