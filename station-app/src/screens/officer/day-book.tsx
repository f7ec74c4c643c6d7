/** What the day writes down beside its machines: cards tried, deeds attested, a pause, and what was amended or reported. */
import { Button, Notice, Panel, SegmentedChoice, StatusPill, useRoot } from '@sandoq/kit';
import { formatClock, IRAN_UTC_OFFSET_MINUTES, toSolarHijri } from '@sandoq/protocol/persian';
import { useState } from 'react';
import { ATTESTED_DEEDS, type DeedPart, PAUSE_REASONS } from '../../contract/codes.ts';
import type { BallotView, DayBookView, OfficerView } from '../../contract/voting.ts';
import { type Caller, useCaller, useCodes, useStationTexts } from '../station.ts';
import { PinPad } from './pins.tsx';
import { CallerRefusal } from './refusal.tsx';

const NOTHING: DayBookView = {
  paused: null,
  attested: [],
  cards: [],
  seals: [],
  amendments: [],
  reports: [],
};
export const dayBook = (voting: OfficerView): DayBookView => voting.day_book ?? NOTHING;

/** Clock of Iran at a time of the records. */
export function useTimeOf(): (seconds: number) => string {
  const { locale } = useRoot();
  return (seconds) => formatClock(toSolarHijri(seconds * 1000, IRAN_UTC_OFFSET_MINUTES), locale);
}

/** What people do with their hands, each ticked by the officer who saw it. */
export function Deeds({
  voting,
  part,
  only,
  canTick,
}: {
  readonly voting: OfficerView;
  readonly part: DeedPart;
  readonly only?: readonly (typeof ATTESTED_DEEDS)[DeedPart][number][];
  readonly canTick: boolean;
}) {
  const t = useStationTexts();
  const caller = useCaller();
  const attested = new Set(dayBook(voting).attested);
  const deeds = ATTESTED_DEEDS[part].filter((deed) => only === undefined || only.includes(deed));
  return (
    <>
      <CallerRefusal caller={caller} />
      <ul className="st-deeds">
        {deeds.map((deed) => {
          const isDone = attested.has(deed);
          return (
            <li key={deed} data-done={isDone || undefined}>
              <span>{t(`deed.${deed}`)}</span>
              {isDone ? <StatusPill status="good">{t('deed.done')}</StatusPill> : null}
              {canTick ? (
                <Button
                  isBusy={caller.isBusy}
                  label={t(isDone ? 'deed.undo.of' : 'deed.tick.of', { deed: t(`deed.${deed}`) })}
                  onPress={() => void caller.run('deed.attest', { deed, done: !isDone })}
                  {...(isDone ? { icon: 'cross' as const } : {})}
                >
                  {isDone ? undefined : t('deed.tick')}
                </Button>
              ) : null}
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** The day before: every role lays its card and types its PIN once. */
export function CardTrials({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const codes = useCodes();
  const caller = useCaller();
  const { cards } = dayBook(voting);
  const present = voting.role_cards.filter((card) => card.present);
  const [picked, setPicked] = useState<'first' | 'second'>('first');
  const card = present.find(({ slot }) => slot === picked) ?? present[0];
  return (
    <Panel title={t('trial.title')}>
      <p>{t('trial.lead')}</p>
      <CallerRefusal caller={caller} />
      <ul className="st-devices" aria-label={t('trial.title')}>
        {cards.map(({ role, tried }) => (
          <li key={role}>
            <span>{codes.role(role)}</span>
            <StatusPill status={tried ? 'good' : 'off'}>{t(tried ? 'trial.tried' : 'trial.not')}</StatusPill>
          </li>
        ))}
      </ul>
      {card === undefined ? (
        <Notice kind="info" title={t('trial.no_card')} next={t('trial.no_card.do')} />
      ) : (
        <>
          {present.length === 2 ? (
            <SegmentedChoice
              label={t('approve.who')}
              value={card.slot}
              onChange={setPicked}
              options={present.map((each) => ({
                id: each.slot,
                label: each.role === null ? t(`slot.${each.slot}`) : codes.role(each.role),
              }))}
            />
          ) : null}
          <PinPad
            key={card.slot}
            label={t('pin.of', { role: card.role === null ? t(`slot.${card.slot}`) : codes.role(card.role) })}
            description={t('pin.description')}
            submitLabel={t('trial.try')}
            isBusy={caller.isBusy}
            onSubmit={(pin) => void caller.run('card.try', { slot: card.slot, pin })}
          />
        </>
      )}
    </Panel>
  );
}

/** In sight on every screen while it lasts, with the way back beside it. */
export function Paused({
  voting,
  caller,
  canResume,
}: {
  readonly voting: OfficerView;
  readonly caller: Caller;
  readonly canResume: boolean;
}) {
  const t = useStationTexts();
  const timeOf = useTimeOf();
  const { paused } = dayBook(voting);
  if (paused === null) return null;
  return (
    <Notice
      kind="warning"
      title={t('pause.now', { reason: t(`pause.reason.${paused.reason}`), time: timeOf(paused.bucket) })}
      next={t('pause.now.do')}
      isAnnounced
      {...(canResume
        ? {
            actions: (
              <Button
                kind="primary"
                isBusy={caller.isBusy}
                onPress={() => void caller.run('voting.resume', {})}
              >
                {t('pause.resume')}
              </Button>
            ),
          }
        : {})}
    />
  );
}

export function PauseReasons({ onClose }: { readonly onClose: () => void }) {
  const t = useStationTexts();
  const caller = useCaller();
  return (
    <>
      <p>{t('pause.lead')}</p>
      <CallerRefusal caller={caller} />
      <ul className="st-reasons">
        {PAUSE_REASONS.map((reason) => (
          <li key={reason}>
            <Button
              isWide
              isBusy={caller.isBusy}
              onPress={() =>
                void caller.run('voting.pause', { reason }).then((done) => done !== undefined && onClose())
              }
            >
              {t(`pause.reason.${reason}`)}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the authority has changed of the signed package, in words. */
export function Amendments({
  voting,
  ballot,
}: {
  readonly voting: OfficerView;
  readonly ballot: BallotView | null;
}) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const timeOf = useTimeOf();
  const { amendments } = dayBook(voting);
  if (amendments.length === 0) return null;
  return (
    <Panel title={t('amendments.title')}>
      <ul className="st-notes">
        {amendments.map((each) => {
          const candidate =
            each.withdrawn === null
              ? undefined
              : ballot?.contests[each.withdrawn.contest]?.candidates[each.withdrawn.candidate];
          return (
            <li key={each.sequence}>
              <strong>
                {each.closes_at !== null
                  ? t('amendment.hours', { time: timeOf(each.closes_at) })
                  : each.withdrawn !== null
                    ? t('amendment.withdrawn', {
                        name: candidate?.name[locale] ?? '',
                        code: candidate?.code ?? '',
                      })
                    : t('amendment.station')}
              </strong>
              <span>{each.reason[locale]}</span>
              <StatusPill status={each.in_force ? 'good' : 'busy'}>
                {each.in_force
                  ? t('amendment.in_force')
                  : t('amendment.later', { time: timeOf(each.effective_at) })}
              </StatusPill>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

/** Written reports, as their authors wrote them. */
export function Reports({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const codes = useCodes();
  const timeOf = useTimeOf();
  const { reports } = dayBook(voting);
  if (reports.length === 0) return null;
  return (
    <Panel title={t('reports.title')}>
      <ul className="st-notes">
        {reports.map((each) => (
          <li key={each.number}>
            <strong>
              {t('report.of', {
                number: each.number,
                role: codes.role(each.role),
                time: timeOf(each.bucket),
              })}
            </strong>
            <span className="st-written">{each.text}</span>
            <StatusPill status={each.signed ? 'good' : 'info'}>
              {t(each.signed ? 'report.signed' : 'report.unsigned')}
            </StatusPill>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
