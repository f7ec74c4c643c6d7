// The core's only way out. The simulator's host and the microcontroller's board code implement the same doors.

/** Queues bytes on a port: 0 host, 1 console, 2 printer, 3 card pad, 4 mechanics and keypad. */
// @ts-ignore: decorator
@external('board', 'uart_tx')
export declare function uart_tx(port: u32, p: usize, bytes: usize): void;

// @ts-ignore: decorator
@external('board', 'flash_read')
export declare function flash_read(address: u32, p: usize, bytes: usize): void;

/** NOR rules: bits only go from 1 to 0, words of 4 bytes are atomic. Returns 0, or a code where the flash refused. */
// @ts-ignore: decorator
@external('board', 'flash_program')
export declare function flash_program(address: u32, p: usize, bytes: usize): i32;

/** Sets one sector of 4,096 bytes to 0xFF. Returns 0, or a code where the flash refused. */
// @ts-ignore: decorator
@external('board', 'flash_erase')
export declare function flash_erase(sector: u32): i32;

/** Milliseconds since power came; wraps at 2^32. */
// @ts-ignore: decorator
@external('board', 'ticks_ms')
export declare function ticks_ms(): u32;

/** Fills from the hardware's random source. */
// @ts-ignore: decorator
@external('board', 'entropy')
export declare function entropy(p: usize, bytes: usize): void;

/** To be called at least once in WATCHDOG_MS while alive. */
// @ts-ignore: decorator
@external('board', 'watchdog')
export declare function watchdog(): void;

/** Does not return. */
// @ts-ignore: decorator
@external('board', 'reset')
export declare function reset(): void;

/** 32 bytes: the digest of the running image, measured by the boot stage that the core cannot rewrite. */
// @ts-ignore: decorator
@external('board', 'software_hash')
export declare function software_hash(p: usize): void;
