// Reading and writing flash. Every write is checked by reading back; a write that does not hold is a broken board and
// traps, so that nothing goes on after it. Bits are only ever cleared; unaligned ends are filled with what is there.
import { flash_erase, flash_program, flash_read, watchdog } from '../board';
import { ERASED, FLASH_BYTES, SECTOR_BYTES } from './layout';

/** One sector's worth: scans and copies go through here. Plaintext never does. */
export const IO: usize = memory.data(4096, 16);
const CHECK: usize = memory.data(256, 16);
const WORD: usize = memory.data(4, 4);

export function read_flash(address: u32, p: usize, bytes: u32): void {
  assert(address <= FLASH_BYTES && bytes <= FLASH_BYTES - address);
  flash_read(address, p, bytes);
}

export function read_word(address: u32): u32 {
  flash_read(address, WORD, 4);
  return load<u32>(WORD);
}

/** Atomic: a power cut leaves the old word or the new one. */
export function program_word(address: u32, v: u32): void {
  assert((address & 3) == 0 && address < FLASH_BYTES);
  store<u32>(WORD, v);
  assert(flash_program(address, WORD, 4) == 0);
  assert(read_word(address) == v);
}

/** `address` and `bytes` are whole words; each word is atomic, the whole is not. */
export function program_words(address: u32, p: usize, bytes: u32): void {
  assert((address & 3) == 0 && (bytes & 3) == 0);
  assert(flash_program(address, p, bytes) == 0);
  for (let at: u32 = 0; at < bytes; at += 256) {
    const n = min<u32>(256, bytes - at);
    flash_read(address + at, CHECK, n);
    for (let i: usize = 0; i < n; i += 4) assert(load<u32>(CHECK + i) == load<u32>(p + at + i));
  }
}

/** Any address and length: the words at the ends keep their other bytes. */
export function program_bytes(address: u32, p: usize, bytes: u32): void {
  while (bytes > 0) {
    const skip = address & 3;
    if (skip == 0 && bytes >= 4) {
      const whole = bytes & ~3;
      program_words(address, p, whole);
      address += whole; p += whole; bytes -= whole;
      continue;
    }
    const n = min<u32>(4 - skip, bytes);
    const base = address - skip;
    let v = read_word(base);
    for (let i: u32 = 0; i < n; i++) {
      const shift = (skip + i) << 3;
      v = (v & ~(0xff << shift)) | ((load<u8>(p + i) as u32) << shift);
    }
    program_word(base, v);
    address += n; p += n; bytes -= n;
  }
}

/** Clears every bit of whole words that are not clear already. */
export function zero_words(address: u32, bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 4) if (read_word(address + at) != 0) program_word(address + at, 0);
}

export function is_erased(address: u32, bytes: u32): bool {
  for (let at: u32 = 0; at < bytes; at += SECTOR_BYTES) {
    const n = min<u32>(SECTOR_BYTES, bytes - at);
    read_flash(address + at, IO, n);
    for (let i: usize = 0; i < n; i += 4) if (load<u32>(IO + i) != ERASED) return false;
  }
  return true;
}

/** Erases the sectors of a range that are not erased already. */
export function erase_range(address: u32, bytes: u32): void {
  assert((address & (SECTOR_BYTES - 1)) == 0);
  for (let at: u32 = 0; at < bytes; at += SECTOR_BYTES) {
    watchdog();
    if (is_erased(address + at, SECTOR_BYTES)) continue;
    assert(flash_erase((address + at) / SECTOR_BYTES) == 0);
    assert(is_erased(address + at, SECTOR_BYTES));
  }
}

/** Counts by clearing one bit a time, lowest first: `bits` is the capacity. Returns how many are cleared. */
export function tally_read(address: u32, bits: u32): u32 {
  let count: u32 = 0;
  for (let at: u32 = 0; at < bits / 8; at += 4) {
    const v = read_word(address + at);
    count += 32 - popcnt<u32>(v);
    if (v != 0) break;
  }
  return count;
}

/** One more, if there is room. */
export function tally_add(address: u32, bits: u32): void {
  const count = tally_read(address, bits);
  if (count >= bits) return;
  const at = address + ((count >> 5) << 2);
  program_word(at, read_word(at) & ~(1 << (count & 31)));
}
