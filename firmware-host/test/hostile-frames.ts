// Frames that nobody should send: noise, broken stuffing, valid messages with something changed under a good checksum,
// lengths at and beyond every bound. Seeded. Shared by the lab and the tests.
import { type Bytes, encodeFrame, encodeRequest, FRAME_BYTES_MAX, MESSAGE_BYTES_MAX } from '@sandoq/protocol';
import { seeded } from './seeded.ts';

export type HostileKind = (typeof HOSTILE_KINDS)[number];
export const HOSTILE_KINDS = [
  'noise',
  'noise_with_zeros',
  'stuffing',
  'flipped',
  'changed_under_checksum',
  'cbor_junk',
  'envelope',
  'run_together',
  'at_the_bound',
] as const;
/** Of a thousand. Frames of six kilobytes are rare, so that the rate is one of frames. */
const WEIGHTS: Readonly<Record<HostileKind, number>> = {
  noise: 250,
  noise_with_zeros: 100,
  stuffing: 150,
  flipped: 200,
  changed_under_checksum: 60,
  cbor_junk: 138,
  envelope: 60,
  run_together: 40,
  at_the_bound: 2,
};

const digest = (value: number): Bytes => new Uint8Array(32).fill(value);
/** A valid request of every kind; none of them is to be carried out, so proofs and approvals are not good. */
export const VALID_PAYLOADS: readonly Bytes[] = [
  encodeRequest('hello', 1, { challenge: digest(1), softwareHash: digest(2) }),
  encodeRequest('prove', 2, {
    subject: 'station/s0001/voting' as never,
    signature: new Uint8Array(64).fill(3),
  }),
  encodeRequest('provision', 3, { authorityKey: digest(4), subject: 'station/s0001/box/1' as never }),
  encodeRequest('load_begin', 4, { part: 'package', length: 900, digest: digest(5) }),
  encodeRequest('load_chunk', 5, { part: 'package', offset: 0, bytes: new Uint8Array(120).fill(6) }),
  encodeRequest('load_end', 6, { part: 'package' }),
  encodeRequest('open_prepare', 7, { mode: 'rehearsal', stationCommitment: digest(7) }),
  encodeRequest('open', 8, {
    stationNonce: digest(8),
    openedBucket: 1_800_000_000,
    approvals: [new Uint8Array(90), new Uint8Array(90)],
  }),
  encodeRequest('begin', 9, { stationCommitment: digest(9) }),
  encodeRequest('print', 10, {
    stationNonce: digest(10),
    ballots: [new Uint8Array(20)],
    sealed: [new Uint8Array(150).fill(11)],
  }),
  encodeRequest('outcome', 11, { names: [new Uint8Array(16).fill(12)] }),
  encodeRequest('status', 12, {}),
  encodeRequest('close_doors', 13, { approvals: [new Uint8Array(90), new Uint8Array(90)] }),
  encodeRequest('close', 14, { approvals: [new Uint8Array(90), new Uint8Array(90)] }),
  encodeRequest('read_slots', 15, { from: 0, count: 4 }),
  encodeRequest('clear', 16, { approvals: [new Uint8Array(90), new Uint8Array(90)] }),
  encodeRequest('abandon', 17, { approvals: [new Uint8Array(90), new Uint8Array(90)] }),
];
const VALID_FRAMES = VALID_PAYLOADS.map((payload) => encodeFrame(payload));
/** Heads whose lengths lie, nest or never end: strings and lists of 2^16, 2^32, 2^64 − 1, indefinite, tags, floats. */
const CBOR_HEADS = [
  [0x5b, 255, 255, 255, 255, 255, 255, 255, 255],
  [0x5a, 255, 255, 255, 255],
  [0x59, 0x18, 0x01],
  [0x9b, 255, 255, 255, 255, 255, 255, 255, 255],
  [0xbb, 0, 0, 0, 1, 0, 0, 0, 0],
  [0x5f],
  [0x9f],
  [0xbf],
  [0xc2],
  [0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
  [0x3b, 255, 255, 255, 255, 255, 255, 255, 255],
  [0x18, 0x01],
  [0x1c],
  [0xa4, 0, 1],
  [0x81],
];

export interface HostileBlock {
  readonly bytes: Bytes;
  /** Pieces between zero bytes that are not empty: what the box must answer, one by one. */
  readonly frames: number;
  readonly kinds: Readonly<Record<HostileKind, number>>;
}

export function hostileFrames(seed: number) {
  const random = seeded(seed);
  const below = (bound: number): number => random() % bound;
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const noise = (length: number, least: number): Bytes =>
    Uint8Array.from({ length }, () => least + below(256 - least));
  const ended = (bytes: Bytes): Bytes => Uint8Array.of(...bytes, 0);

  const makers: Readonly<Record<HostileKind, () => Bytes>> = {
    noise: () => ended(noise(1 + below(48), 1)),
    noise_with_zeros: () => ended(noise(1 + below(24), 0)),
    stuffing() {
      // codes that reach one beyond the end, end exactly, are all ones, or start runs of 254
      const length = 1 + below(20);
      const body = noise(length, 1);
      body[0] = pick([length, length + 1, length + 2, 1, 255]);
      if (below(4) === 0) body.fill(1);
      return ended(below(40) === 0 ? Uint8Array.of(255, ...noise(254, 1), pick([1, 2, 255])) : body);
    },
    flipped() {
      const frame = Uint8Array.from(pick(VALID_FRAMES));
      const at = below(frame.length - 1);
      frame[at] = (frame[at] as number) ^ (1 << below(8));
      return frame;
    },
    changed_under_checksum() {
      const payload = Uint8Array.from(pick(VALID_PAYLOADS));
      const at = below(payload.length);
      const how = below(4);
      if (how === 0) return encodeFrame(payload.slice(0, at));
      if (how === 1) return encodeFrame(Uint8Array.of(...payload, ...noise(1 + below(8), 0)));
      payload[at] = how === 2 ? below(256) : (payload[at] as number) ^ (1 << below(8));
      return encodeFrame(payload);
    },
    cbor_junk() {
      if (below(6) === 0) return encodeFrame(new Uint8Array(1 + below(60)).fill(0x81));
      const head = pick(VALID_PAYLOADS).slice(0, below(12));
      return encodeFrame(Uint8Array.of(...head, ...pick(CBOR_HEADS), ...noise(below(16), 0)));
    },
    envelope() {
      const version = pick([0, 2, 23]);
      const kind = pick([0, 18, 23]);
      return encodeFrame(
        Uint8Array.of(0xa4, 0, pick([1, version]), 1, kind, 2, 0x1a, ...noise(4, 128), 3, 0xa0),
      );
    },
    run_together: () => Uint8Array.of(...pick(VALID_FRAMES).slice(0, -1), ...pick(VALID_FRAMES)),
    at_the_bound() {
      const over = pick([MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX + 1]);
      if (below(2) === 0) return encodeFrame(new Uint8Array(over).fill(0xff), over);
      return ended(noise(FRAME_BYTES_MAX - 2 + below(4), 1));
    },
  };
  const wheel = HOSTILE_KINDS.flatMap((kind) => new Array<HostileKind>(WEIGHTS[kind]).fill(kind));

  return {
    block(count: number): HostileBlock {
      const kinds = Object.fromEntries(HOSTILE_KINDS.map((kind) => [kind, 0])) as Record<HostileKind, number>;
      const pieces: Bytes[] = [];
      let length = 0;
      let frames = 0;
      for (let i = 0; i < count; i++) {
        const kind = pick(wheel);
        const piece = makers[kind]();
        kinds[kind]++;
        pieces.push(piece);
        length += piece.length;
        for (let at = 0; at < piece.length; at++)
          if (piece[at] === 0 && at > 0 && piece[at - 1] !== 0) frames++;
      }
      const bytes = new Uint8Array(length);
      let at = 0;
      for (const piece of pieces) {
        bytes.set(piece, at);
        at += piece.length;
      }
      return { bytes, frames, kinds };
    },
  };
}
