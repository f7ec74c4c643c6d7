import { Button, Notice, Panel, SegmentedChoice, StatusPill } from '@sandoq/kit';
import { useState } from 'react';
import { Input, Label, TextField } from 'react-aria-components';
import type { OfficerView } from '../../contract/voting.ts';
import { useCaller, useCodes, useStationTexts } from '../station.ts';
import { type ApprovalStep, isSigned } from './day.ts';
import { PinPad } from './pins.tsx';
import { CallerRefusal } from './refusal.tsx';

type Slot = 'first' | 'second';

/** The two slots of the reader at the box: whose card is in each, and whether it has approved. */
export function RoleCards({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const codes = useCodes();
  return (
    <ul className="st-slots" aria-label={t('slots.label')}>
      {voting.role_cards.map((card) => {
        const hasApproved = voting.approvals.some(({ role }) => role === card.role);
        return (
          <li key={card.slot} data-present={card.present || undefined}>
            <span className="st-slot-name">{t(`slot.${card.slot}`)}</span>
            <strong>
              {!card.present
                ? t('slot.empty')
                : card.reading
                  ? t('slot.reading')
                  : card.role === null
                    ? t('slot.unknown')
                    : codes.role(card.role)}
            </strong>
            <StatusPill status={hasApproved ? 'good' : card.role !== null ? 'info' : 'off'}>
              {t(
                hasApproved
                  ? 'slot.approved'
                  : card.role !== null
                    ? 'slot.ready'
                    : card.present
                      ? 'slot.asked'
                      : 'slot.waiting',
              )}
            </StatusPill>
          </li>
        );
      })}
      {voting.approvals
        .filter(({ role }) => !voting.role_cards.some((card) => card.role === role))
        .map(({ role }) => (
          <li key={role}>
            <span className="st-slot-name">{t('slot.taken')}</span>
            <strong>{codes.role(role)}</strong>
            <StatusPill status="good">{t('slot.approved')}</StatusPill>
          </li>
        ))}
    </ul>
  );
}

const REMARK_LENGTH_MAX = 500;

/** What a role thinks of the minutes: it may refuse, and say why. */
function useOpinion() {
  const [verdict, setVerdict] = useState<'approve' | 'refuse'>('approve');
  const [remark, setRemark] = useState('');
  const forget = (): void => {
    setVerdict('approve');
    setRemark('');
  };
  return { verdict, setVerdict, remark, setRemark, forget };
}

function Opinion({ verdict, setVerdict, remark, setRemark }: ReturnType<typeof useOpinion>) {
  const t = useStationTexts();
  return (
    <>
      <SegmentedChoice
        label={t('approve.verdict')}
        value={verdict}
        onChange={setVerdict}
        options={[
          { id: 'approve', label: t('approve.verdict.approve') },
          { id: 'refuse', label: t('approve.verdict.refuse') },
        ]}
      />
      <TextField
        className="kit-field"
        value={remark}
        onChange={setRemark}
        maxLength={REMARK_LENGTH_MAX}
        autoComplete="off"
      >
        <Label>{t('approve.remark')}</Label>
        <Input className="kit-input" spellCheck="false" />
      </TextField>
    </>
  );
}

/** One step that several role cards approve, each with its PIN. The slip may be refused, with a remark. */
export function ApprovalPanel({
  voting,
  step,
}: {
  readonly voting: OfficerView;
  readonly step: ApprovalStep;
}) {
  const t = useStationTexts();
  const codes = useCodes();
  const caller = useCaller();
  const open = voting.role_cards.filter(
    ({ present, role }) => present && !voting.approvals.some((approval) => approval.role === role),
  );
  const [picked, setPicked] = useState<Slot>('first');
  const slot: Slot = open.some((card) => card.slot === picked) ? picked : (open[0]?.slot ?? picked);
  const card = voting.role_cards.find((each) => each.slot === slot);
  const opinion = useOpinion();
  // The two who must sign have signed: others may, and then the day goes on.
  const isDone = step === 'slip' && isSigned(voting);
  const isRefusal = step === 'slip' && opinion.verdict === 'refuse';
  const approve = async (pin: string): Promise<void> => {
    const words = opinion.remark.trim();
    const done = await caller.run('step.approve', {
      slot,
      pin,
      ...(isRefusal ? { refused: true } : {}),
      ...(step === 'slip' && words !== '' ? { remark: words } : {}),
    });
    if (done !== undefined) opinion.forget();
  };
  return (
    <Panel title={t(`approve.${step}.title`)}>
      <p>{t(`approve.${step}.lead`)}</p>
      <CallerRefusal caller={caller} />
      <div className="st-approve">
        <div className="st-stack">
          <RoleCards voting={voting} />
          {open.length > 0 ? null : isDone ? (
            <Notice
              kind="success"
              title={t('approve.slip.done')}
              next={t('approve.slip.done.do')}
              isAnnounced
            />
          ) : (
            <Notice kind="info" title={t('approve.no_card')} next={t('approve.no_card.do')} />
          )}
          {open.length === 2 ? (
            <SegmentedChoice
              label={t('approve.who')}
              value={slot}
              onChange={setPicked}
              options={open.map((each) => ({
                id: each.slot,
                label: each.role === null ? t(`slot.${each.slot}`) : codes.role(each.role),
              }))}
            />
          ) : null}
          {step === 'slip' ? <Opinion {...opinion} /> : null}
        </div>
        <div className="st-stack">
          <PinPad
            key={slot}
            label={t('pin.of', { role: card?.role == null ? t(`slot.${slot}`) : codes.role(card.role) })}
            description={t('pin.description')}
            submitLabel={t(isRefusal ? 'approve.refuse' : 'approve.approve')}
            isBusy={caller.isBusy || open.length === 0}
            onSubmit={(pin) => void approve(pin)}
          />
        </div>
      </div>
      <Button
        {...(isDone ? { kind: 'primary' as const } : {})}
        onPress={() => void caller.run('step.cancel', {})}
      >
        {t(step === 'slip' ? 'approve.slip.end' : 'approve.cancel')}
      </Button>
    </Panel>
  );
}
