// The intent ring's entries, restated from docs/FLASH.md for the auditor.

/** Byte offsets within an entry of INTENT_BYTES. */
export const INTENT_WORDS = {
  prepared: 0,
  /** eight slots, erased where unused */
  slots: 4,
  spent: 36,
  paper: 40,
  /** 12 bytes of the card's hash */
  card: 44,
  commit: 56,
  finished: 60,
} as const;

export const INTENT_PREPARED_WORD = 0x1bad_b002;
export const INTENT_COMMIT_WORD = 0x600d_ca57;
