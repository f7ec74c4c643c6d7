import { Button, type DisplaySettings, Notice, Panel, StatusPill, useRoot } from '@sandoq/kit';
import type { VoterView } from '../../contract/voting.ts';
import { type Caller, useCodes, useStationTexts } from '../station.ts';
import type { Page } from './ballot.tsx';
import { ChosenList, statusText } from './contest.tsx';
import { leftOf } from './selection.ts';
import { VoterFrame } from './voter-app.tsx';

interface ReviewProps {
  readonly view: VoterView;
  readonly settings: DisplaySettings;
  readonly onDisplay: () => void;
  readonly pages: readonly Page[];
  readonly caller: Caller;
  /** Back to the contest at this place, from 0. */
  readonly onChange: (position: number) => void;
}

/** Every contest read back before anything is printed; green prints. */
export function Review({ view, settings, onDisplay, pages, caller, onChange }: ReviewProps) {
  const t = useStationTexts();
  const codes = useCodes();
  const { locale } = useRoot();
  const print = (): void => {
    if (!caller.isBusy) void caller.run('voter.print', {});
  };
  return (
    <VoterFrame
      view={view}
      settings={settings}
      onDisplay={onDisplay}
      title={t('review.title')}
      lead={t('review.lead')}
      next={t('review.next')}
      actions={
        <>
          <Button icon="back" isDisabled={caller.isBusy} onPress={() => onChange(pages.length - 1)}>
            {t('review.back')}
          </Button>
          <Button kind="primary" icon="forward" iconAt="end" isBusy={caller.isBusy} onPress={print}>
            {t('review.print')}
          </Button>
        </>
      }
    >
      {view.code === null ? null : (
        <Notice
          kind="warning"
          title={codes.happened(view.code, 'voter')}
          next={codes.todo(view.code, 'voter')}
          isAnnounced
        />
      )}
      {caller.refusal === null ? null : (
        <Notice
          kind="fault"
          title={codes.happened(caller.refusal.code)}
          next={codes.todo(caller.refusal.code)}
          isAnnounced
        />
      )}
      <div className="st-review">
        {pages.map((page, position) => {
          const left = leftOf(page.contest, page.choice);
          return (
            <Panel
              key={page.index}
              title={t('review.contest', { number: position + 1, title: page.contest.title[locale] })}
            >
              <StatusPill status={left.kind === 'complete' ? 'good' : 'warning'}>
                {left.kind === 'complete'
                  ? statusText(t, page.contest, page.choice)
                  : t('review.left', {
                      left: left.kind === 'undervote' ? left.left : page.contest.choices_max,
                    })}
              </StatusPill>
              <ChosenList contest={page.contest} choice={page.choice} />
              <Button
                isDisabled={caller.isBusy}
                label={t('review.change_of', { title: page.contest.title[locale] })}
                onPress={() => onChange(position)}
              >
                {t('review.change')}
              </Button>
            </Panel>
          );
        })}
      </div>
    </VoterFrame>
  );
}
