/** New cards, as a workshop makes them. Keys are made on the card from the randomness passed in. */
import {
  type Bytes,
  type CardHolder,
  type Crypto,
  concatBytes,
  type ElectionId,
  type RandomBytes,
  type records,
  roleSubject,
  signHolderObject,
  utf8,
} from '@sandoq/protocol';
import type { Approver } from './approvals.ts';
import { p256PublicKey, p256SecretKey } from './p256.ts';
import { PIN_PATTERN, type PinState } from './pin.ts';
import { CLOSING_ROLES, type RoleCardState } from './role-card.ts';
import type { TarefeCardState } from './tarefe-card.ts';
import { FINGER_TRIES_MAX, type VoterCardState } from './voter-card.ts';

const SECRET_BYTES = 32;
const VOTER_PIN_TRIES_MAX = 3;

/** @throws RangeError for a PIN that is not 4 to 8 digits. */
export function freshPin(pin: string, triesMax: number): PinState {
  if (!PIN_PATTERN.test(pin)) throw new RangeError('a PIN is 4 to 8 digits');
  return { pin, triesLeft: triesMax, triesMax };
}

export interface RoleCardOrder {
  readonly election: ElectionId;
  readonly stationId: string;
  readonly role: records.Role;
  readonly authorityKey: Bytes;
  readonly pin: string;
  readonly pinTriesMax: number;
  /** of several cards of this role; the first where left out */
  readonly number?: number | undefined;
}

export function makeRoleCard(order: RoleCardOrder, random: RandomBytes): RoleCardState {
  return {
    kind: 'role',
    election: order.election,
    stationId: order.stationId,
    role: order.role,
    ...(order.number === undefined || order.number === 1 ? {} : { number: order.number }),
    authorityKey: order.authorityKey,
    pin: freshPin(order.pin, order.pinTriesMax),
    secretKey: random(SECRET_BYTES),
    countSecretKey: CLOSING_ROLES.includes(order.role) ? random(SECRET_BYTES) : null,
  };
}

export const approverOf = (crypto: Crypto, card: RoleCardState): Approver => ({
  subject: roleSubject(card.stationId, card.role, card.number),
  role: card.role,
  key: crypto.signingPublicKey(card.secretKey),
});

export interface TarefeCardOrder {
  readonly election: ElectionId;
  readonly stationId: string;
  readonly secretKey: Bytes;
  readonly approvers: readonly Approver[];
}

export const makeTarefeCard = (order: TarefeCardOrder): TarefeCardState => ({
  kind: 'tarefe',
  ...order,
  state: 'blank',
  pendingNonce: null,
  armed: null,
});

/** Its public half is the protocol's SIMULATED_REGISTRY_PUBLIC_KEY. No secret: whoever reads this can make voter cards, for rehearsals. */
let registryKey: Bytes | undefined;
function registrySecretKey(crypto: Pick<Crypto, 'sha256'>): Bytes {
  registryKey ??= crypto.sha256(utf8('sandoq simulated registry'));
  return registryKey;
}

/** What a finger of this person gives on any sensor of the bench. */
export const fingerTemplate = (crypto: Pick<Crypto, 'sha256'>, nationalCode: string): Bytes =>
  crypto.sha256(utf8(`sandoq simulated finger/${nationalCode}`));

/**
 * A person's card is the same at every making: its key derives from the code, so that tens of thousands need not be
 * stored. Only the simulated registry may do so.
 */
function voterKey(crypto: Pick<Crypto, 'sha256'>, nationalCode: string): Bytes {
  for (let attempt = 0; ; attempt++) {
    const material = crypto.sha256(
      concatBytes(utf8(`sandoq simulated voter key/${nationalCode}/`), Uint8Array.of(attempt)),
    );
    const key = p256SecretKey(material);
    if (key !== undefined) return key;
  }
}

/** The same card as a forger makes it: everything right but the registry's signature, the object's last bytes. */
export function forgedCard(card: VoterCardState): VoterCardState {
  const holderObject = card.holderObject.slice();
  holderObject[holderObject.length - 1] = (holderObject.at(-1) as number) ^ 1;
  return { ...card, holderObject };
}

export function makeVoterCard(
  crypto: Crypto,
  holder: Omit<CardHolder, 'publicKey'>,
  pin: string,
): VoterCardState {
  const secretKey = voterKey(crypto, holder.nationalCode);
  return {
    kind: 'voter',
    nationalCode: holder.nationalCode,
    name: holder.name,
    holderObject: signHolderObject(crypto, registrySecretKey(crypto), {
      ...holder,
      publicKey: p256PublicKey(secretKey),
    }),
    secretKey,
    pin: freshPin(pin, VOTER_PIN_TRIES_MAX),
    fingerTemplate: fingerTemplate(crypto, holder.nationalCode),
    fingerTriesLeft: FINGER_TRIES_MAX,
  };
}
