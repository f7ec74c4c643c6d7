import {
  Button,
  Dialog,
  Icon,
  Keypad,
  Notice,
  NumberField,
  Panel,
  Progress,
  SegmentedChoice,
  StatusPill,
  useRoot,
} from '@sandoq/kit';
import { localizeDigits, parseNationalCode } from '@sandoq/protocol/persian';
import { useState } from 'react';
import type { AdmissionView } from '../../contract/admission.ts';
import type { ScreenRole } from '../../contract/contract.ts';
import { type Caller, useCaller, useCodes, useStationTexts } from '../station.ts';
import { PinPad, TwoPins } from './pins.tsx';
import { CallerRefusal, RefusalNotice } from './refusal.tsx';

type Officer = 'executive' | 'supervisor';
export const OFFICERS: readonly Officer[] = ['executive', 'supervisor'];
export const isOfficer = (role: ScreenRole | null): role is Officer =>
  role === 'executive' || role === 'supervisor';

const DOCUMENTS = [
  'national_card_chipless',
  'shenasnameh',
  'passport',
  'driving_licence',
  'military_card',
  'code_only',
] as const;
type TypedDocument = (typeof DOCUMENTS)[number];

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
      <div className="st-approve">
        <ul className="st-slots" aria-label={t('desk.slots')}>
          {OFFICERS.map((role) => (
            <li key={role} data-present={admission.slots[role] || undefined}>
              <strong>{codes.role(role)}</strong>
              <StatusPill status={admission.slots[role] ? 'good' : 'off'}>
                {t(admission.slots[role] ? 'desk.card.in' : 'desk.card.out')}
              </StatusPill>
            </li>
          ))}
        </ul>
        <TwoPins
          parties={[
            { id: 'executive', label: codes.role('executive') },
            { id: 'supervisor', label: codes.role('supervisor') },
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
      </div>
    </Panel>
  );
}

/** The role of this window unlocks its own card again; the other role does so at its own screen. */
function Unlock({ admission, role }: { readonly admission: AdmissionView; readonly role: Officer }) {
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

/** A document whose chip cannot be read, or none: the code typed by hand. */
function EnterByHand({ onClose }: { readonly onClose: () => void }) {
  const t = useStationTexts();
  const caller = useCaller();
  const [code, setCode] = useState('');
  const [document, setDocument] = useState<TypedDocument>('shenasnameh');
  const parsed = parseNationalCode(code);
  const isWrong = code.length === 10 && !parsed.ok;
  const enter = async (): Promise<void> => {
    if ((await caller.run('person.enter', { national_code: code, document })) !== undefined) onClose();
  };
  return (
    <Dialog
      isOpen
      title={t('enter.title')}
      onClose={onClose}
      actions={<Button onPress={onClose}>{t('button.back')}</Button>}
    >
      <CallerRefusal caller={caller} />
      <SegmentedChoice
        label={t('enter.document')}
        value={document}
        onChange={setDocument}
        options={DOCUMENTS.map((id) => ({ id, label: t(`document.${id}`) }))}
      />
      {document === 'code_only' ? (
        <Notice kind="warning" title={t('enter.code_only')}>
          {t('enter.code_only.lead')}
        </Notice>
      ) : null}
      <NumberField
        label={t('enter.code')}
        value={code}
        onChange={setCode}
        maxDigits={10}
        {...(isWrong ? { error: t('enter.code.wrong') } : { description: t('enter.code.description') })}
        onEnter={() => void (parsed.ok && enter())}
      />
      <Keypad
        label={t('enter.code')}
        value={code}
        onChange={setCode}
        maxDigits={10}
        onEnter={() => void enter()}
        enterLabel={t('enter.find')}
        isEnterDisabled={!parsed.ok || caller.isBusy}
      />
    </Dialog>
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

function Person({ admission, caller }: { readonly admission: AdmissionView; readonly caller: Caller }) {
  const t = useStationTexts();
  const codes = useCodes();
  const { locale } = useRoot();
  const [isHelped, setHelped] = useState(false);
  const person = admission.person;
  if (person === null) return null;
  const style = person.style === null ? undefined : admission.styles[person.style];
  const facts = [
    [t('person.code'), localizeDigits(person.national_code, locale)],
    ...(person.birth_date === null ? [] : [[t('person.birth'), localizeDigits(person.birth_date, locale)]]),
    [t('person.document'), codes.find(`document.${person.document}`) ?? person.document],
    [t('person.ballot'), style === undefined ? t('person.ballot.none') : style.name[locale]],
  ];
  return (
    <div className="st-person">
      <span className="st-person-picture" aria-hidden="true">
        <Icon name="person" />
      </span>
      <div>
        <p className="st-person-name">{person.name}</p>
        <StatusPill status="info">{t(person.visiting ? 'person.visiting' : 'person.local')}</StatusPill>
      </div>
      <dl className="st-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {admission.state === 'identified' || admission.state === 'awaiting_approvals' ? (
        <SegmentedChoice
          label={t('person.helped')}
          value={isHelped ? 'yes' : 'no'}
          onChange={(value) => {
            setHelped(value === 'yes');
            void caller.run('person.helped', { helped: value === 'yes' });
          }}
          options={[
            { id: 'no', label: t('person.helped.no') },
            { id: 'yes', label: t('person.helped.yes') },
          ]}
        />
      ) : null}
    </div>
  );
}

/** Two presses, each at its own window: nobody arms a card alone. */
function Presses({
  admission,
  role,
  caller,
}: {
  readonly admission: AdmissionView;
  readonly role: Officer;
  readonly caller: Caller;
}) {
  const t = useStationTexts();
  const codes = useCodes();
  return (
    <ul className="st-presses" aria-label={t('press.label')}>
      {OFFICERS.map((each) => {
        const isDone = admission.approvals[each];
        return (
          <li key={each} data-done={isDone || undefined}>
            <strong>{codes.role(each)}</strong>
            {isDone ? (
              <StatusPill status="good">{t('press.done')}</StatusPill>
            ) : each === role ? (
              <Button
                kind="primary"
                isBusy={caller.isBusy}
                isDisabled={!admission.slots.tarefe}
                onPress={() => void caller.run('tarefe.approve', { role: each })}
              >
                {t('press.approve')}
              </Button>
            ) : (
              <StatusPill status="busy">{t('press.waiting')}</StatusPill>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Idle({ admission, caller }: { readonly admission: AdmissionView; readonly caller: Caller }) {
  const t = useStationTexts();
  const [isEntering, setEntering] = useState(false);
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
      <Button onPress={() => setEntering(true)}>{t('desk.by_hand')}</Button>
      {isEntering ? <EnterByHand onClose={() => setEntering(false)} /> : null}
    </>
  );
}

function Proof({ caller }: { readonly caller: Caller }) {
  const t = useStationTexts();
  return (
    <div className="st-approve">
      <div className="st-stack">
        <p className="st-large">{t('proof.title')}</p>
        <p>{t('proof.lead')}</p>
        <Button
          kind="primary"
          isBusy={caller.isBusy}
          onPress={() => void caller.run('person.prove', { fingerprint: true })}
        >
          {t('proof.fingerprint')}
        </Button>
      </div>
      <PinPad
        label={t('proof.pin')}
        description={t('proof.pin.description')}
        submitLabel={t('proof.check')}
        isBusy={caller.isBusy}
        onSubmit={(pin) => void caller.run('person.prove', { pin })}
      />
    </div>
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
      <Person admission={admission} caller={caller} />
      {admission.slots.tarefe ? null : (
        <Notice kind="info" title={t('tarefe.lay')} next={t('tarefe.lay.do')} />
      )}
      <Presses admission={admission} role={role} caller={caller} />
    </>
  );
}

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
      return <Proof caller={caller} />;
    case 'refused':
      return admission.refusal === null ? null : <RefusalNotice refusal={{ code: admission.refusal.code }} />;
    case 'identified':
    case 'awaiting_approvals':
      return <Tarefe admission={admission} role={role} caller={caller} />;
    case 'arming':
      return <Progress label={t('desk.arming')} />;
    case 'armed':
    case 'done':
      return (
        <>
          <Notice kind="success" title={t('tarefe.armed')} next={t('tarefe.armed.do')} isAnnounced />
          <Person admission={admission} caller={caller} />
        </>
      );
  }
}

const canCancel = (state: AdmissionView['state']): boolean =>
  state !== 'idle' && state !== 'arming' && state !== 'reading';

/** The admission desk: one person at a time, from document to armed card. */
export function Desk({ admission, role }: { readonly admission: AdmissionView; readonly role: Officer }) {
  const t = useStationTexts();
  const caller = useCaller();
  const isLocked = !admission.unlocked.executive || !admission.unlocked.supervisor;
  const isOver = admission.state === 'armed' || admission.state === 'done' || admission.state === 'refused';
  if (isLocked) return <Unlock admission={admission} role={role} />;
  return (
    <Panel title={t(`desk.state.${admission.state}`)}>
      <CallerRefusal caller={caller} />
      <DeskBody admission={admission} role={role} caller={caller} />
      {canCancel(admission.state) ? (
        <Button
          kind={isOver ? 'primary' : 'quiet'}
          isBusy={caller.isBusy}
          onPress={() => void caller.run('person.cancel', {})}
        >
          {t(isOver ? 'desk.next_person' : 'desk.cancel')}
        </Button>
      ) : null}
    </Panel>
  );
}
