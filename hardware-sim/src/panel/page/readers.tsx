import { localizeDigits } from '@sandoq/protocol/persian';
import { Light } from './light.tsx';
import { type RoomDeed, type SlotPlace, type TextKey, useRoom } from './room.ts';
import { Slot } from './slot.tsx';

/** Puts the cards of two roles where they are wanted now, from wherever they lie. */
const QuickPlace = ({
  text,
  cards,
}: {
  readonly text: TextKey;
  readonly cards: readonly (readonly [role: string, place: SlotPlace])[];
}) => {
  const { t, state, act } = useRoom();
  const deeds = cards.flatMap(([role, where]): RoomDeed[] => {
    const card = state.cards.find((one) => one.card === `role-${role}`);
    return card === undefined || card.where === where ? [] : [{ do: 'place_card', card: card.card, where }];
  });
  // What lies in the way goes back to the tray first.
  const inTheWay = cards.flatMap(([role, where]): RoomDeed[] => {
    const lying = state.slots[where];
    return lying === null || lying === `role-${role}`
      ? []
      : [{ do: 'place_card', card: lying, where: 'pocket' }];
  });
  return (
    <button type="button" disabled={deeds.length === 0} onClick={() => act(...inTheWay, ...deeds)}>
      {t(text)}
    </button>
  );
};

const Finger = () => {
  const { t, locale, state, act } = useRoom();
  return (
    <div className="slot" data-full={state.finger !== null || undefined} data-place="finger">
      <p className="slot-name">{t('desk.finger')}</p>
      {state.finger === null ? (
        <p className="slot-empty">{t('desk.finger.none')}</p>
      ) : (
        <>
          <p>{t('desk.finger.on', { code: localizeDigits(state.finger, locale) })}</p>
          <button type="button" onClick={() => act({ do: 'finger', national_code: null })}>
            {t('desk.finger.off')}
          </button>
        </>
      )}
    </div>
  );
};

/** One admission terminal's reader; with several, each has its number and role cards of its own. */
const OneDesk = ({ number }: { readonly number: number }) => {
  const { t, locale, state } = useRoom();
  const suffix = number === 1 ? '' : `-${number}`;
  const place = (name: 'document' | 'tarefe' | 'executive' | 'supervisor') => `${name}${suffix}` as SlotPlace;
  return (
    <section className="part" data-part="desk">
      <header>
        <h2>
          {state.desks === 1
            ? t('desk')
            : t('desk.number', { number: localizeDigits(String(number), locale) })}
        </h2>
        {number === 1 ? (
          <Light on={state.cables.admission_reader} texts={['light.cable.on', 'light.cable.off']} />
        ) : null}
      </header>
      <div className="slots">
        <Slot place={place('document')} />
        <Finger />
        <Slot place={place('tarefe')} />
        <Slot place={place('executive')} />
        <Slot place={place('supervisor')} />
      </div>
      <QuickPlace
        text="quick.desk"
        cards={[
          [`executive${suffix}`, place('executive')],
          [`supervisor${suffix}`, place('supervisor')],
        ]}
      />
    </section>
  );
};

export const Desk = () => {
  const { state } = useRoom();
  return Array.from({ length: state.desks }, (_, i) => <OneDesk key={i + 1} number={i + 1} />);
};

const TakeBoth = () => {
  const { t, state, act } = useRoom();
  const lying = [state.slots.first, state.slots.second].filter((card) => card !== null);
  const take = (card: string): RoomDeed => ({ do: 'place_card', card, where: 'pocket' });
  return (
    <button type="button" disabled={lying.length === 0} onClick={() => act(...lying.map(take))}>
      {t('quick.take')}
    </button>
  );
};

export const RoleReader = () => {
  const { t, state } = useRoom();
  return (
    <section className="part" data-part="roles">
      <header>
        <h2>{t('roles')}</h2>
        <Light on={state.cables.role_reader} texts={['light.cable.on', 'light.cable.off']} />
        <p className="lead">{t('roles.lead')}</p>
      </header>
      <div className="slots">
        <Slot place="first" />
        <Slot place="second" />
      </div>
      <p className="row">
        <QuickPlace
          text="quick.open"
          cards={[
            ['executive', 'first'],
            ['supervisor', 'second'],
          ]}
        />
        <QuickPlace
          text="quick.close"
          cards={[
            ['governor_representative', 'first'],
            ['council_representative', 'second'],
          ]}
        />
        <TakeBoth />
      </p>
    </section>
  );
};
