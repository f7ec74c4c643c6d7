/** A message to or from the box: the CBOR map `{0: version, 1: kind, 2: sequence, 3: body}`. */
import type { Bytes } from '../codec/bytes.ts';
import { decodeCbor, encodeCbor } from '../codec/cbor.ts';
import type { Shape } from '../codec/shape.ts';
import { failure, type Result, success } from '../result.ts';
import { MESSAGE_BYTES_MAX, WIRE_VERSION } from './bounds.ts';
import { MESSAGES } from './description.ts';
import * as generated from './generated.ts';
import {
  EXCHANGES,
  type Exchanges,
  type KeyEvent,
  type OutcomeReply,
  type Refusal,
  type RequestKind,
  type StateEvent,
} from './generated.ts';

/** Reply kinds are the request's plus this. */
export const REPLY_OFFSET = 100;
export const SEQUENCE_MAX = 0xffff_ffff;

export type BoxMessage =
  | {
      readonly kind: 'reply';
      readonly sequence: number;
      readonly request: RequestKind;
      readonly body: Exchanges[RequestKind]['reply'];
    }
  | { readonly kind: 'refusal'; readonly sequence: number; readonly body: Refusal }
  | { readonly kind: 'state_event'; readonly body: StateEvent }
  | { readonly kind: 'outcome_event'; readonly body: OutcomeReply }
  | { readonly kind: 'key_event'; readonly body: KeyEvent };

export type MessageFault = {
  readonly code: 'message_malformed' | 'version_unknown' | 'message_unknown';
  readonly wanted: string;
};

function envelope<Value>(kind: number, sequence: number, shape: Shape<Value>, body: Value): Bytes {
  return encodeCbor(
    new Map<number, never>([
      [0, WIRE_VERSION],
      [1, kind],
      [2, sequence],
      [3, shape.toCbor(body, '')],
    ] as never),
  );
}

export function encodeRequest<Kind extends RequestKind>(
  kind: Kind,
  sequence: number,
  body: Exchanges[Kind]['request'],
): Bytes {
  const exchange = EXCHANGES[kind];
  return envelope(exchange.code, sequence, exchange.request as Shape<Exchanges[Kind]['request']>, body);
}

export function encodeReply<Kind extends RequestKind>(
  kind: Kind,
  sequence: number,
  body: Exchanges[Kind]['reply'],
): Bytes {
  const exchange = EXCHANGES[kind];
  return envelope(
    exchange.code + REPLY_OFFSET,
    sequence,
    exchange.reply as Shape<Exchanges[Kind]['reply']>,
    body,
  );
}

export const encodeRefusal = (sequence: number, body: Refusal): Bytes =>
  envelope(MESSAGES.refusal, sequence, generated.refusalShape, body);
export const encodeStateEvent = (body: StateEvent): Bytes =>
  envelope(MESSAGES.state_event, 0, generated.stateEventShape, body);
export const encodeOutcomeEvent = (body: OutcomeReply): Bytes =>
  envelope(MESSAGES.outcome_event, 0, generated.outcomeReplyShape, body);
export const encodeKeyEvent = (body: KeyEvent): Bytes =>
  envelope(MESSAGES.key_event, 0, generated.keyEventShape, body);

interface Envelope {
  readonly kind: number;
  readonly sequence: number;
  readonly body: unknown;
}

function openEnvelope(payload: Bytes): Result<Envelope, MessageFault> {
  const raw = decodeCbor(payload, MESSAGE_BYTES_MAX);
  if (!raw.ok) return failure({ code: 'message_malformed', wanted: raw.fault.wanted });
  const map = raw.value;
  if (!(map instanceof Map) || map.size !== 4)
    return failure({ code: 'message_malformed', wanted: 'a map of version, kind, sequence and body' });
  if (map.get(0) !== WIRE_VERSION)
    return failure({ code: 'version_unknown', wanted: `version ${WIRE_VERSION}` });
  const kind: unknown = map.get(1);
  const sequence: unknown = map.get(2);
  if (
    !Number.isSafeInteger(kind) ||
    !Number.isSafeInteger(sequence) ||
    (sequence as number) < 0 ||
    (sequence as number) > SEQUENCE_MAX
  ) {
    return failure({ code: 'message_malformed', wanted: 'a kind and a sequence number' });
  }
  return success({ kind: kind as number, sequence: sequence as number, body: map.get(3) });
}

function read<Value>(shape: Shape<Value>, raw: unknown): Result<Value, MessageFault> {
  try {
    return success(shape.fromCbor(raw, ''));
  } catch (cause) {
    return failure({ code: 'message_malformed', wanted: cause instanceof Error ? cause.message : 'a body' });
  }
}

/** What a host reads from the box. */
export function decodeBoxMessage(payload: Bytes): Result<BoxMessage, MessageFault> {
  const opened = openEnvelope(payload);
  if (!opened.ok) return opened;
  const { kind, sequence, body } = opened.value;
  if (kind === MESSAGES.refusal)
    return mapBody(read(generated.refusalShape, body), (value) => ({
      kind: 'refusal',
      sequence,
      body: value,
    }));
  if (kind === MESSAGES.state_event)
    return mapBody(read(generated.stateEventShape, body), (value) => ({ kind: 'state_event', body: value }));
  if (kind === MESSAGES.outcome_event)
    return mapBody(read(generated.outcomeReplyShape, body), (value) => ({
      kind: 'outcome_event',
      body: value,
    }));
  if (kind === MESSAGES.key_event)
    return mapBody(read(generated.keyEventShape, body), (value) => ({ kind: 'key_event', body: value }));
  for (const request of Object.keys(EXCHANGES) as RequestKind[]) {
    if (EXCHANGES[request].code + REPLY_OFFSET !== kind) continue;
    return mapBody(
      read(EXCHANGES[request].reply as Shape<Exchanges[RequestKind]['reply']>, body),
      (value) => ({ kind: 'reply', sequence, request, body: value }),
    );
  }
  return failure({ code: 'message_unknown', wanted: 'a known kind' });
}

export type HostRequest = {
  readonly [Kind in RequestKind]: {
    readonly kind: Kind;
    readonly sequence: number;
    readonly body: Exchanges[Kind]['request'];
  };
}[RequestKind];

/** What a box reads from a host; used by tests that stand in for a box. */
export function decodeRequest(payload: Bytes): Result<HostRequest, MessageFault> {
  const opened = openEnvelope(payload);
  if (!opened.ok) return opened;
  const { kind, sequence, body } = opened.value;
  for (const request of Object.keys(EXCHANGES) as RequestKind[]) {
    if (EXCHANGES[request].code !== kind) continue;
    return mapBody(
      read(EXCHANGES[request].request as Shape<Exchanges[RequestKind]['request']>, body),
      (value) => ({ kind: request, sequence, body: value }) as HostRequest,
    );
  }
  return failure({ code: 'message_unknown', wanted: 'a known kind' });
}

function mapBody<In, Out>(
  result: Result<In, MessageFault>,
  make: (value: In) => Out,
): Result<Out, MessageFault> {
  return result.ok ? success(make(result.value)) : result;
}
