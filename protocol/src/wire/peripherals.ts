/**
 * The box's own peripherals, behind ports 2 (printer), 3 (card pad) and 4 (mechanics and keypad): small frames, the
 * same COBS and CRC-32 as the host link, whose payload is one type byte and fixed arguments. Numbers are big-endian.
 */
export const PORTS = { host: 0, console: 1, printer: 2, pad: 3, mechanics: 4 } as const;

/** Core → printer: page_start(rows u16), rows(first u16, then whole rows), page_end, overprint (blacken the page in the window). */
export const TO_PRINTER = { page_start: 1, rows: 2, page_end: 3, overprint: 4, query: 5 } as const;
/** Printer → core: in_window (page complete and held), overprinted, fault(code), state(paper state). */
export const FROM_PRINTER = { in_window: 1, overprinted: 2, fault: 3, state: 4 } as const;
export const PRINTER_FAULTS = { jam: 1, out_of_paper: 2, failed: 3 } as const;

/** Core → pad: apdu(bytes). Pad → core: card_laid, card_removed, response(bytes, empty when the card went away). */
export const TO_PAD = { apdu: 1, query: 2 } as const;
export const FROM_PAD = { card_laid: 1, card_removed: 2, response: 3 } as const;

/** Core → mechanics: drop(where). Mechanics → core: fell(where), key(code), lid(open u8), jam, state(paper u8, lid u8). */
export const TO_MECHANICS = { drop: 1, query: 2 } as const;
export const FROM_MECHANICS = { fell: 1, key: 2, lid: 3, jam: 4, state: 5 } as const;
export const DROP_TARGETS = { bin: 1, rejected: 2, retained: 3 } as const;
/** In `state` frames: what the paper sensor at the window sees. */
export const WINDOW_STATES = { empty: 0, paper: 1, jammed: 2 } as const;
