/**
 * The reader's HID reports: 64 bytes, CTAPHID-like (CTAP 2.1 section 11.2): an initial packet `channel(4) |
 * command with high bit(1) | length(2) | data(57)`, continuations `channel(4) | sequence(1) | data(59)`.
 */
import type { Bytes } from '../codec/bytes.ts';

export const REPORT_BYTES = 64;
const INITIAL_DATA_BYTES = REPORT_BYTES - 7;
const CONTINUATION_DATA_BYTES = REPORT_BYTES - 5;
const SEQUENCES_MAX = 128;
export const HID_MESSAGE_BYTES_MAX = INITIAL_DATA_BYTES + SEQUENCES_MAX * CONTINUATION_DATA_BYTES;
export const BROADCAST_CHANNEL = 0xffff_ffff;
export const READER_VENDOR_ID = 0x1209;
export const READER_PRODUCT_ID = 0x5d01;

/**
 * init: 8-byte nonce → nonce, channel u32, reader kind u8, slots u8, capabilities u8 (a reader of the first form ends
 * before it and has none). apdu: slot u8, APDU → slot u8, answer. script: several of them (`reader-script.ts`). slots: → for each slot a byte, 1 where a card lies. ping: echoes (heartbeat). Unasked on the broadcast channel:
 * slots with the new state. cancel: no answer of its own; the APDU in hand on that channel, where no card has it yet, is
 * answered by error `cancelled`, and a script ends there. error: one byte of HID_ERRORS.
 */
export const HID_COMMANDS = {
  ping: 0x01,
  apdu: 0x03,
  script: 0x05,
  init: 0x06,
  slots: 0x08,
  cancel: 0x11,
  keepalive: 0x3b,
  error: 0x3f,
} as const;
export const HID_ERRORS = {
  invalid_command: 1,
  invalid_length: 3,
  invalid_sequence: 4,
  timeout: 5,
  channel_busy: 6,
  invalid_channel: 11,
  /** CTAP's keep-alive cancel: the message in hand was given up because its channel asked so */
  cancelled: 0x2d,
  no_card: 0x20,
  slot_unknown: 0x21,
  /** the card has answered, and the answer does not fit beside those before it */
  answer_too_long: 0x22,
  other: 0x7f,
} as const;
/** Slots of the admission reader and of the voting computer's role reader. */
export const ADMISSION_SLOTS = { document: 0, tarefe: 1, executive: 2, supervisor: 3 } as const;
export const ROLE_SLOTS = { first: 0, second: 1 } as const;
export const READER_KINDS = { admission: 1, role: 2 } as const;
/** Bits of the INIT answer's last byte; those not named here are ignored. */
export const READER_CAPABILITIES = { scripts: 0x01 } as const;

export interface HidMessage {
  readonly channel: number;
  readonly command: number;
  readonly data: Bytes;
}

/** @returns whole 64-byte reports, one behind another in one buffer. @throws RangeError above HID_MESSAGE_BYTES_MAX. */
export function encodeReports(message: HidMessage): readonly Bytes[] {
  const { channel, command, data } = message;
  if (data.length > HID_MESSAGE_BYTES_MAX)
    throw new RangeError(`HID message above ${HID_MESSAGE_BYTES_MAX} bytes`);
  const continued = Math.max(0, data.length - INITIAL_DATA_BYTES);
  const count = 1 + Math.ceil(continued / CONTINUATION_DATA_BYTES);
  const all = new Uint8Array(count * REPORT_BYTES);
  const reports: Bytes[] = [];
  let taken = 0;
  for (let at = 0; at < all.length; at += REPORT_BYTES) {
    const report = all.subarray(at, at + REPORT_BYTES);
    report[0] = channel >>> 24;
    report[1] = channel >>> 16;
    report[2] = channel >>> 8;
    report[3] = channel;
    const isInitial = at === 0;
    if (isInitial) {
      report[4] = command | 0x80;
      report[5] = data.length >> 8;
      report[6] = data.length;
    } else report[4] = reports.length - 1;
    const room = isInitial ? INITIAL_DATA_BYTES : CONTINUATION_DATA_BYTES;
    report.set(data.subarray(taken, taken + room), REPORT_BYTES - room);
    taken += room;
    reports.push(report);
  }
  return reports;
}

export type ReportOutcome =
  | { readonly kind: 'message'; readonly message: HidMessage }
  | { readonly kind: 'more' }
  | { readonly kind: 'fault'; readonly channel: number; readonly error: keyof typeof HID_ERRORS };

/** Reassembles one message at a time: a second channel that starts in between is told `channel_busy`. */
export function createReportReader(): { push(report: Bytes): ReportOutcome } {
  let channel = 0;
  let command = 0;
  let wanted = 0;
  let received = 0;
  let sequence = 0;
  let data: Bytes | undefined;
  const fault = (on: number, error: keyof typeof HID_ERRORS): ReportOutcome => ({
    kind: 'fault',
    channel: on,
    error,
  });
  const take = (part: Bytes): ReportOutcome => {
    const into = data as Bytes;
    const length = Math.min(part.length, wanted - received);
    into.set(part.subarray(0, length), received);
    received += length;
    if (received < wanted) return { kind: 'more' };
    data = undefined;
    return { kind: 'message', message: { channel, command, data: into } };
  };
  return {
    push(report) {
      if (report.length !== REPORT_BYTES) return fault(BROADCAST_CHANNEL, 'invalid_length');
      const from =
        (((report[0] as number) << 24) |
          ((report[1] as number) << 16) |
          ((report[2] as number) << 8) |
          (report[3] as number)) >>>
        0;
      const code = report[4] as number;
      if (code & 0x80) {
        const length = ((report[5] as number) << 8) | (report[6] as number);
        // Only the channel that is being read may start over; CTAPHID calls this resynchronisation.
        if (data !== undefined && from !== channel) return fault(from, 'channel_busy');
        if (length > HID_MESSAGE_BYTES_MAX) return fault(from, 'invalid_length');
        channel = from;
        command = code & 0x7f;
        wanted = length;
        received = 0;
        sequence = 0;
        data = new Uint8Array(length);
        return take(report.subarray(7));
      }
      if (data === undefined) return { kind: 'more' }; // a stray continuation is ignored, as CTAPHID says
      if (from !== channel) return fault(from, 'channel_busy');
      if (code !== sequence) {
        data = undefined;
        return fault(from, 'invalid_sequence');
      }
      sequence++;
      return take(report.subarray(5));
    },
  };
}
