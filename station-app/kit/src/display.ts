/** How a person wants the screen to look. Nothing here is kept after a voter's session. */
export const THEMES = ['light', 'dark', 'yellow-on-black', 'black-on-white'] as const;
export type Theme = (typeof THEMES)[number];

/** Millimetres from foot to head of the letter alef, by size (VVSG 2.0, 7.1-G: five sizes from 3.5 to 9.0). */
export const ALEF_MM_BY_SIZE = { 1: 3.5, 2: 4.8, 3: 5.6, 4: 6.8, 5: 9 } as const;
export type TextSize = keyof typeof ALEF_MM_BY_SIZE;
export const TEXT_SIZES: readonly TextSize[] = [1, 2, 3, 4, 5];
export const TEXT_SIZE_DEFAULT: TextSize = 2;

/** Height of alef in Vazirmatn Regular: 1377 of 2048 units an em. */
export const ALEF_PER_EM = 1377 / 2048;

/** What CSS takes a millimetre to be; a panel's own figure is measured at set-up. */
export const PX_PER_MM_NOMINAL = 96 / 25.4;

/** VVSG 2.0, 7.2-I: least size of a touch target and least distance between two. */
export const TARGET_MM_MIN = 12.7;
export const TARGET_GAP_MM_MIN = 2.54;

export type Mode = 'official' | 'rehearsal';
