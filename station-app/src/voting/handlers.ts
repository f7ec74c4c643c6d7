/** The contract's calls, each handed to the part that knows; what a call may do in which phase is that part's to refuse. */
import { encodeCbor } from '@sandoq/protocol';
import { type Handlers, Refused } from '../contract/socket.ts';
import type { VotingCalls } from '../contract/voting.ts';
import type { ReportPrinter } from '../devices/report-printer.ts';
import { picturesFrom } from '../stores/candidate-pictures.ts';
import type { Outbox } from '../sync/outbox.ts';
import type { Amending } from './amending.ts';
import type { Casting } from './casting.ts';
import { beginClosing, beginClosingDoors, closeStatementDigest } from './closing.ts';
import { setFault, type VotingContext } from './context.ts';
import { makeBundle, missingSlipRoles, runCount } from './counting.ts';
import { attestDeed, fileReport, pauseVoting, resumeVoting, tryCard } from './day-book.ts';
import { loadPackage } from './loading.ts';
import { beginSlipApprovals, writeMinutes } from './minutes.ts';
import { beginOpening, OPENING_ROLES } from './opening.ts';
import { printPaper } from './papers.ts';
import { runRecount, type SpawnRecount } from './recounting.ts';
import type { RoleSteps } from './role-step.ts';
import { ballotView } from './views.ts';
import type { VoterSession } from './voter-session.ts';

export interface VotingParts {
  readonly context: VotingContext;
  readonly steps: RoleSteps;
  readonly casting: Casting;
  readonly voter: VoterSession;
  readonly amending: Amending;
  readonly outbox: Outbox;
  readonly hasProvince: boolean;
  readonly spawnRecount: SpawnRecount;
  readonly reportPrinter: ReportPrinter | null;
  readonly scrubSoon: () => void;
}

/** The voter went away with her paper in the window: two roles keep it back. */
function beginAbandon({ context, steps, casting }: VotingParts): void {
  const inWindow = context.box?.paper === 'in_window' || context.records.pending() !== undefined;
  if (context.station.state() !== 'open' || !inWindow) throw new Refused('nothing_to_abandon');
  // The card is the admission side's to take back; without it the box accepts the approval of the CloseStatement.
  if (context.box?.pad === 'card') throw new Refused('card_on_pad');
  steps.begin({
    name: 'abandon',
    action: 'abandon_ballot',
    digest: closeStatementDigest(context),
    roles: OPENING_ROLES,
    open: false,
    onComplete: async (approvals) => {
      const reply = await context.link.request('abandon', { approvals });
      if (!reply.ok) throw new Refused(reply.fault);
      await casting.reconcile();
    },
    onEnd: () => undefined,
  });
}

async function acknowledge({ context, casting, voter }: VotingParts): Promise<void> {
  if (casting.state() === 'unresolved') {
    await casting.reconcile();
    return;
  }
  setFault(context, undefined);
  if (voter.state() === 'officer_needed') voter.dismiss();
}

async function send({ context, steps, outbox, hasProvince }: VotingParts): Promise<{ state: string }> {
  if (context.closing.state() === 'finished') return { state: 'received' };
  if (context.closing.state() !== 'counted') throw new Refused('wrong_phase');
  const missing = missingSlipRoles(context);
  if (missing.length > 0) throw new Refused('approvals_missing', missing.join(' '));
  if (steps.current()?.name === 'slip') steps.cancel();
  // The first bundle is the bundle: intake takes one, and a repeat must be the same bytes.
  const bundle = context.state.fact('bundle') ?? makeBundle(context);
  writeMinutes(context);
  // Without a line the bundle in out/ is carried by hand.
  if (!hasProvince) return { state: 'by_hand' };
  const sent = await outbox.send(bundle);
  return { state: sent.state };
}

const none = (_: unknown): Record<string, never> => ({});

type Voter = 'voter.choose' | 'voter.touch' | 'voter.review' | 'voter.print' | 'voter.leave' | 'voter.await';

function voterHandlers(voter: VoterSession): Pick<Handlers<VotingCalls>, Voter> {
  return {
    'voter.choose': ({ contest, choice }) => none(voter.choose(contest, choice)),
    'voter.touch': ({ place }) => {
      if (place !== undefined) voter.turnTo(place);
      return none(voter.touch());
    },
    'voter.review': ({ open }) => none(voter.review(open)),
    'voter.print': async () => ({ phase: await voter.print() }),
    'voter.leave': () => none(voter.leave()),
    'voter.await': async ({ from }) => {
      const phase = await voter.changeFrom([from].flat());
      return { phase, code: voter.code() };
    },
  };
}

type DayBook =
  | 'card.try'
  | 'deed.attest'
  | 'voting.pause'
  | 'voting.resume'
  | 'amendment.apply'
  | 'report.file';

function dayBookHandlers({ context, voter, amending }: VotingParts): Pick<Handlers<VotingCalls>, DayBook> {
  return {
    'card.try': async ({ slot, pin }) => ({ role: await tryCard(context, slot, pin) }),
    'deed.attest': ({ deed, done }) => none(attestDeed(context, deed, done)),
    'voting.pause': ({ reason }) => {
      pauseVoting(context, reason);
      return none(voter.refresh());
    },
    'voting.resume': () => {
      resumeVoting(context);
      return none(voter.refresh());
    },
    'amendment.apply': ({ record }) => amending.apply(record),
    'report.file': (report) => fileReport(context, report),
  };
}

export function votingHandlers(parts: VotingParts): Handlers<VotingCalls> {
  const { context, steps, voter, casting } = parts;
  const ballotInHand = (): boolean => casting.state() !== 'idle' || voter.ballot() !== undefined;
  /** The phase may have changed: whether voters may lay cards is looked at again. */
  const andRefresh = async <Value>(deed: () => Value | Promise<Value>): Promise<Value> => {
    try {
      return await deed();
    } finally {
      voter.refresh();
    }
  };
  return {
    'package.load': async () => none(await loadPackage(context)),
    'opening.begin': async ({ mode, seals }) => {
      await beginOpening(context, steps, mode);
      context.state.commit({ facts: { opening_seals: encodeCbor(seals) } });
      return {};
    },
    'step.approve': (press) => andRefresh(() => steps.press(press)),
    'step.cancel': () => andRefresh(() => none(steps.cancel())),
    'doors.close_begin': () => none(beginClosingDoors(context, steps)),
    'close.begin': ({ amendment }) =>
      andRefresh(() => none(beginClosing(context, steps, ballotInHand, amendment))),
    'count.run': (input) => runCount(context, input).finally(parts.scrubSoon),
    'recount.run': (input) => runRecount(context, parts.spawnRecount, input),
    'slip.approve_begin': () => none(beginSlipApprovals(context, steps)),
    'slip.send': () => send(parts),
    'paper.print': (order) => printPaper(context, parts.reportPrinter, order),
    'abandon.begin': () => none(beginAbandon(parts)),
    ...dayBookHandlers(parts),
    'fault.acknowledge': async () => none(await acknowledge(parts)),
    'ballot.read': () => ballotView(context),
    'pictures.read': ({ from }) => picturesFrom(context.pictures, from),
    ...voterHandlers(voter),
  };
}
