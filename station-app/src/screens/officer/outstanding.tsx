/** Before the admission side's sums are signed: cards that went out of the room are declared, so that the ledger holds. */
import { Button, Panel } from '@sandoq/kit';
import type { AdmissionView } from '../../contract/admission.ts';
import type { OfficerView } from '../../contract/voting.ts';
import { useCaller, useStationTexts } from '../station.ts';
import { outstandingCards } from './day.ts';
import { Unlock } from './desk.tsx';
import type { Officer } from './officers.ts';
import { CallerRefusal } from './refusal.tsx';

export function OutstandingCards({
  voting,
  admission,
  role,
}: {
  readonly voting: OfficerView;
  readonly admission: AdmissionView;
  readonly role: Officer;
}) {
  const t = useStationTexts();
  const caller = useCaller();
  const count = outstandingCards(admission, voting);
  // Without the box's counters every card would look as if it were out.
  if (voting.counters === null || admission.phase !== 'doors_closed' || count <= 0) return null;
  const isLocked = !admission.unlocked.executive || !admission.unlocked.supervisor;
  const abandoned = admission.ledger.abandoned + count;
  return (
    <Panel title={t('outstanding.title')}>
      <p>{t('outstanding.lead', { count })}</p>
      <CallerRefusal caller={caller} />
      {isLocked ? (
        <Unlock admission={admission} role={role} />
      ) : (
        <Button
          isBusy={caller.isBusy}
          onPress={() => void caller.run('tarefe.declare_abandoned', { abandoned })}
        >
          {t('outstanding.declare')}
        </Button>
      )}
    </Panel>
  );
}
