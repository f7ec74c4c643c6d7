/** Two records in the making or on their way out; public bytes only. */
export const RECORD_BYTES: usize = 4608;
export const RECORD_A: usize = memory.data(4608, 16);
export const RECORD_B: usize = memory.data(4608, 16);
