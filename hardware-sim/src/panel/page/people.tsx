import { formatSolarHijriNumeric, localizeDigits, toSolarHijri } from '@sandoq/protocol/persian';
import { useEffect, useState } from 'react';
import type { PeoplePage, PersonView } from '../people-list.ts';
import { PEOPLE_PAGE } from '../people-page.ts';
import { type RoomDeed, useRoom, voterCardId } from './room.ts';

const VOTER_PIN = '1234';

const PersonFace = ({ person }: { readonly person: PersonView }) => {
  const { t, locale } = useRoom();
  return (
    <>
      <strong>{locale === 'fa' ? person.name.fa : person.name.en}</strong>
      <span className="code">{localizeDigits(person.national_code, locale)}</span>
      <span className="document">{t(`document.${person.document}`)}</span>
    </>
  );
};

/** What the person at the desk and the officer's hands do next, in the order of a visit. */
const Visit = ({ person }: { readonly person: PersonView }) => {
  const { t, locale, state, act, choosePerson } = useRoom();
  const id = voterCardId(person.national_code);
  const made = state.cards.find((card) => card.card === id);
  const freeTarefe = state.cards.find((card) => card.kind === 'tarefe' && card.where === 'pocket');
  const make: RoomDeed = {
    do: 'make_card',
    as: id,
    card: {
      kind: 'voter',
      national_code: person.national_code,
      name: person.name.fa,
      birth_date: person.birth_date,
      pin: VOTER_PIN,
      temporary: true,
    },
  };
  const giveCard = (): void => {
    const place: RoomDeed = { do: 'place_card', card: id, where: 'document' };
    void (made === undefined ? act(make, place) : act(place));
  };
  const leave = async (): Promise<void> => {
    if (state.finger !== null) await act({ do: 'finger', national_code: null });
    if (made !== undefined) await act({ do: 'discard_card', card: id });
    choosePerson(null);
  };
  const padCard = state.cards.find((card) => card.where === 'box_pad' && card.kind === 'tarefe');
  const deskCard = state.cards.find((card) => card.where === 'tarefe' && card.kind === 'tarefe');
  const hasChip = person.document === 'national_card';
  return (
    <div className="visit">
      <p className="visit-who">
        <PersonFace person={person} />
      </p>
      <dl>
        <dt>{t('people.code')}</dt>
        <dd className="code">{localizeDigits(person.national_code, locale)}</dd>
        <dt>{t('people.born')}</dt>
        <dd>{bornIn(person, locale)}</dd>
        {hasChip ? (
          <>
            <dt>{t('tray.pin')}</dt>
            <dd>
              {localizeDigits(VOTER_PIN, locale)} <small>{t('tray.bench_only')}</small>
            </dd>
          </>
        ) : null}
      </dl>
      {hasChip ? (
        <>
          <button type="button" className="main" disabled={made?.where === 'document'} onClick={giveCard}>
            {t('people.give_card')}
          </button>
          <button
            type="button"
            className="main"
            disabled={state.finger === person.national_code}
            onClick={() => act({ do: 'finger', national_code: person.national_code })}
          >
            {t('people.give_finger')}
          </button>
        </>
      ) : (
        <p className="paper-document">{t('people.paper')}</p>
      )}
      <button
        type="button"
        className="main"
        disabled={freeTarefe === undefined || state.slots.tarefe !== null || padCard !== undefined}
        onClick={() => freeTarefe && act({ do: 'place_card', card: freeTarefe.card, where: 'tarefe' })}
      >
        {t('people.give_tarefe')}
      </button>
      <button
        type="button"
        className="main"
        disabled={deskCard === undefined || state.slots.box_pad !== null}
        onClick={() => deskCard && act({ do: 'place_card', card: deskCard.card, where: 'box_pad' })}
      >
        {t('people.to_box')}
      </button>
      <button
        type="button"
        className="main"
        disabled={padCard === undefined}
        onClick={() => padCard && act({ do: 'place_card', card: padCard.card, where: 'pocket' })}
      >
        {t('people.tarefe_back')}
      </button>
      <button type="button" onClick={leave}>
        {t('people.leaves')}
      </button>
    </div>
  );
};

function bornIn(person: PersonView, locale: 'fa' | 'en'): string {
  if (locale === 'en') return person.birth_date;
  const [year, month, day] = person.birth_date.split('-').map(Number) as [number, number, number];
  return formatSolarHijriNumeric(toSolarHijri(Date.UTC(year, month - 1, day), 0), locale);
}

const Queue = () => {
  const { t, link, state, choosePerson } = useRoom();
  const [search, setSearch] = useState('');
  const [from, setFrom] = useState(0);
  const [page, setPage] = useState<PeoplePage | null>(null);
  const { station } = state;
  useEffect(() => {
    let current = true;
    void link.people({ station, search, from }).then((found) => {
      if (current) setPage(found);
    });
    return () => {
      current = false;
    };
  }, [link, station, search, from]);
  return (
    <>
      <input
        type="search"
        aria-label={t('people.search')}
        placeholder={t('people.search')}
        value={search}
        maxLength={80}
        onChange={(event) => {
          setSearch(event.target.value);
          setFrom(0);
        }}
      />
      {page === null || page.found > 0 ? null : (
        <p className="slot-empty">{t(search === '' ? 'people.no_file' : 'people.none')}</p>
      )}
      <ul className="queue">
        {(page?.people ?? []).map((person) => (
          <li key={person.national_code}>
            <button type="button" onClick={() => choosePerson(person)}>
              <PersonFace person={person} />
              <span className="come">{t('people.choose')}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="row">
        <button type="button" disabled={from === 0} onClick={() => setFrom(Math.max(0, from - PEOPLE_PAGE))}>
          {t('people.previous')}
        </button>
        <span>{t('people.found', { count: page?.found ?? 0 })}</span>
        <button
          type="button"
          disabled={page === null || from + PEOPLE_PAGE >= page.found}
          onClick={() => setFrom(from + PEOPLE_PAGE)}
        >
          {t('people.later')}
        </button>
      </p>
    </>
  );
};

export const People = () => {
  const { t, person } = useRoom();
  return (
    <section className="part" data-part="people">
      <header>
        <h2>{t(person === null ? 'people' : 'people.at_desk')}</h2>
      </header>
      {person === null ? <Queue /> : <Visit person={person} />}
    </section>
  );
};
