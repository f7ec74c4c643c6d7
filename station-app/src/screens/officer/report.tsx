/** A written report of somebody who watches. With the author's role card it is signed; without one it stands as it is. */
import { Button, Notice, Panel, SegmentedChoice } from '@sandoq/kit';
import { useState } from 'react';
import { Label, TextArea, TextField } from 'react-aria-components';
import { REPORTERS, type Reporter } from '../../contract/codes.ts';
import { type OfficerView, REPORT_LENGTH_MAX } from '../../contract/voting.ts';
import { useCaller, useCodes, useStationTexts } from '../station.ts';
import { PinPad } from './pins.tsx';
import { CallerRefusal } from './refusal.tsx';

type Card = 'none' | 'first' | 'second';

/** @param reporters who may write here without a card */
export function ReportForm({
  voting,
  reporters = REPORTERS,
}: {
  readonly voting: OfficerView;
  readonly reporters?: readonly Reporter[];
}) {
  const t = useStationTexts();
  const codes = useCodes();
  const caller = useCaller();
  const [text, setText] = useState('');
  const [as, setAs] = useState<Reporter>(reporters[0] as Reporter);
  const [card, setCard] = useState<Card>('none');
  const [filed, setFiled] = useState<number | null>(null);
  const present = voting.role_cards.filter((each) => each.present);
  const chosen = present.find(({ slot }) => slot === card);
  const isEmpty = text.trim() === '';
  const file = async (pin: string | null): Promise<void> => {
    const done = await caller.run('report.file', {
      text: text.trim(),
      as,
      card: chosen === undefined || pin === null ? null : { slot: chosen.slot, pin },
    });
    if (done === undefined) return;
    setFiled(done.number);
    setText('');
    setCard('none');
  };
  return (
    <Panel title={t('report.title')}>
      <p>{t('report.lead')}</p>
      <CallerRefusal caller={caller} />
      {filed === null ? null : (
        <Notice
          kind="success"
          title={t('report.filed', { number: filed })}
          next={t('report.filed.do')}
          isAnnounced
        />
      )}
      <TextField className="kit-field" value={text} onChange={setText} maxLength={REPORT_LENGTH_MAX}>
        <Label>{t('report.text')}</Label>
        <TextArea className="kit-input st-report" rows={4} spellCheck="false" />
      </TextField>
      <SegmentedChoice
        label={t('report.sign')}
        value={chosen === undefined ? 'none' : card}
        onChange={setCard}
        options={[
          { id: 'none' as const, label: t('report.sign.none') },
          ...present.map((each) => ({
            id: each.slot,
            label: each.role === null ? t(`slot.${each.slot}`) : codes.role(each.role),
          })),
        ]}
      />
      {chosen === undefined ? (
        <>
          <SegmentedChoice
            label={t('report.as')}
            value={as}
            onChange={setAs}
            options={reporters.map((role) => ({ id: role, label: codes.role(role) }))}
          />
          <Button kind="primary" isBusy={caller.isBusy} isDisabled={isEmpty} onPress={() => void file(null)}>
            {t('report.file')}
          </Button>
        </>
      ) : (
        <PinPad
          key={chosen.slot}
          label={t('pin.of', {
            role: chosen.role === null ? t(`slot.${chosen.slot}`) : codes.role(chosen.role),
          })}
          description={t('pin.description')}
          submitLabel={t('report.file_signed')}
          isBusy={caller.isBusy || isEmpty}
          onSubmit={(pin) => void file(pin)}
        />
      )}
    </Panel>
  );
}
