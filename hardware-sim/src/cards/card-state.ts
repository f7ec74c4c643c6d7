/** Every kind of card as it lies in the bench's files: JSON with bytes in hexadecimal, read by one schema. */
import {
  type Bytes,
  type ElectionId,
  fromHex,
  parseElectionId,
  parseSubject,
  type records,
  type Subject,
  TERMINALS_MAX,
} from '@sandoq/protocol';
import { z } from 'zod';
import { type Card, type CardPorts, createCard } from './card.ts';
import {
  type AmayeshCardState,
  amayeshApplet,
  type ForeignCardState,
  foreignApplet,
  type PlasticCardState,
  plasticCard,
} from './other-cards.ts';
import { PIN_PATTERN } from './pin.ts';
import { type RoleCardState, roleApplet } from './role-card.ts';
import { type TarefeCardState, tarefeApplet } from './tarefe-card.ts';
import { type VoterCardState, voterApplet } from './voter-card.ts';

/** The two roles' cards of every terminal. */
export const APPROVERS_MAX = 2 * TERMINALS_MAX;

export type CardState =
  | RoleCardState
  | TarefeCardState
  | VoterCardState
  | AmayeshCardState
  | ForeignCardState
  | PlasticCardState;

const bytes = z
  .string()
  .regex(/^(?:[0-9a-f]{2})*$/)
  .transform((hex): Bytes => fromHex(hex) as Bytes);
const election = z.string().transform((text, context): ElectionId => {
  const id = parseElectionId(text);
  if (id === undefined) context.addIssue('not an election id');
  return id as ElectionId;
});
const subject = z.string().transform((text, context): Subject => {
  const parsed = parseSubject(text);
  if (parsed === undefined) context.addIssue('not a subject');
  return parsed as Subject;
});
const roleNames = [
  'chief',
  'deputy',
  'secretary',
  'executive',
  'supervisor',
  'governor_representative',
  'council_representative',
  'inspector',
  'candidate_representative',
  'authority',
  'executive_board',
  'supervisory_board',
] as const satisfies readonly records.Role[];
export const roleSchema = z.enum(roleNames);
const pin = z.strictObject({
  pin: z.string().regex(PIN_PATTERN),
  triesLeft: z.int().min(0).max(15),
  triesMax: z.int().min(1).max(15),
});
const approver = z.strictObject({ subject, role: roleSchema, key: bytes });
const approvalPair = z.tuple([bytes, bytes]);
const statement = z.strictObject({
  stationId: z.string(),
  mode: z.enum(['rehearsal', 'official']),
  style: z.int().min(0),
  armingNonce: bytes,
});

const cardStateSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('role'),
    election,
    stationId: z.string(),
    role: roleSchema,
    number: z.int().min(2).max(9).exactOptional(),
    authorityKey: bytes,
    pin,
    secretKey: bytes,
    countSecretKey: bytes.nullable(),
  }),
  z.strictObject({
    kind: z.literal('tarefe'),
    election,
    stationId: z.string(),
    secretKey: bytes,
    approvers: z.array(approver).min(2).max(APPROVERS_MAX),
    state: z.enum(['blank', 'armed', 'spent']),
    pendingNonce: bytes.nullable(),
    armed: z.strictObject({ statement, approvals: approvalPair }).nullable(),
  }),
  z.strictObject({
    kind: z.literal('voter'),
    nationalCode: z.string(),
    name: z.string(),
    holderObject: bytes,
    secretKey: bytes,
    pin,
    fingerTemplate: bytes,
    fingerTriesLeft: z.int().min(0),
  }),
  z.strictObject({ kind: z.literal('amayesh'), inclusiveCode: z.string() }),
  z.strictObject({ kind: z.literal('foreign') }),
  z.strictObject({ kind: z.literal('plastic') }),
]) satisfies z.ZodType<CardState, unknown>;

const hexOf = ({ buffer, byteOffset, length }: Bytes): string =>
  Buffer.from(buffer, byteOffset, length).toString('hex');

export const encodeCardState = (state: CardState): string =>
  JSON.stringify(state, (_key, value: unknown) => (value instanceof Uint8Array ? hexOf(value) : value));

/** @throws where the text is not a card state: the bench's own file is damaged. */
export const decodeCardState = (text: string): CardState => cardStateSchema.parse(JSON.parse(text));

/** The plastic around a state. */
export function createCardOf(state: CardState, ports: CardPorts, persist: (state: CardState) => void): Card {
  switch (state.kind) {
    case 'role':
      return createCard(roleApplet, state, ports, persist);
    case 'tarefe':
      return createCard(tarefeApplet, state, ports, persist);
    case 'voter':
      return createCard(voterApplet, state, ports, persist);
    case 'amayesh':
      return createCard(amayeshApplet, state, ports, persist);
    case 'foreign':
      return createCard(foreignApplet, state, ports, persist);
    case 'plastic':
      return plasticCard;
  }
}
