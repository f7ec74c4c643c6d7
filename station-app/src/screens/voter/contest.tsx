import {
  Button,
  Columns,
  Dialog,
  type DisplaySettings,
  LiveRegion,
  Notice,
  Panel,
  StatusPill,
  TabSet,
  useRoot,
} from '@sandoq/kit';
import { localizeDigits } from '@sandoq/protocol/persian';
import { useState } from 'react';
import type { CallRefusal } from '../../contract/contract.ts';
import type { VoterView } from '../../contract/voting.ts';
import { type StationText, useStationTexts } from '../station.ts';
import type { Page } from './ballot.tsx';
import { useBoxKey } from './box-keys.ts';
import {
  type ContestDeeds,
  type ContestOptions,
  useContestDeeds,
  useDigitsAnywhere,
} from './contest-deeds.ts';
import { Candidates, FindByCode, FindByName, SHOWN_WHOLE_MAX } from './finder.tsx';
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
  /** places left empty in the contest that the box's keypad has just left, or 0 */
  readonly leftBefore: number;
}

/** As many places as there are seats, filled or not: the screen has one shape whatever is chosen. */
export function ChosenList({
  contest,
  choice,
  onRemove,
}: {
  readonly contest: Contest;
  readonly choice: Choice;
  readonly onRemove?: (candidate: number) => void;
}) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const now = chosen(choice);
  // A blank contest is one white vote, not one a place.
  const places = Array.from({ length: choice === 'blank' ? 1 : contest.choices_max }, (_, place) => place);
  return (
    <ol className="st-chosen" data-many={contest.choices_max > 8 || undefined} aria-label={t('chosen.title')}>
      {places.map((place) => {
        const index = now[place];
        const candidate = index === undefined ? undefined : contest.candidates[index];
        const code = candidate === undefined ? String(place + 1) : candidate.code;
        return (
          <li key={place} data-filled={candidate !== undefined || undefined}>
            {choice === 'blank' ? null : (
              <span className="st-chosen-code">{localizeDigits(code, locale)}</span>
            )}
            <span className="st-chosen-name">
              {candidate === undefined
                ? t(choice === 'blank' ? 'chosen.blank' : 'chosen.empty')
                : candidate.name[locale]}
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
      })}
    </ol>
  );
}

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
  const { question, answer } = deeds;
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

function Finder({
  page,
  settings,
  deeds,
  way,
  onWay,
}: {
  readonly page: Page;
  readonly settings: DisplaySettings;
  readonly deeds: ContestDeeds;
  readonly way: string;
  readonly onWay: (way: string) => void;
}) {
  const t = useStationTexts();
  const { contest, choice } = page;
  const everyone = contest.candidates.map((_, index) => index);
  const common = { contest, choice, size: settings.size, onToggle: deeds.toggle };
  const list = <Candidates {...common} indexes={everyone} />;
  if (everyone.length <= SHOWN_WHOLE_MAX) return list;
  const byCode = (
    <FindByCode {...common} code={deeds.code} onCode={deeds.typeCode} onEnter={deeds.enterCode} />
  );
  return (
    <TabSet
      label={t('find.label')}
      selected={way}
      onChange={onWay}
      items={[
        { id: 'code', title: t('find.tab.code'), content: byCode },
        { id: 'name', title: t('find.tab.name'), content: <FindByName {...common} /> },
        { id: 'list', title: t('find.tab.list'), content: list },
      ]}
    />
  );
}

function Chosen({
  page,
  deeds,
  isCodeShown,
}: {
  readonly page: Page;
  readonly deeds: ContestDeeds;
  readonly isCodeShown: boolean;
}) {
  const t = useStationTexts();
  const { contest, choice } = page;
  return (
    <Panel title={t('chosen.title')}>
      {isCodeShown && deeds.code !== '' ? (
        <p className="st-typed-code">{t('find.code.typed', { code: deeds.code })}</p>
      ) : null}
      {deeds.message === null ? null : (
        <Notice
          kind="warning"
          title={t(`message.${deeds.message}`, { seats: contest.choices_max })}
          isAnnounced
        />
      )}
      <ChosenList contest={contest} choice={choice} onRemove={deeds.toggle} />
      {!contest.blank_allowed ? null : choice === 'blank' ? (
        <Button onPress={() => deeds.choose(null)}>{t('contest.unblank')}</Button>
      ) : (
        <Button onPress={deeds.blank}>{t('contest.blank')}</Button>
      )}
    </Panel>
  );
}

/** One contest: find, choose, go on. Every deed can be done by touch, by keyboard and by the box's keypad alone. */
export function ContestScreen(props: ContestScreenProps) {
  const { view, settings, onDisplay, page, position, pages, isReviewNext, refusal } = props;
  const { contest, choice } = page;
  const { locale } = useRoot();
  const t = useStationTexts();
  const [way, setWay] = useState('code');
  const deeds = useContestDeeds({ ...props, onCodeTyped: () => setWay('code') });
  useBoxKey(view, ({ digits }) => deeds.followBox(digits));
  useDigitsAnywhere(deeds.typeDigit, deeds.question === null);
  const status = statusText(t, contest, choice);
  const isDecided = remaining(contest, choice) === 0 || choice === 'blank';
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
      actions={
        <>
          {props.onBack === null ? (
            <Button onPress={deeds.askToLeave}>{t('contest.leave')}</Button>
          ) : (
            <Button icon="back" onPress={props.onBack}>
              {t('contest.back')}
            </Button>
          )}
          <Button kind="primary" icon="forward" iconAt="end" onPress={deeds.goOn}>
            {t(isReviewNext ? 'contest.to_review' : 'contest.to_next')}
          </Button>
        </>
      }
    >
      <LiveRegion message={status} />
      <Said code={view.code} refusal={refusal} />
      {props.leftBefore === 0 ? null : (
        <Notice
          kind="info"
          title={t('contest.left_before', { left: props.leftBefore })}
          next={t('contest.left_before.do')}
          isAnnounced
        />
      )}
      <Columns shape="wide">
        <Panel>
          <Finder page={page} settings={settings} deeds={deeds} way={way} onWay={setWay} />
        </Panel>
        <Chosen
          page={page}
          deeds={deeds}
          isCodeShown={way !== 'code' || contest.candidates.length <= SHOWN_WHOLE_MAX}
        />
      </Columns>
      <Questions deeds={deeds} page={page} isReviewNext={isReviewNext} />
    </VoterFrame>
  );
}
