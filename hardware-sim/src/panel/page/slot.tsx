/** A place where a card can lie, and the card in it. */
import { localizeDigits } from '@sandoq/protocol/persian';
import type { CardView } from '../../control/deeds.ts';
import { cardTitle, type SlotPlace, type TextKey, useRoom } from './room.ts';

/** A card as one holds it: what it is, whose, and on the bench its PIN. */
export const CardFace = ({ card }: { readonly card: CardView }) => {
  const { t, locale } = useRoom();
  const code = card.national_code ?? card.inclusive_code;
  return (
    <span className="card" data-kind={card.kind}>
      <span className="card-kind">{t(`card.${card.kind}`)}</span>
      <strong>{cardTitle(t, card)}</strong>
      {code === undefined ? null : <span className="code">{localizeDigits(code, locale)}</span>}
      {card.pin === undefined ? null : (
        <span className="pin">
          {t('tray.pin')} <b>{localizeDigits(card.pin, locale)}</b> <small>{t('tray.bench_only')}</small>
        </span>
      )}
    </span>
  );
};

export const Slot = ({ place }: { readonly place: SlotPlace }) => {
  const { t, state, inHand, pick, act } = useRoom();
  const lying = state.cards.find((card) => card.card === state.slots[place]);
  const put = async (): Promise<void> => {
    if (inHand === null) return;
    if (await act({ do: 'place_card', card: inHand, where: place })) pick(null);
  };
  return (
    <div className="slot" data-full={lying !== undefined || undefined} data-place={place}>
      <p className="slot-name">{t(`slot.${place.replace(/-[2-4]$/, '')}` as TextKey)}</p>
      {lying === undefined ? (
        inHand === null ? (
          <p className="slot-empty">{t('slot.empty')}</p>
        ) : (
          <button type="button" className="here" onClick={put}>
            {t('slot.here')}
          </button>
        )
      ) : (
        <>
          <CardFace card={lying} />
          <button type="button" onClick={() => act({ do: 'place_card', card: lying.card, where: 'pocket' })}>
            {t('slot.take')}
          </button>
        </>
      )}
    </div>
  );
};
