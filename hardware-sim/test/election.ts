/** A small signed world for card tests: authority, station, session and commitment, with the cards that belong to it. */
import {
  AUTHORITY_SUBJECT,
  type Bytes,
  boxSubject,
  concatBytes,
  type ElectionId,
  encode,
  encodeApdu,
  INS,
  parseApduAnswer,
  ROLE_CARD_AID,
  records as record,
  type records,
  roleSubject,
  type Subject,
  sessionSubject,
  signTyped,
  toHex,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { RoleCardState } from '../src/cards/role-card.ts';
import { type Card, createCardOf, makeRoleCard, makeTarefeCard } from '../src/index.ts';

export const ELECTION = 'test-1405' as ElectionId;
export const STATION = 'st-1';
export const PIN = '4711';

/** Deterministic bytes: a test's randomness must be the same on every run. */
export function testRandom(seed: string): (length: number) => Bytes {
  let count = 0;
  return (length) => {
    let out: Bytes = new Uint8Array(0);
    while (out.length < length) out = concatBytes(out, nodeCrypto.sha256(utf8(`${seed}/${count++}`)));
    return out.slice(0, length);
  };
}

export const secret = (name: string): Bytes => nodeCrypto.sha256(utf8(`test secret ${name}`));

export const AUTHORITY = secret('authority');
export const AUTHORITY_KEY = nodeCrypto.signingPublicKey(AUTHORITY);

export function roleCard(role: records.Role, seed = role as string): RoleCardState {
  return makeRoleCard(
    { election: ELECTION, stationId: STATION, role, authorityKey: AUTHORITY_KEY, pin: PIN, pinTriesMax: 3 },
    testRandom(`role ${seed}`),
  );
}

export function tarefeCard() {
  const approver = (role: 'executive' | 'supervisor') => ({
    subject: roleSubject(STATION, role),
    role,
    key: nodeCrypto.signingPublicKey(roleCard(role).secretKey),
  });
  return makeTarefeCard({
    election: ELECTION,
    stationId: STATION,
    secretKey: secret('tarefe'),
    approvers: [approver('executive'), approver('supervisor')],
  });
}

export function insert(
  state: Parameters<typeof createCardOf>[0],
  persist: Parameters<typeof createCardOf>[2] = () => undefined,
  seed = 'card',
): Card {
  return createCardOf(state, { crypto: nodeCrypto, random: testRandom(seed) }, persist);
}

export function send(card: Card, cla: number, ins: number, p1: number, p2: number, data?: Bytes) {
  const answer = parseApduAnswer(card.transmit(encodeApdu(cla, ins, p1, p2, data)));
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

export const select = (card: Card, aid: Bytes) => send(card, 0x00, INS.select, 0x04, 0, aid);

export function unlocked(state: RoleCardState): Card {
  const card = insert(state);
  select(card, ROLE_CARD_AID);
  send(card, 0x80, INS.verify_pin, 0, 0, utf8(state.pin.pin));
  return card;
}

export function approvalBy(state: RoleCardState, action: records.Action, digest: Bytes, extra = {}): Bytes {
  const payload = encode(record.approvalShape, { action, role: state.role, digest, ...extra });
  const code = record.roleShape.toCbor(state.role, '') as number;
  const answer = send(unlocked(state), 0x80, INS.approve, code, 0, payload);
  if (answer.statusWord !== 0x9000) throw new Error(`approve: ${answer.statusWord.toString(16)}`);
  return answer.data;
}

export const armStatement = (armingNonce: Bytes): records.ArmStatement => ({
  stationId: STATION,
  mode: 'rehearsal',
  style: 0,
  armingNonce,
});

export const armDigest = (statement: records.ArmStatement): Bytes =>
  nodeCrypto.sha256(encode(record.armStatementShape, statement));

const BOX = secret('box');
const SESSION = secret('session');
const zero32 = new Uint8Array(32);
const SESSION_ID = secret('session id').slice(0, 16);

export interface ChainOptions {
  readonly countKey?: Bytes;
  readonly closingAction?: records.Action;
  readonly election?: ElectionId;
  readonly stationSigner?: Bytes;
  readonly sessionSigner?: Bytes;
  readonly commitmentSigner?: Bytes;
  readonly commitmentSession?: Bytes;
  readonly approvals?: readonly Bytes[];
}

/** Station → Session → Commitment for the two closing cards, with one link bent on demand. */
export function chain(options: ChainOptions = {}) {
  const election = options.election ?? ELECTION;
  const governor = roleCard('governor_representative');
  const council = roleCard('council_representative');
  const enrolled = (card: RoleCardState, countKey?: Bytes) => ({
    subject: roleSubject(STATION, card.role),
    role: card.role,
    key: nodeCrypto.signingPublicKey(card.secretKey),
    countKey: countKey ?? nodeCrypto.agreementPublicKey(card.countSecretKey as Bytes),
  });
  const box = boxSubject(STATION, 1);
  const station = signTyped(
    nodeCrypto,
    options.stationSigner ?? AUTHORITY,
    { type: 'station', election, signer: AUTHORITY_SUBJECT },
    record.stationShape,
    {
      id: STATION,
      name: { fa: 'شعبه', en: 'Station' },
      kind: 'fixed',
      place: { scheme: 'test', province: 'p', county: 'c', district: 'd', constituency: 'k' },
      devices: [{ subject: box, purpose: 'box', key: nodeCrypto.signingPublicKey(BOX) }],
      roles: [enrolled(governor, options.countKey), enrolled(council)],
      votesMax: 100,
    },
  );
  const session = signTyped(
    nodeCrypto,
    options.sessionSigner ?? BOX,
    { type: 'session', election, signer: box },
    record.sessionShape,
    {
      sessionId: SESSION_ID,
      stationId: STATION,
      mode: 'rehearsal',
      packageDigest: zero32,
      boxSubject: box,
      votingSubject: `station/${STATION}/voting`,
      sessionKey: nodeCrypto.signingPublicKey(SESSION),
      openedBucket: 0,
      statement: { stationId: STATION, mode: 'rehearsal', stationNonce: zero32, boxNonce: zero32 },
      approvals: [Uint8Array.of(0), Uint8Array.of(0)],
    },
  );
  const digest = nodeCrypto.sha256(
    encode(record.closeStatementShape, { sessionId: SESSION_ID, stationId: STATION }),
  );
  const action = options.closingAction ?? 'close';
  const commitment = signTyped(
    nodeCrypto,
    options.commitmentSigner ?? SESSION,
    { type: 'commitment', election, signer: sessionSubject(toHex(SESSION_ID)) as Subject },
    record.commitmentShape,
    {
      sessionId: options.commitmentSession ?? SESSION_ID,
      setRoot: zero32,
      records: 0,
      cardsSpent: 0,
      papersPrinted: 0,
      papersInBin: 0,
      papersRejected: 0,
      papersRetained: 0,
      tornSlots: 0,
      poweredMinutes: 600,
      approvals: options.approvals ?? [
        approvalBy(governor, action, digest),
        approvalBy(council, action, digest),
      ],
    },
  );
  return { governor, council, station, session, commitment, closeDigest: digest };
}
