/** The guided rehearsal beside the day's own work: what to do now, and what was done. */
import { Button, Panel, StatusPill } from '@sandoq/kit';
import { useEffect, useState } from 'react';
import type { AdmissionView } from '../../contract/admission.ts';
import type { OfficerView } from '../../contract/voting.ts';
import { useStationTexts } from '../station.ts';
import { lessonsOf, NOTHING_REHEARSED, rehearsedAfter } from './rehearsal.ts';

const PILL = { done: 'good', missed: 'off', skipped: 'off', current: 'info', waiting: 'off' } as const;

export function RehearsalGuide({
  voting,
  admission,
  onEnd,
}: {
  readonly voting: OfficerView;
  readonly admission: AdmissionView | null;
  readonly onEnd: () => void;
}) {
  const t = useStationTexts();
  const [rehearsed, setRehearsed] = useState(NOTHING_REHEARSED);
  useEffect(() => {
    setRehearsed((before) => rehearsedAfter(before, { voting, admission }));
  }, [voting, admission]);
  const lessons = lessonsOf({ voting, admission }, rehearsed);
  const current = lessons.find(({ state }) => state === 'current');
  const done = lessons.filter(({ state }) => state === 'done');
  const last = done.at(-1);
  return (
    <Panel title={t('guide.title')}>
      <div className="st-guide" aria-live="polite">
        {last === undefined ? null : (
          <p>
            <StatusPill status="good">{t('guide.done', { lesson: t(`lesson.${last.id}`) })}</StatusPill>
          </p>
        )}
        {current === undefined ? (
          <p className="st-large">{t('guide.finished')}</p>
        ) : (
          <>
            <p className="st-large">
              {t('guide.now', {
                number: lessons.indexOf(current) + 1,
                of: lessons.length,
                lesson: t(`lesson.${current.id}`),
              })}
            </p>
            <p>{t(`lesson.${current.id}.do`)}</p>
          </>
        )}
      </div>
      <div className="kit-button-row">
        {current === undefined ? null : (
          <Button
            onPress={() =>
              setRehearsed((before) => ({ ...before, skipped: new Set(before.skipped).add(current.id) }))
            }
          >
            {t('guide.skip')}
          </Button>
        )}
        <Button onPress={onEnd}>{t('guide.end')}</Button>
      </div>
      <details className="st-guide-all">
        <summary>{t('guide.all', { done: done.length, of: lessons.length })}</summary>
        <ol className="st-devices">
          {lessons.map(({ id, state }) => (
            <li key={id}>
              <span>{t(`lesson.${id}`)}</span>
              <StatusPill status={PILL[state]}>{t(`lesson.state.${state}`)}</StatusPill>
            </li>
          ))}
        </ol>
      </details>
    </Panel>
  );
}
