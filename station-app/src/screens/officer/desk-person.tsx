/** What the desk shows of one person: entering by hand, proof, particulars, the two presses. */
import {
  Button,
  Dialog,
  Icon,
  Keypad,
  Notice,
  NumberField,
  SegmentedChoice,
  StatusPill,
  useRoot,
} from '@sandoq/kit';
import {
  epochDayToSolarHijri,
  formatSolarHijriNumeric,
  type Locale,
  localizeDigits,
  NATIONAL_CODE_DIGITS,
  parseNationalCode,
} from '@sandoq/protocol/persian';
import { useState } from 'react';
import { type AdmissionView, DOCUMENT_FINDINGS, type DocumentFinding } from '../../contract/admission.ts';
import { type Caller, useCaller, useCodes, useStationTexts } from '../station.ts';
import { OFFICERS, type Officer } from './officers.ts';
import { PinPad } from './pins.tsx';
import { CallerRefusal, RefusalNotice } from './refusal.tsx';

const DOCUMENTS = [
  'national_card_chipless',
  'shenasnameh',
  'passport',
  'driving_licence',
  'military_card',
  'code_only',
] as const;
type TypedDocument = (typeof DOCUMENTS)[number];

/** A document that the officers' own eyes refuse: worn, forged, somebody else's, of another state. */
function Decline({ caller, onDone }: { readonly caller: Caller; readonly onDone: () => void }) {
  const t = useStationTexts();
  const [finding, setFinding] = useState<DocumentFinding>('worn');
  return (
    <div className="st-stack">
      <p>{t('enter.decline.lead')}</p>
      <SegmentedChoice
        label={t('enter.decline')}
        value={finding}
        onChange={setFinding}
        options={DOCUMENT_FINDINGS.map((id) => ({ id, label: t(`finding.${id}`) }))}
      />
      <Button
        isBusy={caller.isBusy}
        onPress={() =>
          void caller.run('person.decline', { finding }).then((done) => {
            if (done !== undefined) onDone();
          })
        }
      >
        {t('enter.decline.confirm')}
      </Button>
    </div>
  );
}

/** A foreign national's inclusive code is longer: typed whole, it is told what it is. */
const INCLUSIVE_CODE_DIGITS = 12;

/** A document whose chip cannot be read, or none: the code typed by hand. */
function EnterByHand({ onClose }: { readonly onClose: () => void }) {
  const t = useStationTexts();
  const caller = useCaller();
  const [code, setCode] = useState('');
  const [document, setDocument] = useState<TypedDocument>('shenasnameh');
  const [isDeclining, setDeclining] = useState(false);
  const isComplete = code.length === INCLUSIVE_CODE_DIGITS || parseNationalCode(code, { length: 'exact' }).ok;
  const isWrong = code.length >= NATIONAL_CODE_DIGITS && !isComplete;
  const enter = async (): Promise<void> => {
    if ((await caller.run('person.enter', { national_code: code, document })) !== undefined) onClose();
  };
  return (
    <Dialog
      isOpen
      title={t('enter.title')}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('button.back')}</Button>
          {isDeclining ? null : <Button onPress={() => setDeclining(true)}>{t('enter.decline')}</Button>}
        </>
      }
    >
      <CallerRefusal caller={caller} />
      {isDeclining ? <Decline caller={caller} onDone={onClose} /> : null}
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
        maxDigits={INCLUSIVE_CODE_DIGITS}
        {...(isWrong ? { error: t('enter.code.wrong') } : { description: t('enter.code.description') })}
        onEnter={() => void (isComplete && enter())}
      />
      <Keypad
        label={t('enter.code')}
        value={code}
        onChange={setCode}
        maxDigits={INCLUSIVE_CODE_DIGITS}
        onEnter={() => void enter()}
        enterLabel={t('enter.find')}
        isEnterDisabled={!isComplete || caller.isBusy}
      />
    </Dialog>
  );
}

/** Another document than the one that was read, or none: typed by the officer, or declined by what she sees. */
export function ByHand() {
  const t = useStationTexts();
  const [isEntering, setEntering] = useState(false);
  return (
    <>
      <Button onPress={() => setEntering(true)}>{t('desk.by_hand')}</Button>
      {isEntering ? <EnterByHand onClose={() => setEntering(false)} /> : null}
    </>
  );
}

const DAY_MS = 86_400_000;

/** A record's date (2004-08-25) as people here write it; what is no such date is shown as it came. */
export function writeBirthDate(date: string, locale: Locale): string {
  const instant = /^(?:19[3-9]|20)\d+-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(instant)) return localizeDigits(date, locale);
  return formatSolarHijriNumeric(epochDayToSolarHijri(Math.floor(instant / DAY_MS)), locale);
}

export function Person({
  admission,
  caller,
}: {
  readonly admission: AdmissionView;
  readonly caller: Caller;
}) {
  const t = useStationTexts();
  const codes = useCodes();
  const { locale } = useRoot();
  const [isHelped, setHelped] = useState(false);
  const person = admission.person;
  if (person === null) return null;
  const style = person.style === null ? undefined : admission.styles[person.style];
  const facts = [
    [t('person.code'), localizeDigits(person.national_code, locale)],
    ...(person.birth_date === null ? [] : [[t('person.birth'), writeBirthDate(person.birth_date, locale)]]),
    [t('person.document'), codes.find(`document.${person.document}`) ?? person.document],
    ...(style === undefined ? [] : [[t('person.ballot'), style.name[locale]]]),
  ];
  return (
    <div className="st-person">
      <span className="st-person-picture" aria-hidden="true">
        <Icon name="person" />
      </span>
      <div>
        <p className="st-person-name">{person.name === '' ? t('person.name_on_document') : person.name}</p>
        {style === undefined ? null : (
          <StatusPill status="info">{t(person.visiting ? 'person.visiting' : 'person.local')}</StatusPill>
        )}
      </div>
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
      <dl className="st-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Two presses, each at its own window: nobody arms a card alone. */
export function Presses({
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

export function Proof({ admission, caller }: { readonly admission: AdmissionView; readonly caller: Caller }) {
  const t = useStationTexts();
  return (
    <div className="st-approve">
      <div className="st-stack">
        {admission.refusal === null ? null : <RefusalNotice refusal={admission.refusal} about="person" />}
        <Person admission={admission} caller={caller} />
        <p className="st-large">{t('proof.title')}</p>
        <p>{t('proof.lead')}</p>
        <Button
          kind="primary"
          isBusy={caller.isBusy}
          onPress={() => void caller.run('person.prove', { fingerprint: true })}
        >
          {t('proof.fingerprint')}
        </Button>
        <ByHand />
        <Button isBusy={caller.isBusy} onPress={() => void caller.run('person.cancel', {})}>
          {t('desk.cancel')}
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
