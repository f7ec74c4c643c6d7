import { directionOf, type Locale } from '@sandoq/protocol/persian';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { DeedInput, StationState } from '../../control/deeds.ts';
import { nextStep, type PersonAtDesk } from '../next-step.ts';
import type { PersonView } from '../people-list.ts';
import { Box } from './box.tsx';
import { Faults } from './faults.tsx';
import { Lessons } from './lessons.tsx';
import type { PanelLink } from './link.ts';
import { People } from './people.tsx';
import { Desk, RoleReader } from './readers.tsx';
import {
  RoomContext,
  type RoomDeed,
  type RoomTools,
  type TextKey,
  type Texts,
  textsOf,
  useRoom,
} from './room.ts';
import { Tray } from './tray.tsx';

const personKind = (person: PersonView | null): PersonAtDesk =>
  person === null ? 'none' : person.document === 'national_card' ? 'with_chip' : 'with_paper';

const NextStepBar = () => {
  const { t, state, person } = useRoom();
  const step = nextStep(state, personKind(person));
  return (
    <section className="next" aria-live="polite" data-step={step}>
      <h2>{t('next')}</h2>
      <p>{t(`next.${step}`)}</p>
    </section>
  );
};

interface RoomProps {
  readonly link: PanelLink;
  readonly locale: Locale;
  readonly t: Texts;
  readonly state: StationState;
}

const Room = ({ link, locale, t, state }: RoomProps) => {
  const [inHand, pick] = useState<string | null>(null);
  const [person, choosePerson] = useState<PersonView | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { station } = state;
  const act = useCallback(
    async (...deeds: readonly RoomDeed[]): Promise<boolean> => {
      for (const deed of deeds) {
        const code = await link.perform({ ...deed, station } as DeedInput);
        setRefusal(code);
        if (code !== null) return false;
      }
      return true;
    },
    [link, station],
  );
  const tools = useMemo<RoomTools>(
    () => ({ locale, t, link, state, inHand, pick, person, choosePerson, act }),
    [locale, t, link, state, inHand, person, act],
  );
  return (
    <RoomContext value={tools}>
      <NextStepBar />
      {refusal === null ? null : (
        <div className="refusal" role="alert">
          <strong>{t('refusal')}:</strong> {t(`refusal.${refusal}` as TextKey)}
          <button type="button" onClick={() => setRefusal(null)}>
            {t('refusal.dismiss')}
          </button>
        </div>
      )}
      <main className="room">
        <div className="column">
          <People />
        </div>
        <div className="column">
          <Desk />
          <RoleReader />
          <Tray />
        </div>
        <div className="column">
          <Box />
          <Faults />
          <Lessons />
        </div>
      </main>
    </RoomContext>
  );
};

export const App = ({ link }: { readonly link: PanelLink }) => {
  const [locale, setLocale] = useState<Locale>('fa');
  const t = useMemo(() => textsOf(locale), [locale]);
  const view = useSyncExternalStore(link.subscribe, link.view);
  useEffect(() => {
    document.documentElement.lang = locale;
    document.documentElement.dir = directionOf(locale);
    document.title = t('title');
  }, [locale, t]);
  const other: Locale = locale === 'fa' ? 'en' : 'fa';
  return (
    <>
      <p className="watermark" aria-hidden="true">
        {t('title')}
      </p>
      <header className="top">
        <h1>{t('title')}</h1>
        <p>{t('title.lead')}</p>
        {view.stations.length > 1 ? (
          <label>
            {t('station')}
            <select value={view.state?.station ?? ''} onChange={(event) => link.show(event.target.value)}>
              {view.stations.map((station) => (
                <option key={station}>{station}</option>
              ))}
            </select>
          </label>
        ) : (
          <p className="station">{view.state === null ? '' : `${t('station')} ${view.state.station}`}</p>
        )}
        <button type="button" lang={other} aria-label={t('language.name')} onClick={() => setLocale(other)}>
          {t('language')}
        </button>
      </header>
      {view.connected ? null : (
        <p className="refusal" role="alert">
          {t('link.lost')}
        </p>
      )}
      {view.state === null ? (
        <p className="nothing">{t('no_station')}</p>
      ) : (
        <Room key={view.state.station} link={link} locale={locale} t={t} state={view.state} />
      )}
    </>
  );
};
