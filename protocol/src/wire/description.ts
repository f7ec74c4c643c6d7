/** The messages between a host and the box on port 0, described once. The conversation is in docs/WIRE.md. */
import {
  boolean,
  bytesOf,
  bytesUpTo,
  field,
  listOf,
  oneOf,
  optionalField,
  SAFE_MAX,
  type SchemaDescription,
  structOf,
  textOf,
  UINT32_MAX,
  uintOf,
} from '../codec/description.ts';
import * as record from '../records/bounds.ts';
import * as bound from './bounds.ts';

const count = uintOf(UINT32_MAX);
const nonce = bytesOf(record.NONCE_BYTES);
const digest = bytesOf(record.DIGEST_BYTES);
const subject = textOf(record.SUBJECT_BYTES_MAX);
const approvals = listOf(bytesUpTo(record.APPROVAL_BYTES_MAX), 2, 2);
const smallRecord = bytesUpTo(record.SMALL_RECORD_BYTES_MAX);
const nothing = { doc: 'No fields.', fields: [] };

/** Message kinds: requests below 100, the reply of request k is 100 + k, unasked events from 200, refusal 255. */
export const MESSAGES = {
  hello: 1,
  prove: 2,
  provision: 3,
  load_begin: 4,
  load_chunk: 5,
  load_end: 6,
  open_prepare: 7,
  open: 8,
  status: 9,
  begin: 10,
  print: 11,
  outcome: 12,
  close_doors: 13,
  close: 14,
  read_slots: 15,
  clear: 16,
  abandon: 17,
  state_event: 200,
  outcome_event: 201,
  key_event: 202,
  refusal: 255,
} as const;

export type MessageKind = keyof typeof MESSAGES;

export const WIRE: SchemaDescription = {
  enumerations: {
    Lifecycle: {
      doc: "The box's life. `close` is one-way: closed → loaded only by `clear`.",
      codes: { unprovisioned: 0, provisioned: 1, loaded: 2, open: 3, doors_closed: 4, closed: 5 },
    },
    PaperPath: {
      doc: 'Where the paper is.',
      codes: {
        idle: 0,
        printing: 1,
        in_window: 2,
        dropping: 3,
        overprinting: 4,
        jammed: 5,
        out_of_paper: 6,
        lost: 7,
      },
    },
    Pad: { doc: "What lies on the box's card pad.", codes: { empty: 0, card: 1 } },
    Outcome: {
      doc: 'What became of a ballot. `unknown`: the box never committed these records and holds no paper for them.',
      codes: { unknown: 0, printing: 1, in_window: 2, cast: 3, rejected: 4, retained: 5 },
    },
    LoadPart: { doc: '', codes: { package: 1, station: 2, rasters: 3 } },
    Key: {
      doc: "Keys of the box's keypad.",
      codes: {
        digit_0: 0,
        digit_1: 1,
        digit_2: 2,
        digit_3: 3,
        digit_4: 4,
        digit_5: 5,
        digit_6: 6,
        digit_7: 7,
        digit_8: 8,
        digit_9: 9,
        white: 10,
        correction: 11,
        green: 12,
      },
    },
  },
  structs: {
    Counters: {
      doc: 'Public counters, derived from flash at each question; none is stored.',
      fields: [
        field(1, 'records', count, 'committed slots'),
        field(2, 'cardsSpent', count, 'votes cast'),
        field(3, 'papersPrinted', count, ''),
        field(4, 'papersInBin', count, ''),
        field(5, 'papersRejected', count, ''),
        field(6, 'papersRetained', count, ''),
        field(7, 'tornSlots', count, ''),
        field(8, 'slots', count, 'capacity'),
      ],
    },
    HelloRequest: {
      doc: 'First word of a host on a link.',
      fields: [field(1, 'challenge', nonce, ''), field(2, 'softwareHash', digest, 'reported by the host')],
    },
    HelloReply: {
      doc: 'The box proves its key over both challenges (LinkProof); all zero while unprovisioned.',
      fields: [
        field(1, 'subject', subject, ''),
        field(2, 'key', nonce, ''),
        field(3, 'challenge', nonce, "the box's"),
        field(4, 'softwareHash', digest, ''),
        field(5, 'signature', bytesOf(64), ''),
        field(6, 'lifecycle', oneOf('Lifecycle'), ''),
      ],
    },
    ProveRequest: {
      doc: 'The host proves the voting key of the loaded station.',
      fields: [field(1, 'subject', subject, ''), field(2, 'signature', bytesOf(64), 'over LinkProof')],
    },
    ProveReply: nothing,
    ProvisionRequest: {
      doc: 'Once, at the workshop: who the box trusts and what it is called. The key is made inside.',
      fields: [field(1, 'authorityKey', nonce, ''), field(2, 'subject', subject, '')],
    },
    ProvisionReply: { doc: '', fields: [field(1, 'key', nonce, 'Ed25519 public key of the box')] },
    LoadBeginRequest: {
      doc: '',
      fields: [
        field(1, 'part', oneOf('LoadPart'), ''),
        field(2, 'length', uintOf(bound.LOAD_BYTES_MAX), 'bytes'),
        field(3, 'digest', digest, 'SHA-256 of the bytes'),
      ],
    },
    LoadBeginReply: {
      doc: 'Equal to length where the part is already there.',
      fields: [field(1, 'offset', uintOf(bound.LOAD_BYTES_MAX), 'next byte wanted')],
    },
    LoadChunkRequest: {
      doc: '',
      fields: [
        field(1, 'part', oneOf('LoadPart'), ''),
        field(2, 'offset', uintOf(bound.LOAD_BYTES_MAX), ''),
        field(3, 'bytes', bytesUpTo(bound.LOAD_CHUNK_BYTES_MAX, 1), ''),
      ],
    },
    LoadChunkReply: {
      doc: '',
      fields: [field(1, 'offset', uintOf(bound.LOAD_BYTES_MAX), 'next byte wanted')],
    },
    LoadEndRequest: {
      doc: 'Check digest and signature; in the order package, station, rasters.',
      fields: [field(1, 'part', oneOf('LoadPart'), '')],
    },
    LoadEndReply: { doc: '', fields: [field(1, 'lifecycle', oneOf('Lifecycle'), '')] },
    OpenPrepareRequest: {
      doc: "The station commits to its nonce before it sees the box's.",
      fields: [
        field(1, 'mode', oneOf('Mode'), ''),
        field(2, 'stationCommitment', digest, 'SHA-256 of the station nonce'),
      ],
    },
    OpenPrepareReply: { doc: '', fields: [field(1, 'boxNonce', nonce, '')] },
    OpenRequest: {
      doc: 'Repeated with the same nonce it answers the same.',
      fields: [
        field(1, 'stationNonce', nonce, ''),
        field(2, 'openedBucket', uintOf(SAFE_MAX), 'epoch seconds'),
        field(3, 'approvals', approvals, 'action open, executive and supervisor'),
      ],
    },
    OpenReply: {
      doc: '',
      fields: [
        field(1, 'session', smallRecord, 'Session record'),
        field(2, 'zeroReport', smallRecord, 'ZeroReport record'),
      ],
    },
    StatusRequest: nothing,
    StatusReply: {
      doc: '',
      fields: [
        field(1, 'lifecycle', oneOf('Lifecycle'), ''),
        field(2, 'counters', structOf('Counters'), ''),
        field(3, 'paper', oneOf('PaperPath'), ''),
        field(4, 'pad', oneOf('Pad'), ''),
        field(5, 'lidOpen', boolean, ''),
        field(6, 'poweredMinutes', count, 'since opening'),
        field(7, 'boots', count, ''),
        optionalField(8, 'mode', oneOf('Mode'), 'from open'),
        optionalField(9, 'sessionId', bytesOf(record.SESSION_ID_BYTES), 'from open'),
        optionalField(
          10,
          'cardsUnburnt',
          count,
          'from open: cards of votes cast here that left the pad unburnt',
        ),
      ],
    },
    BeginRequest: {
      doc: 'A voter laid her card; also after a correction. The station commits to its nonce.',
      fields: [field(1, 'stationCommitment', digest, 'SHA-256 of the station nonce')],
    },
    BeginReply: {
      doc: '',
      fields: [
        field(1, 'style', uintOf(record.STYLES_MAX - 1), 'of the armed card'),
        field(2, 'boxNonce', nonce, ''),
        field(3, 'rejections', uintOf(16), 'of this card so far'),
      ],
    },
    PrintRequest: {
      doc: 'The box recomputes the seal of every contest and refuses a mismatch; the reply comes when the paper stands in the window.',
      fields: [
        field(1, 'stationNonce', nonce, ''),
        field(
          2,
          'ballots',
          listOf(bytesUpTo(record.BALLOT_HEADER_BYTES + 2 * record.CHOICES_MAX), record.CONTESTS_MAX, 1),
          'plaintext, one a contest of the election',
        ),
        field(
          3,
          'sealed',
          listOf(bytesUpTo(record.SEALED_BYTES_MAX), record.CONTESTS_MAX, 1),
          'in the same order',
        ),
      ],
    },
    PrintReply: {
      doc: '',
      fields: [field(1, 'outcome', oneOf('Outcome'), 'in_window, or what has become of it since')],
    },
    OutcomeRequest: {
      doc: 'CAST?: asks, never causes. Answers the same for ever.',
      fields: [
        field(
          1,
          'names',
          listOf(bytesOf(record.RECORD_NAME_BYTES), record.CONTESTS_MAX, 1),
          'of the sealed records, in contest order',
        ),
      ],
    },
    OutcomeReply: {
      doc: 'Also the body of outcome_event.',
      fields: [
        field(1, 'outcome', oneOf('Outcome'), ''),
        field(
          2,
          'signatures',
          listOf(bytesOf(64), record.CONTESTS_MAX),
          'over Vote, in the order asked, when cast',
        ),
        optionalField(3, 'rejection', smallRecord, 'Rejection record when rejected'),
      ],
    },
    CloseDoorsRequest: {
      doc: 'No new voter; the queue still votes.',
      fields: [field(1, 'approvals', approvals, 'action close_doors')],
    },
    CloseDoorsReply: { doc: '', fields: [field(1, 'lifecycle', oneOf('Lifecycle'), '')] },
    CloseRequest: {
      doc: 'One way. Too early without an amendment that changed the hours.',
      fields: [
        field(1, 'approvals', approvals, 'action close, the two closing representatives'),
        optionalField(2, 'amendment', smallRecord, 'Amendment record hours_changed'),
      ],
    },
    CloseReply: {
      doc: 'Repeated, it answers the same.',
      fields: [field(1, 'commitment', smallRecord, 'Commitment record')],
    },
    ReadSlotsRequest: {
      doc: 'After close only: for the recount and for a lost station.',
      fields: [
        field(1, 'from', count, 'slot number'),
        field(2, 'count', uintOf(bound.SLOTS_PER_READ_MAX), ''),
      ],
    },
    ReadSlotsReply: {
      doc: '',
      fields: [
        field(1, 'next', count, 'slot number to go on from; equal to the number of slots at the end'),
        field(2, 'sealed', listOf(bytesUpTo(record.SEALED_BYTES_MAX), bound.SLOTS_PER_READ_MAX), ''),
      ],
    },
    ClearRequest: {
      doc: 'Empties a closed rehearsal; an official box only after its retention, by order.',
      fields: [field(1, 'approvals', approvals, 'action clear')],
    },
    ClearReply: { doc: '', fields: [field(1, 'lifecycle', oneOf('Lifecycle'), '')] },
    AbandonRequest: {
      doc: 'The voter left with the paper in the window: it is kept back, counted, the card stays armed for the officer to take.',
      fields: [field(1, 'approvals', approvals, 'action abandon_ballot')],
    },
    AbandonReply: { doc: '', fields: [field(1, 'outcome', oneOf('Outcome'), 'retained')] },
    StateEvent: {
      doc: 'Something that the station should ask about.',
      fields: [
        field(1, 'paper', oneOf('PaperPath'), ''),
        field(2, 'pad', oneOf('Pad'), ''),
        field(3, 'lidOpen', boolean, ''),
      ],
    },
    KeyEvent: {
      doc: "A key of the box's keypad while the voter chooses.",
      fields: [field(1, 'key', oneOf('Key'), '')],
    },
    Refusal: {
      doc: 'The answer to any request that is refused; nothing has changed.',
      fields: [field(1, 'reason', oneOf('RefusalReason'), '')],
    },
  },
  unions: {},
};
