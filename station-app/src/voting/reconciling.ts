/**
 * After each link-up the box is asked where it stands, before anything else: what we know and what it knows are brought
 * together, and a disagreement that cannot be explained has a name. Nothing is guessed.
 */
import { equalBytes, type wire } from '@sandoq/protocol';
import { doorsClosed, resumeClosing } from './closing.ts';
import { commitStage, note, SESSION_FAULTS, setFault, type VotingContext } from './context.ts';
import { resumeOpening } from './opening.ts';

const OPENED: readonly wire.Lifecycle[] = ['open', 'doors_closed', 'closed'];

async function beforeOpening(context: VotingContext, box: wire.StatusReply): Promise<void> {
  if (OPENED.includes(box.lifecycle)) {
    const explained = await resumeOpening(context);
    if (explained) note(context, { event: 'reconciled' });
    setFault(context, explained ? undefined : 'box_session_differs');
    return;
  }
  if (
    context.station.state() === 'loaded' &&
    (box.lifecycle === 'provisioned' || !context.link.status().proved)
  )
    commitStage(context, { station: { type: 'PACKAGE_FORGOTTEN' } });
  if (context.fault !== undefined && SESSION_FAULTS.has(context.fault)) setFault(context, undefined);
}

async function afterOpening(context: VotingContext, box: wire.StatusReply): Promise<void> {
  const ours = context.session?.value.sessionId;
  if (ours === undefined || box.sessionId === undefined || !equalBytes(ours, box.sessionId)) {
    setFault(context, 'box_session_differs');
    return;
  }
  if (context.fault !== undefined && SESSION_FAULTS.has(context.fault)) setFault(context, undefined);
  const stage = context.closing.state();
  if (box.lifecycle === 'doors_closed' && (stage === 'open' || stage === 'closing_doors')) {
    doorsClosed(context);
    note(context, { event: 'reconciled' });
  }
  if (box.lifecycle !== 'closed' || context.commitment !== undefined) return;
  if (await resumeClosing(context)) note(context, { event: 'reconciled' });
  else setFault(context, 'box_closed_before_station');
}

/** @returns whether the box has told where it stands */
export async function reconcileWithBox(context: VotingContext): Promise<boolean> {
  const status = await context.link.request('status', {});
  if (!status.ok) return false;
  if (context.station.state() === 'open') await afterOpening(context, status.value);
  else await beforeOpening(context, status.value);
  return true;
}
