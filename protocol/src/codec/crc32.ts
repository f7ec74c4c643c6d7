/** CRC-32/ISO-HDLC (reflected polynomial 0xEDB88320), the check of every frame and flash slot. */
import type { Bytes } from './bytes.ts';

/** What a byte at distance 0 to 3 from the end of a word does to the remainder: four bytes a step (Intel, 2006). */
const TABLES = [0, 1, 2, 3].map(() => new Uint32Array(256));
const [LAST, THIRD, SECOND, FIRST] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  LAST[byte] = remainder;
}
for (const [further, table] of TABLES.entries()) {
  const nearer = TABLES[further - 1];
  if (nearer === undefined) continue;
  for (let byte = 0; byte < 256; byte++) {
    const before = nearer[byte] as number;
    table[byte] = (before >>> 8) ^ (LAST[before & 0xff] as number);
  }
}

export function crc32(data: Bytes): number {
  let remainder = 0xffffffff;
  let i = 0;
  for (const end = data.length - 3; i < end; i += 4) {
    const word =
      (data[i] as number) |
      ((data[i + 1] as number) << 8) |
      ((data[i + 2] as number) << 16) |
      ((data[i + 3] as number) << 24);
    remainder ^= word;
    remainder =
      (FIRST[remainder & 0xff] as number) ^
      (SECOND[(remainder >>> 8) & 0xff] as number) ^
      (THIRD[(remainder >>> 16) & 0xff] as number) ^
      (LAST[remainder >>> 24] as number);
  }
  for (; i < data.length; i++)
    remainder = (remainder >>> 8) ^ (LAST[(remainder ^ (data[i] as number)) & 0xff] as number);
  return ~remainder >>> 0;
}
