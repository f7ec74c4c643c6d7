/** Bounds of the links, named. The box's buffers are sized by them. */
export const WIRE_VERSION = 1;
/** One message: the largest is PRINT with every contest of a large election, about 3 kB. */
export const MESSAGE_BYTES_MAX = 6144;
export const FRAME_CHECK_BYTES = 4;
/** COBS adds one byte in 254 and one at the front; the delimiter closes the frame. */
export const FRAME_BYTES_MAX =
  MESSAGE_BYTES_MAX + FRAME_CHECK_BYTES + Math.ceil((MESSAGE_BYTES_MAX + FRAME_CHECK_BYTES) / 254) + 2;
export const LOAD_CHUNK_BYTES_MAX = 4096;
export const LOAD_BYTES_MAX = 12 * 1024 * 1024;
export const SLOTS_PER_READ_MAX = 16;
/** Small frames of printer, card pad and mechanics (ports 2 to 4); the pad carries one APDU or its answer. */
export const PERIPHERAL_BYTES_MAX = 2048;
