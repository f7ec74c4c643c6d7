import { Button, Dialog, Icon, Notice, Panel, Progress } from '@sandoq/kit';
import { useEffect, useRef } from 'react';
import type { AdmissionView } from '../../contract/admission.ts';
import { type Caller, useCaller, useCodes, useStationTexts } from '../station.ts';
import { Elsewhere, Exposure } from './claims.tsx';
import { ByHand, Person, Presses, Proof } from './desk-person.tsx';
import type { Officer } from './officers.ts';
import { PinPad, TwoPins } from './pins.tsx';
import { CallerRefusal, RefusalNotice } from './refusal.tsx';
import { TerminalsStanding } from './terminals.tsx';

/** Without package or roll nobody can be admitted, and no card of anybody's opens the desk: what is wrong is said. */
export function DeskFault({ admission }: { readonly admission: AdmissionView | null }) {
  if (admission?.fault === undefined) return null;
  return <RefusalNotice refusal={admission.fault} />;
}

/** Opens the admission side: both role cards in the desk's reader, both PINs. */
export function DeskOpening({
  admission,
  mode,
}: {
  readonly admission: AdmissionView;
  readonly mode: 'rehearsal' | 'official';
}) {
  const t = useStationTexts();
  const codes = useCodes();
  const caller = useCaller();
  return (
    <Panel title={t('desk.open.title')}>
      <p>{t('desk.open.lead')}</p>
      <CallerRefusal caller={caller} />
      <TwoPins
        parties={[
          { id: 'executive', label: codes.role('executive'), hasCard: admission.slots.executive },
          { id: 'supervisor', label: codes.role('supervisor'), hasCard: admission.slots.supervisor },
        ]}
        submitLabel={t('desk.open')}
        isBusy={caller.isBusy}
        onComplete={(pins) =>
          void caller.run('admission.open', {
            mode,
            executive_pin: pins.executive,
            supervisor_pin: pins.supervisor,
          })
        }
      />
    </Panel>
  );
}

/** The role of this window unlocks its own card again; the other role does so at its own screen. */
export function Unlock({ admission, role }: { readonly admission: AdmissionView; readonly role: Officer }) {
  const t = useStationTexts();
  const codes = useCodes();
  const caller = useCaller();
  const other = role === 'executive' ? 'supervisor' : 'executive';
  if (admission.unlocked[role]) {
    return (
      <Notice
        kind="warning"
        title={t('desk.other_locked', { role: codes.role(other) })}
        next={t('desk.other_locked.do')}
      />
    );
  }
  return (
    <Panel title={t('desk.unlock.title')}>
      <p>{t(admission.slots[role] ? 'desk.unlock.lead' : 'desk.unlock.insert')}</p>
      <CallerRefusal caller={caller} />
      <PinPad
        label={t('pin.of', { role: codes.role(role) })}
        description={t('pin.description')}
        submitLabel={t('desk.unlock')}
        isBusy={caller.isBusy}
        onSubmit={(pin) => void caller.run('role.unlock', { role, pin })}
      />
    </Panel>
  );
}

const BACK_REASONS = ['returned', 'spoiled', 'abandoned'] as const;

/** A card that comes back to the desk: which of three things happened. */
export function TakeBack({ onClose }: { readonly onClose: () => void }) {
  const t = useStationTexts();
  const caller = useCaller();
  return (
    <Dialog
      isOpen
      title={t('back.title')}
      onClose={onClose}
      actions={<Button onPress={onClose}>{t('button.back')}</Button>}
    >
      <p>{t('back.lead')}</p>
      <CallerRefusal caller={caller} />
      <ul className="st-reasons">
        {BACK_REASONS.map((reason) => (
          <li key={reason}>
            <Button
              isWide
              isBusy={caller.isBusy}
              onPress={() =>
                void caller.run('tarefe.take_back', { reason }).then((done) => {
                  if (done !== undefined) onClose();
                })
              }
            >
              {t(`back.${reason}`)}
            </Button>
            <p>{t(`back.${reason}.lead`)}</p>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Idle({ admission, caller }: { readonly admission: AdmissionView; readonly caller: Caller }) {
  const t = useStationTexts();
  return (
    <>
      <div className="st-invite" data-ready={admission.slots.document || undefined}>
        <Icon name="person" />
        <p className="st-invite-title">
          {t(admission.slots.document ? 'desk.document.in' : 'desk.document.wait')}
        </p>
        <p>{t(admission.slots.document ? 'desk.document.in.lead' : 'desk.document.wait.lead')}</p>
        <Button
          kind="primary"
          isBusy={caller.isBusy}
          isDisabled={!admission.slots.document}
          onPress={() => void caller.run('person.read', {})}
        >
          {t('desk.read')}
        </Button>
      </div>
      <ByHand />
    </>
  );
}

/** What an interruption left open, and no card answers: both roles say that she has hers. */
function HandedOver({ caller }: { readonly caller: Caller }) {
  const t = useStationTexts();
  return (
    <>
      <Button isBusy={caller.isBusy} onPress={() => void caller.run('tarefe.handed_over', {})}>
        {t('desk.handed_over')}
      </Button>
      <p>{t('desk.handed_over.lead')}</p>
    </>
  );
}

function Tarefe({
  admission,
  role,
  caller,
}: {
  readonly admission: AdmissionView;
  readonly role: Officer;
  readonly caller: Caller;
}) {
  const t = useStationTexts();
  return (
    <>
      {admission.refusal === null ? null : <RefusalNotice refusal={admission.refusal} about="person" />}
      <Person admission={admission} caller={caller} />
      {admission.slots.tarefe ? (
        <Presses admission={admission} role={role} caller={caller} />
      ) : (
        <Notice kind="info" title={t('tarefe.lay')} next={t('tarefe.lay.do')} />
      )}
    </>
  );
}

/** Steps after which the document in the slot, another one or the same, is read once more. */
const READ_AGAIN_AFTER = new Set(['lay_other_document', 'enter_by_hand', 'ask_to_wait']);
const BY_HAND_AFTER = new Set(['enter_by_hand', 'compare_code']);

function DeskBody({
  admission,
  role,
  caller,
}: {
  readonly admission: AdmissionView;
  readonly role: Officer;
  readonly caller: Caller;
}) {
  const t = useStationTexts();
  switch (admission.state) {
    case 'idle':
      return <Idle admission={admission} caller={caller} />;
    case 'reading':
      return <Progress label={t('desk.reading')} />;
    case 'needs_proof':
      return <Proof admission={admission} caller={caller} />;
    case 'refused':
      return (
        <>
          {admission.refusal === null ? null : <RefusalNotice refusal={admission.refusal} about="person" />}
          <Person admission={admission} caller={caller} />
          {admission.slots.document && READ_AGAIN_AFTER.has(admission.next.code) ? (
            <Button isBusy={caller.isBusy} onPress={() => void caller.run('person.read', {})}>
              {t('desk.read_again')}
            </Button>
          ) : null}
          {BY_HAND_AFTER.has(admission.next.code) ? <ByHand /> : null}
        </>
      );
    case 'identified':
    case 'awaiting_approvals':
      return <Tarefe admission={admission} role={role} caller={caller} />;
    case 'arming':
      return admission.refusal === null ? (
        <Progress label={t('desk.arming')} />
      ) : (
        <>
          <RefusalNotice refusal={admission.refusal} about="person" />
          <Person admission={admission} caller={caller} />
        </>
      );
    case 'done':
      return <Idle admission={admission} caller={caller} />;
    case 'armed':
      return (
        <>
          <Notice kind="success" title={t('tarefe.armed')} next={t('tarefe.armed.do')} isAnnounced />
          <Person admission={admission} caller={caller} />
        </>
      );
  }
}

const CANCELLED_BELOW: readonly AdmissionView['state'][] = [
  'identified',
  'awaiting_approvals',
  'armed',
  'refused',
];

/** The admission desk: one person at a time, from document to armed card. */
export function Desk({ admission, role }: { readonly admission: AdmissionView; readonly role: Officer }) {
  const t = useStationTexts();
  const caller = useCaller();
  const isLocked = !admission.unlocked.executive || !admission.unlocked.supervisor;
  const isOver = admission.state === 'armed' || admission.state === 'refused';
  const place = useRef<HTMLDivElement>(null);
  const { state } = admission;
  // A new state begins at its top, wherever the officer had scrolled to for the last press.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state is what it follows
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [state]);
  if (isLocked && admission.state !== 'armed')
    return (
      <div className="st-desk">
        <TerminalsStanding admission={admission} />
        <Unlock admission={admission} role={role} />
      </div>
    );
  return (
    <div ref={place} className="st-desk">
      <TerminalsStanding admission={admission} />
      <Panel title={t(`desk.state.${admission.state}`)}>
        <CallerRefusal caller={caller} />
        <DeskBody admission={admission} role={role} caller={caller} />
        <Elsewhere admission={admission} />
        {admission.in_hand === true ? <HandedOver caller={caller} /> : null}
        {CANCELLED_BELOW.includes(admission.state) && admission.in_hand !== true ? (
          <Button
            kind={isOver ? 'primary' : 'quiet'}
            isBusy={caller.isBusy}
            onPress={() => void caller.run('person.cancel', {})}
          >
            {t(isOver ? 'desk.next_person' : 'desk.cancel')}
          </Button>
        ) : null}
      </Panel>
      <Exposure admission={admission} />
    </div>
  );
}
