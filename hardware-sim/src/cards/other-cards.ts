/** Cards that are laid by mistake: an Amayesh card, recognised by its AID; a chip of another system; plastic without a chip. */
import { AMAYESH_AID, STATUS_WORDS } from '@sandoq/protocol';
import { type Applet, type Card, refuse } from './card.ts';

export interface AmayeshCardState {
  readonly kind: 'amayesh';
  /** twelve digits (کد فراگیر), printed on the plastic; the chip gives nothing to a polling station */
  readonly inclusiveCode: string;
}

export const amayeshApplet: Applet<AmayeshCardState, null> = {
  aid: AMAYESH_AID,
  selectAnswer: new Uint8Array(0),
  freshSession: null,
  execute: (card, session) => refuse(card, session, STATUS_WORDS.ins_unknown),
};

export interface ForeignCardState {
  readonly kind: 'foreign';
}

/** No payment card's AID either: what a polling reader asks for is not on it. */
const FOREIGN_AID = Uint8Array.of(0xf0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01);

export const foreignApplet: Applet<ForeignCardState, null> = {
  aid: FOREIGN_AID,
  selectAnswer: new Uint8Array(0),
  freshSession: null,
  execute: (card, session) => refuse(card, session, STATUS_WORDS.ins_unknown),
};

export interface PlasticCardState {
  readonly kind: 'plastic';
}

/** A field without a chip in it: no answer at all. */
export const plasticCard: Card = { reset: () => undefined, transmit: () => new Uint8Array(0) };
