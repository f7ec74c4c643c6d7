import { formatInteger } from '@sandoq/protocol/persian';
import { useState } from 'react';
import type { CardView } from '../../control/deeds.ts';
import { EXERCISE_PEOPLE, EXERCISES, type Exercise } from '../../population/exercise.ts';
import { type TextKey, useRoom } from './room.ts';
import { CardFace } from './slot.tsx';

const GROUPS: readonly { readonly title: TextKey; readonly kinds: readonly CardView['kind'][] }[] = [
  { title: 'tray.roles', kinds: ['role'] },
  { title: 'tray.tarefe', kinds: ['tarefe'] },
  { title: 'tray.people', kinds: ['voter'] },
  { title: 'tray.others', kinds: ['amayesh', 'foreign', 'plastic'] },
];

/** Cards of a group that are drawn; a stack of thousands is shown from its top. */
const GROUP_SHOWN_MAX = 12;
const THROWN_AWAY: readonly CardView['kind'][] = ['voter', 'amayesh', 'foreign', 'plastic'];
/** Of a role card that another station's supervisor brought by mistake. */
const STRANGERS_PIN = '1105';
/** Twelve digits; nobody's. */
const AMAYESH_CODE = '100000000001';

const TrayCard = ({ card }: { readonly card: CardView }) => {
  const { t, inHand, pick } = useRoom();
  const held = inHand === card.card;
  return (
    <button
      type="button"
      className="tray-card"
      data-card={card.card}
      aria-pressed={held}
      onClick={() => pick(held ? null : card.card)}
    >
      <CardFace card={card} />
      {held ? <em>{t('tray.selected')}</em> : null}
    </button>
  );
};

const VOTERS = GROUPS.findIndex(({ kinds }) => kinds.includes('voter'));

const Makers = ({ onVoter }: { readonly onVoter: () => void }) => {
  const { t, act, locale } = useRoom();
  const exercise = async (what: Exercise): Promise<void> => {
    const { national_code, name, birth_date } = EXERCISE_PEOPLE[what];
    const card = {
      kind: 'voter',
      national_code,
      name: name[locale],
      birth_date,
      forged: what === 'forged',
    } as const;
    if (await act({ do: 'make_card', card })) onVoter();
  };
  return (
    <p className="row">
      <button
        type="button"
        onClick={() => act({ do: 'make_card', card: { kind: 'amayesh', inclusive_code: AMAYESH_CODE } })}
      >
        {t('make.amayesh')}
      </button>
      <button type="button" onClick={() => act({ do: 'make_card', card: { kind: 'foreign' } })}>
        {t('make.foreign')}
      </button>
      <button type="button" onClick={() => act({ do: 'make_card', card: { kind: 'plastic' } })}>
        {t('make.plastic')}
      </button>
      {EXERCISES.map((what) => (
        <button key={what} type="button" onClick={() => void exercise(what)}>
          {t(`make.${what}`)}
        </button>
      ))}
      <button
        type="button"
        onClick={() =>
          act({ do: 'make_card', card: { kind: 'role', role: 'supervisor', pin: STRANGERS_PIN } })
        }
      >
        {t('make.role')}
      </button>
    </p>
  );
};

export const Tray = () => {
  const { t, locale, state, inHand, pick, act } = useRoom();
  const [open, setOpen] = useState(0);
  const cards = state.cards.filter((card) => card.where === 'pocket');
  const held = state.cards.find((card) => card.card === inHand);
  const group = GROUPS[open] as (typeof GROUPS)[number];
  const shown = cards.filter((card) => group.kinds.includes(card.kind)).slice(0, GROUP_SHOWN_MAX);
  return (
    <section className="part" data-part="tray">
      <header>
        <h2>{t('tray')}</h2>
        <p className="lead">{t('tray.lead')}</p>
      </header>
      <div className="row" role="tablist">
        {GROUPS.map(({ title, kinds }, i) => (
          <button type="button" role="tab" key={title} aria-selected={open === i} onClick={() => setOpen(i)}>
            {t(title)}{' '}
            <b>{formatInteger(cards.filter((card) => kinds.includes(card.kind)).length, locale)}</b>
          </button>
        ))}
      </div>
      {shown.length === 0 ? <p className="slot-empty">{t('tray.none')}</p> : null}
      <div className="tray-cards">
        {shown.map((card) => (
          <TrayCard key={card.card} card={card} />
        ))}
      </div>
      {held !== undefined && THROWN_AWAY.includes(held.kind) ? (
        <button
          type="button"
          onClick={async () => {
            if (await act({ do: 'discard_card', card: held.card })) pick(null);
          }}
        >
          {t('make.discard')}
        </button>
      ) : null}
      {open === GROUPS.length - 1 ? <Makers onVoter={() => setOpen(VOTERS)} /> : null}
    </section>
  );
};
