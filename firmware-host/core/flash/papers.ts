// One word a paper, in a random row, from the moment it stands in the window until its fall was seen. Bits are
// cleared as its fate goes on, so each step is one atomic write and the counts are read from the words.
import { ERASED, SECTOR_BYTES, papers_base, papers_rows } from './layout';
import { IO, program_word, read_flash, read_word } from './nor';
import { choose_free_row } from './rows';

export const PAPER_PRINTED: u32 = 1 << 0;
export const PAPER_TO_BIN: u32 = 1 << 1;
export const PAPER_TO_REJECTED: u32 = 1 << 2;
export const PAPER_TO_RETAINED: u32 = 1 << 3;
/** The flap was told to open: an empty window afterwards means that it fell. */
export const PAPER_DROPPING: u32 = 1 << 4;
export const PAPER_DONE: u32 = 1 << 5;
/** Gone from the window without the flap: a hand took it. */
export const PAPER_LOST: u32 = 1 << 6;

export let papers_printed: u32 = 0;
export let papers_in_bin: u32 = 0;
export let papers_rejected: u32 = 0;
export let papers_retained: u32 = 0;
export let papers_lost: u32 = 0;
/** A row that is neither done nor lost, or −1. More than one is a broken invariant. */
export let paper_unfinished: i32 = -1;

// @ts-ignore: decorator
@inline function has(v: u32, bit: u32): bool {
  return (v & bit) == 0;
}

export function count_papers(): void {
  papers_printed = 0;
  papers_in_bin = 0;
  papers_rejected = 0;
  papers_retained = 0;
  papers_lost = 0;
  paper_unfinished = -1;
  const bytes = papers_rows * 4;
  for (let at: u32 = 0; at < bytes; at += SECTOR_BYTES) {
    const n = min<u32>(SECTOR_BYTES, bytes - at);
    read_flash(papers_base + at, IO, n);
    for (let i: u32 = 0; i < n; i += 4) {
      const v = load<u32>(IO + i);
      if (v != ERASED) count_paper(v, ((at + i) >> 2) as i32);
    }
  }
}

function count_paper(v: u32, row: i32): void {
  papers_printed++;
  if (has(v, PAPER_LOST)) {
    papers_lost++;
  } else if (has(v, PAPER_DONE)) {
    if (has(v, PAPER_TO_BIN)) papers_in_bin++;
    else if (has(v, PAPER_TO_REJECTED)) papers_rejected++;
    else if (has(v, PAPER_TO_RETAINED)) papers_retained++;
  } else {
    assert(paper_unfinished == -1);
    paper_unfinished = row;
  }
}

/** A new paper in the window; its row, or −1 where the table is full. */
export function paper_add(): i32 {
  const row = choose_free_row(papers_base, papers_rows, 4);
  if (row >= 0) program_word(papers_base + (row as u32) * 4, ~PAPER_PRINTED);
  return row;
}

export function paper_mark(row: i32, bit: u32): void {
  assert(row >= 0 && (row as u32) < papers_rows);
  const at = papers_base + (row as u32) * 4;
  program_word(at, read_word(at) & ~bit);
}

export function paper_has(row: i32, bit: u32): bool {
  return has(read_word(papers_base + (row as u32) * 4), bit);
}
