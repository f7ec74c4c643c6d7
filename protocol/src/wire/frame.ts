/** Frames: COBS over `payload || CRC-32 little-endian`, closed by a zero byte; and a reader that is total and bounded. */
import { type Bytes, concatBytes } from '../codec/bytes.ts';
import { cobsDecode, cobsEncode, cobsLengthMax } from '../codec/cobs.ts';
import { crc32 } from '../codec/crc32.ts';
import { FRAME_CHECK_BYTES, MESSAGE_BYTES_MAX } from './bounds.ts';

export type FrameFault = 'frame_too_long' | 'frame_malformed' | 'frame_check_failed';

function check(payload: Bytes): Bytes {
  const sum = crc32(payload);
  return Uint8Array.of(sum & 0xff, (sum >>> 8) & 0xff, (sum >>> 16) & 0xff, sum >>> 24);
}

/** @throws RangeError for a payload above `payloadMax`. */
export function encodeFrame(payload: Bytes, payloadMax = MESSAGE_BYTES_MAX): Bytes {
  if (payload.length > payloadMax)
    throw new RangeError(`frame payload of ${payload.length} bytes, at most ${payloadMax}`);
  return concatBytes(cobsEncode(concatBytes(payload, check(payload))), Uint8Array.of(0));
}

export interface FrameReader {
  /** Takes any bytes in any pieces. Never throws; a bad frame is reported and the next good one is read. */
  push(chunk: Bytes): void;
}

export function createFrameReader(
  onFrame: (payload: Bytes) => void,
  onFault: (fault: FrameFault) => void,
  payloadMax = MESSAGE_BYTES_MAX,
): FrameReader {
  const buffer = new Uint8Array(cobsLengthMax(payloadMax + FRAME_CHECK_BYTES));
  let length = 0;
  let overflowed = false;
  const finish = (): void => {
    if (overflowed) onFault('frame_too_long');
    else if (length > 0) {
      const decoded = cobsDecode(buffer.subarray(0, length));
      if (decoded === undefined || decoded.length < FRAME_CHECK_BYTES) onFault('frame_malformed');
      else {
        const payload = decoded.slice(0, decoded.length - FRAME_CHECK_BYTES);
        const sum = crc32(payload);
        let told = 0;
        for (let i = 1; i <= FRAME_CHECK_BYTES; i++) told = (told << 8) | (decoded.at(-i) as number);
        if (told >>> 0 === sum) onFrame(payload);
        else onFault('frame_check_failed');
      }
    }
    length = 0;
    overflowed = false;
  };
  return {
    push(chunk) {
      let start = 0;
      while (start < chunk.length) {
        const found = chunk.indexOf(0, start);
        const end = found < 0 ? chunk.length : found;
        if (length + end - start > buffer.length) overflowed = true;
        else {
          buffer.set(chunk.subarray(start, end), length);
          length += end - start;
        }
        if (found >= 0) finish();
        start = end + 1;
      }
    },
  };
}
