import {
  Button,
  Columns,
  Dialog,
  type DisplaySettings,
  LiveRegion,
  Notice,
  Panel,
  Picture,
  StatusPill,
  TabSet,
  type TextSize,
  useRoot,
  useStable,
} from '@sandoq/kit';
import { localizeDigits } from '@sandoq/protocol/persian';
import { memo, useMemo, useState } from 'react';
import type { CallRefusal } from '../../contract/contract.ts';
import type { VoterView } from '../../contract/voting.ts';
import { type StationText, useStationTexts } from '../station.ts';
import type { Page } from './ballot.tsx';
import { useBoxKey } from './box-keys.ts';
import { hasPictures, usePictureUrl } from './candidate-pictures.tsx';
import {
  type ContestDeeds,
  type ContestOptions,
  useContestDeeds,
  useDigitsAnywhere,
} from './contest-deeds.ts';
import { Candidates, FindByCode, FindByName, FindByPicture, FindInList, SHOWN_WHOLE_MAX } from './finder.tsx';
import { type Choice, type Contest, chosen, remaining } from './selection.ts';
import { Said, VoterFrame } from './voter-app.tsx';

export interface ContestScreenProps extends Omit<ContestOptions, 'onCodeTyped'> {
  readonly view: VoterView;
  readonly settings: DisplaySettings;
  readonly onDisplay: () => void;
  /** from 1 */
  readonly position: number;
  readonly pages: number;
  readonly refusal: CallRefusal | null;
  readonly isReviewNext: boolean;
}

interface PlaceProps {
  readonly contest: Contest;
  /** from 0 */
  readonly place: number;
  readonly index: number | undefined;
  readonly isBlank: boolean;
  readonly onRemove?: (candidate: number) => void;
}

/** One place of the list; with thirty of them only the one that changed is drawn. */
const Place = memo(({ contest, place, index, isBlank, onRemove }: PlaceProps) => {
  const t = useStationTexts();
  const { locale } = useRoot();
  const candidate = index === undefined ? undefined : contest.candidates[index];
  const pictureUrl = usePictureUrl(candidate);
  const code = candidate === undefined ? String(place + 1) : candidate.code;
  return (
    <li data-filled={candidate !== undefined || undefined}>
      {hasPictures(contest) && !isBlank ? <Picture url={pictureUrl} /> : null}
      {isBlank ? null : <span className="st-chosen-code">{localizeDigits(code, locale)}</span>}
      <span className="st-chosen-name">
        {candidate === undefined ? t(isBlank ? 'chosen.blank' : 'chosen.empty') : candidate.name[locale]}
      </span>
      {candidate === undefined || index === undefined || onRemove === undefined ? null : (
        <Button
          icon="cross"
          label={t('chosen.remove', { name: candidate.name[locale] })}
          onPress={() => onRemove(index)}
        />
      )}
    </li>
  );
});

/** As many places as there are seats, filled or not: the screen has one shape whatever is chosen. */
export const ChosenList = memo(
  ({
    contest,
    choice,
    onRemove,
  }: {
    readonly contest: Contest;
    readonly choice: Choice;
    readonly onRemove?: (candidate: number) => void;
  }) => {
    const t = useStationTexts();
    const now = chosen(choice);
    // A blank contest is one white vote, not one a place.
    const count = choice === 'blank' ? 1 : contest.choices_max;
    return (
      <ol
        className="st-chosen"
        data-many={contest.choices_max > 8 || undefined}
        data-pictures={hasPictures(contest) || undefined}
        aria-label={t('chosen.title')}
      >
        {Array.from({ length: count }, (_, place) => (
          <Place
            // biome-ignore lint/suspicious/noArrayIndexKey: a place is what the row is; who stands in it changes
            key={place}
            contest={contest}
            place={place}
            index={now[place]}
            isBlank={choice === 'blank'}
            {...(onRemove === undefined ? {} : { onRemove })}
          />
        ))}
      </ol>
    );
  },
);

/** N of M with what is left, in words. */
export function statusText(t: StationText, contest: Contest, choice: Choice): string {
  if (choice === 'blank') return t('contest.is_blank');
  const seats = contest.choices_max;
  const left = remaining(contest, choice);
  if (seats === 1) return t(left === 0 ? 'contest.complete.one' : 'contest.left.one');
  return left === 0
    ? t('contest.complete', { seats })
    : t('contest.left', { chosen: chosen(choice).length, seats, left });
}

function Questions({
  deeds,
  page,
  isReviewNext,
}: {
  readonly deeds: ContestDeeds;
  readonly page: Page;
  readonly isReviewNext: boolean;
}) {
  const t = useStationTexts();
  const { contest, choice } = page;
  const { question, does } = deeds;
  const { answer } = does;
  if (question === null) return null;
  const kind = question === 'nothing' && !contest.blank_allowed ? 'must_choose' : question;
  return (
    <Dialog
      isOpen
      kind="alert"
      title={t(`vote.ask.${kind}.title`, { left: remaining(contest, choice), seats: contest.choices_max })}
      onClose={() => answer(false)}
      actions={
        <>
          {kind === 'must_choose' ? null : (
            <Button kind="primary" onPress={() => answer(true)}>
              {t(kind === 'undervote' && isReviewNext ? 'vote.ask.undervote.review' : `vote.ask.${kind}.yes`)}
            </Button>
          )}
          <Button onPress={() => answer(false)}>{t(`vote.ask.${kind}.no`)}</Button>
        </>
      }
    >
      <p>{t(`vote.ask.${kind}.lead`)}</p>
    </Dialog>
  );
}

interface FinderProps {
  readonly contest: Contest;
  readonly choice: Choice;
  readonly size: TextSize;
  readonly code: string;
  readonly way: string;
  readonly deeds: ContestDeeds['does'];
  readonly onWay: (way: string) => void;
}

const Finder = memo(({ contest, choice, size, code, way, deeds, onWay }: FinderProps) => {
  const t = useStationTexts();
  const everyone = useMemo(() => contest.candidates.map((_, index) => index), [contest]);
  const common = { contest, choice, size, onToggle: deeds.toggle };
  const byPicture = hasPictures(contest);
  if (everyone.length <= SHOWN_WHOLE_MAX)
    return <Candidates {...common} indexes={everyone} look={byPicture ? 'portrait' : 'row'} />;
  // Made for the tab that is shown: the two others would be thrown away.
  const content =
    way === 'name' ? (
      <FindByName {...common} />
    ) : way === 'list' ? (
      <FindInList {...common} />
    ) : way === 'picture' ? (
      <FindByPicture {...common} indexes={everyone} />
    ) : (
      <FindByCode {...common} code={code} onCode={deeds.typeCode} onEnter={deeds.enterCode} />
    );
  return (
    <TabSet
      label={t('find.label')}
      selected={way}
      onChange={onWay}
      items={(byPicture ? WAYS : WAYS_WITHOUT_PICTURES).map((id) => ({
        id,
        title: t(`find.tab.${id}`),
        content: id === way ? content : null,
      }))}
    />
  );
});
const WAYS_WITHOUT_PICTURES = ['code', 'name', 'list'] as const;
const WAYS = [...WAYS_WITHOUT_PICTURES, 'picture'] as const;

interface ChosenProps {
  readonly contest: Contest;
  readonly choice: Choice;
  readonly message: ContestDeeds['message'];
  /** what is being typed, where no field shows it */
  readonly code: string;
  readonly deeds: ContestDeeds['does'];
}

const Chosen = memo(({ contest, choice, message, code, deeds }: ChosenProps) => {
  const t = useStationTexts();
  const { choose, blank } = deeds;
  // Under thirty places nobody would see it.
  const isLong = contest.choices_max > SHOWN_WHOLE_MAX;
  const blankButton = !contest.blank_allowed ? null : choice === 'blank' ? (
    <Button onPress={() => choose(null)}>{t('contest.unblank')}</Button>
  ) : (
    <Button onPress={blank}>{t('contest.blank')}</Button>
  );
  return (
    <Panel title={t('chosen.title')}>
      {code === '' ? null : <p className="st-typed-code">{t('find.code.typed', { code })}</p>}
      {message === null ? null : (
        <Notice kind="warning" title={t(`message.${message}`, { seats: contest.choices_max })} isAnnounced />
      )}
      {isLong ? blankButton : null}
      <ChosenList contest={contest} choice={choice} onRemove={deeds.toggle} />
      {isLong ? null : blankButton}
    </Panel>
  );
});

/** Where the voter goes from here. Its parts stay as they are while she types and marks. */
const Ways = memo(
  ({
    onBack,
    onLeave,
    onNext,
    isReviewNext,
  }: {
    readonly onBack: (() => void) | null;
    readonly onLeave: () => void;
    readonly onNext: () => void;
    readonly isReviewNext: boolean;
  }) => {
    const t = useStationTexts();
    return (
      <>
        {onBack === null ? (
          <Button onPress={onLeave}>{t('contest.leave')}</Button>
        ) : (
          <Button icon="back" onPress={onBack}>
            {t('contest.back')}
          </Button>
        )}
        <Button kind="primary" icon="forward" iconAt="end" onPress={onNext}>
          {t(isReviewNext ? 'contest.to_review' : 'contest.to_next')}
        </Button>
      </>
    );
  },
);

/** One contest: find, choose, go on. Every deed can be done by touch, by keyboard and by the box's keypad alone. */
export function ContestScreen(props: ContestScreenProps) {
  const { view, settings, onDisplay, page, position, pages, isReviewNext, refusal } = props;
  const { contest, choice } = page;
  const { locale } = useRoot();
  const t = useStationTexts();
  const [way, setWay] = useState('code');
  // Each portrait has its code: who looks through them keys it and goes on looking.
  const onCodeTyped = (): void => setWay((now) => (now === 'picture' ? now : 'code'));
  const deeds = useContestDeeds({ ...props, onCodeTyped });
  useBoxKey(view, ({ digits }) => deeds.followBox(digits));
  useDigitsAnywhere(deeds.typeDigit, deeds.question === null);
  const status = statusText(t, contest, choice);
  const isDecided = remaining(contest, choice) === 0 || choice === 'blank';
  const goBack = useStable((): void => props.onBack?.());
  const isFirst = props.onBack === null;
  const { askToLeave, goOn } = deeds;
  const actions = useMemo(
    () => (
      <Ways onBack={isFirst ? null : goBack} onLeave={askToLeave} onNext={goOn} isReviewNext={isReviewNext} />
    ),
    [isFirst, goBack, askToLeave, goOn, isReviewNext],
  );
  const isCodeInField = way === 'code' && contest.candidates.length > SHOWN_WHOLE_MAX;
  return (
    <VoterFrame
      view={view}
      settings={settings}
      onDisplay={onDisplay}
      title={contest.title[locale]}
      lead={t(contest.choices_max === 1 ? 'contest.lead.one' : 'contest.lead', {
        position,
        pages,
        seats: contest.choices_max,
      })}
      status={<StatusPill status={isDecided ? 'good' : 'info'}>{status}</StatusPill>}
      next={t(isReviewNext ? 'contest.next.review' : 'contest.next')}
      actions={actions}
    >
      <LiveRegion message={status} />
      <Said code={view.code} refusal={refusal} />
      <Columns shape="wide">
        <Panel>
          <Finder
            contest={contest}
            choice={choice}
            size={settings.size}
            code={deeds.code}
            way={way}
            deeds={deeds.does}
            onWay={setWay}
          />
        </Panel>
        <Chosen
          contest={contest}
          choice={choice}
          message={deeds.message}
          code={isCodeInField ? '' : deeds.code}
          deeds={deeds.does}
        />
      </Columns>
      <Questions deeds={deeds} page={page} isReviewNext={isReviewNext} />
    </VoterFrame>
  );
}
