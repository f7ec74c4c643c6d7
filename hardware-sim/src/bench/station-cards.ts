/** The cards that the workshop makes for one station: a card a role, and a stack of tarefe cards of one key. */
import {
  type Bytes,
  type ElectionId,
  OPENING_ROLES,
  roleSubject,
  tarefeSubject,
  toHex,
} from '@sandoq/protocol';
import type { Approver } from '../cards/approvals.ts';
import type { CardPorts } from '../cards/card.ts';
import type { StoredCard } from '../cards/card-store.ts';
import { approverOf, makeRoleCard, makeTarefeCard } from '../cards/making.ts';
import type { RoleCardState } from '../cards/role-card.ts';
import type { Deed, EnrolledCard, Enrolment } from '../control/deeds.ts';

const SECRET_BYTES = 32;

interface Workshop {
  readonly station: string;
  readonly election: ElectionId;
  readonly authorityKey: Bytes;
}

interface StationCards {
  readonly cards: readonly StoredCard[];
  readonly enrolled: Pick<Enrolment, 'roles' | 'tarefe' | 'tarefe_cards'>;
}

type EnrolmentDeed = Extract<Deed, { readonly do: 'enrolment' }>;

const cardIdOf = (role: string, number = 1): string => `role-${role}${number === 1 ? '' : `-${number}`}`;

function enrolledCard(ports: CardPorts, state: RoleCardState): EnrolledCard {
  const enrolled = {
    card: cardIdOf(state.role, state.number),
    role: state.role,
    subject: roleSubject(state.stationId, state.role, state.number),
    key: toHex(ports.crypto.signingPublicKey(state.secretKey)),
  };
  return state.countSecretKey === null
    ? enrolled
    : { ...enrolled, count_key: toHex(ports.crypto.agreementPublicKey(state.countSecretKey)) };
}

/** @returns undefined where no PIN was given for one of the two roles that arm tarefe cards. */
export function makeStationCards(
  deed: EnrolmentDeed,
  { station: stationId, election, authorityKey }: Workshop,
  ports: CardPorts,
): StationCards | undefined {
  const roles = Object.entries(deed.pins).flatMap(([name, pin]) => {
    const role = name as RoleCardState['role'];
    const order = { election, stationId, role, authorityKey, pin, pinTriesMax: deed.pin_tries_max };
    const cards = OPENING_ROLES.includes(role) ? deed.terminals : 1;
    return Array.from({ length: cards }, (_, i) => makeRoleCard({ ...order, number: i + 1 }, ports.random));
  });
  const approvers: Approver[] = roles
    .filter((state) => OPENING_ROLES.includes(state.role))
    .map((state) => approverOf(ports.crypto, state));
  if (approvers.length !== OPENING_ROLES.length * deed.terminals) return undefined;
  const secretKey = ports.random(SECRET_BYTES);
  const blank = makeTarefeCard({ election, stationId, secretKey, approvers });
  const tarefeIds = Array.from({ length: deed.tarefe_cards }, (_, i) => `tarefe-${i + 1}`);
  return {
    cards: [
      ...roles.map((state) => ({ id: cardIdOf(state.role, state.number), state })),
      ...tarefeIds.map((id) => ({ id, state: blank })),
    ],
    enrolled: {
      roles: roles.map((state) => enrolledCard(ports, state)),
      tarefe: {
        subject: tarefeSubject(stationId),
        key: toHex(ports.crypto.signingPublicKey(secretKey)),
      },
      tarefe_cards: tarefeIds,
    },
  };
}
