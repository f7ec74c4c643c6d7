import { Button, Dialog, DisplayControls, type DisplaySettings, Screen, StatusPill } from '@sandoq/kit';
import { type ReactNode, useState } from 'react';
import type { OfficerView } from '../../contract/voting.ts';
import { useClock, useStationTexts, useTopOf } from '../station.ts';
import { STAGES, type Stage } from './day.ts';

export interface FrameProps {
  readonly voting: OfficerView;
  readonly stage: Stage;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly next?: ReactNode;
  readonly actions?: ReactNode;
  readonly settings: DisplaySettings;
  readonly onSettings: (settings: DisplaySettings) => void;
  readonly children: ReactNode;
}

function DayBar({ stage, isFinished }: { readonly stage: Stage; readonly isFinished: boolean }) {
  const t = useStationTexts();
  const at = STAGES.indexOf(stage);
  return (
    <ol className="st-day" aria-label={t('day.label')}>
      {STAGES.map((each, index) => {
        const state = index < at || isFinished ? 'done' : index === at ? 'current' : 'waiting';
        return (
          <li key={each} data-state={state} aria-current={state === 'current' ? 'step' : undefined}>
            <span aria-hidden="true" className="st-day-mark" />
            {t(`day.${each}`)}
            <span className="kit-hidden"> {t(`day.state.${state}`)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** What stands around every officer's screen: where, when, how many votes, how far the day is, what is next. */
export function OfficerFrame(props: FrameProps) {
  const { voting, stage, title, lead, next, actions, settings, onSettings, children } = props;
  const t = useStationTexts();
  const clock = useClock(settings.locale);
  useTopOf(title);
  const [isOpen, setOpen] = useState(false);
  const isFinished = voting.phase === 'finished' && voting.outbox.state === 'received';
  return (
    <Screen
      election={voting.election.title[settings.locale]}
      station={t('station.named', {
        name: voting.station.name[settings.locale],
        id: voting.station.id,
      })}
      clock={clock}
      {...(voting.phase === 'no_package' ? {} : { publicCounter: voting.public_count })}
      title={title}
      {...(lead === undefined ? {} : { lead })}
      status={
        <>
          {voting.election.demonstration ? (
            <StatusPill status="info">{t('election.demonstration')}</StatusPill>
          ) : null}
          {voting.mode === null ? null : (
            <StatusPill status={voting.mode === 'official' ? 'good' : 'warning'}>
              {t(`mode.${voting.mode}`)}
            </StatusPill>
          )}
        </>
      }
      tools={
        <Button onPress={() => setOpen(true)}>
          <span>{t('display.looks')}</span> ·{' '}
          <span lang={settings.locale === 'fa' ? 'en' : 'fa'}>{t('display.short')}</span>
        </Button>
      }
      {...(next === undefined ? {} : { next })}
      {...(actions === undefined ? {} : { actions })}
    >
      <DayBar stage={stage} isFinished={isFinished} />
      {children}
      <Dialog
        isOpen={isOpen}
        title={t('display.title')}
        onClose={() => setOpen(false)}
        actions={
          <Button kind="primary" onPress={() => setOpen(false)}>
            {t('button.close')}
          </Button>
        }
      >
        <DisplayControls value={settings} onChange={onSettings} />
      </Dialog>
    </Screen>
  );
}
