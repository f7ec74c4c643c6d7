import { Button, type DisplaySettings, Panel, StatusPill, useRoot } from '@sandoq/kit';
import type { VoterView } from '../../contract/voting.ts';
import { type Caller, useStationTexts } from '../station.ts';
import type { Page } from './ballot.tsx';
import { ChosenList, statusText } from './contest.tsx';
import { leftOf } from './selection.ts';
import { Said, VoterFrame } from './voter-app.tsx';

interface ReviewProps {
  readonly view: VoterView;
  readonly settings: DisplaySettings;
  readonly onDisplay: () => void;
  readonly pages: readonly Page[];
  readonly caller: Caller;
  /** Back to the contest at this place, from 0. */
  readonly onChange: (position: number) => void;
}

function ContestReview({
  page,
  position,
  isBusy,
  onChange,
}: {
  readonly page: Page;
  readonly position: number;
  readonly isBusy: boolean;
  readonly onChange: () => void;
}) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const { contest, choice } = page;
  const title = contest.title[locale];
  const left = leftOf(contest, choice);
  return (
    <Panel title={t('review.contest', { number: position + 1, title })}>
      <StatusPill status={left.kind === 'complete' ? 'good' : 'warning'}>
        {left.kind === 'complete'
          ? statusText(t, contest, choice)
          : t('review.left', { left: left.kind === 'undervote' ? left.left : contest.choices_max })}
      </StatusPill>
      <ChosenList contest={contest} choice={choice} />
      <Button isDisabled={isBusy} label={t('review.change_of', { title })} onPress={onChange}>
        {t('review.change')}
      </Button>
    </Panel>
  );
}

/** Every contest read back before anything is printed; green prints. */
export function Review({ view, settings, onDisplay, pages, caller, onChange }: ReviewProps) {
  const t = useStationTexts();
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
      <Said code={view.code} refusal={caller.refusal} />
      <div className="st-review">
        {pages.map((page, position) => (
          <ContestReview
            key={page.index}
            page={page}
            position={position}
            isBusy={caller.isBusy}
            onChange={() => onChange(position)}
          />
        ))}
      </div>
    </VoterFrame>
  );
}
