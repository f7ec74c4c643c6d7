/** What every part of the page needs: the room, the texts, the hand. */
import { createText } from '@sandoq/kit/text.ts';
import type { Locale } from '@sandoq/protocol/persian';
import { createContext, useContext } from 'react';
import en from '../../../locales/en.json' with { type: 'json' };
import fa from '../../../locales/fa.json' with { type: 'json' };
import type { CardView, DeedInput, Place, StationState } from '../../control/deeds.ts';
import type { PersonView } from '../people-list.ts';
import type { PanelLink } from './link.ts';

export const textsOf = (locale: Locale) => createText(locale === 'fa' ? fa : en, locale);
export type Texts = ReturnType<typeof textsOf>;
export type TextKey = Parameters<Texts>[0];

export type SlotPlace = Exclude<Place, 'pocket'>;
/** A deed without the station, which the page adds. */
export type RoomDeed = DeedInput extends infer One
  ? One extends { readonly station: string }
    ? Omit<One, 'station'>
    : never
  : never;

export interface RoomTools {
  readonly locale: Locale;
  readonly t: Texts;
  readonly link: PanelLink;
  readonly state: StationState;
  /** the card that was picked from the tray, to be put somewhere */
  readonly inHand: string | null;
  readonly pick: (card: string | null) => void;
  readonly person: PersonView | null;
  readonly choosePerson: (person: PersonView | null) => void;
  /** Deeds one after the other; stops at the first that is refused, and tells why. */
  readonly act: (...deeds: readonly RoomDeed[]) => Promise<boolean>;
}

export const RoomContext = createContext<RoomTools | null>(null);

export function useRoom(): RoomTools {
  const room = useContext(RoomContext);
  if (room === null) throw new Error('outside the room');
  return room;
}

export const voterCardId = (nationalCode: string): string => `voter-${nationalCode}`;

/** What is printed on the plastic. */
export function cardTitle(t: Texts, card: CardView): string {
  switch (card.kind) {
    case 'role':
      return card.number === undefined
        ? t(`role.${card.role ?? 'chief'}` as TextKey)
        : t('card.role.number', {
            role: t(`role.${card.role ?? 'chief'}` as TextKey),
            number: String(card.number),
          });
    case 'tarefe':
      return t('card.tarefe.number', { number: card.card.replace(/^\D*/, '') });
    case 'voter':
      return card.name ?? t('card.voter');
    default:
      return t(`card.${card.kind}`);
  }
}
