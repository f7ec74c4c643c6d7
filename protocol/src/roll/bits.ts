/** Bits in and out, most significant first. */
import type { Bytes } from '../codec/bytes.ts';

export class BitWriter {
  #bytes = new Uint8Array(256);
  #bits = 0;

  /** @param count at most 30 */
  write(value: number, count: number): void {
    const end = this.#bits + count;
    if (end > this.#bytes.length * 8) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, (end >> 3) + 8));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#bits & 7);
      const taken = Math.min(free, left);
      const part = (value >>> (left - taken)) & ((1 << taken) - 1);
      const at = this.#bits >> 3;
      this.#bytes[at] = (this.#bytes[at] as number) | (part << (free - taken));
      this.#bits += taken;
      left -= taken;
    }
  }

  ones(count: number): void {
    for (let left = count; left > 0; left -= 24)
      this.write((1 << Math.min(left, 24)) - 1, Math.min(left, 24));
  }

  /** Whole bytes; the rest of the last one is zero. */
  finish(): Bytes {
    return this.#bytes.slice(0, (this.#bits + 7) >> 3);
  }
}

/** 24 bits from a bit's place; behind the end there are zeros, and the reader sees by its place that it is there. */
export const peek24 = (bytes: Bytes, bit: number): number => {
  const at = bit >> 3;
  const word =
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0;
  return ((word << (bit & 7)) >>> 8) & 0xff_ffff;
};
