/** Bits in and out, most significant first. */
import type { Bytes } from '../codec/bytes.ts';

const AT_ONCE = 16;

export class BitWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  /** bits not yet written, below eight of them between calls */
  #waiting = 0;
  #bits = 0;

  /** @param count at most 30 */
  write(value: number, count: number): void {
    if (count > AT_ONCE) {
      this.#put(value >>> AT_ONCE, count - AT_ONCE);
      this.#put(value & 0xffff, AT_ONCE);
    } else this.#put(value, count);
  }

  #put(value: number, count: number): void {
    this.#waiting = (this.#waiting << count) | value;
    this.#bits += count;
    while (this.#bits >= 8) {
      this.#bits -= 8;
      this.#byte(this.#waiting >>> this.#bits);
      this.#waiting &= (1 << this.#bits) - 1;
    }
  }

  #byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = value;
  }

  ones(count: number): void {
    for (let left = count; left > 0; left -= AT_ONCE) {
      const taken = Math.min(left, AT_ONCE);
      this.#put((1 << taken) - 1, taken);
    }
  }

  /** Whole bytes; the rest of the last one is zero. The writer is empty again. */
  finish(): Bytes {
    if (this.#bits > 0) this.#put(0, 8 - this.#bits);
    const written = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    this.#waiting = 0;
    this.#bits = 0;
    return written;
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
