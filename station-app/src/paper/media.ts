/** The two media: a roll of the printer's width, and the office's A4 sheet. */
import type { Measure, Medium } from './page.ts';
import { CODE_MODULES_MAX } from './qr.ts';

/** 203 dpi. The narrowest head in use prints 48 mm, the widest 104 mm. */
export const DOTS_PER_MM = 8;
export const ROLL_WIDTH_DOTS_MIN = 384;
export const ROLL_WIDTH_DOTS_MAX = 832;
/** What the texts of a roll of 80 mm paper are set for. */
const ROLL_WIDTH_DOTS_USUAL = 576;
/** A piece of tape that one hand holds: 25 cm. */
const ROLL_PIECE_DOTS = 250 * DOTS_PER_MM;

export function tapeOf(widthDots: number, measure: Measure): Medium {
  if (widthDots % 8 !== 0 || widthDots < ROLL_WIDTH_DOTS_MIN || widthDots > ROLL_WIDTH_DOTS_MAX)
    throw new RangeError(`a roll of ${widthDots} dots`);
  const scale = Math.max(0.8, Math.min(1.15, widthDots / ROLL_WIDTH_DOTS_USUAL));
  const size = (dots: number): number => Math.round(dots * scale);
  return {
    width: widthDots,
    height: ROLL_PIECE_DOTS,
    isRoll: true,
    margin: DOTS_PER_MM,
    sizes: { title: size(36), heading: size(27), body: size(23), small: size(19) },
    // Modules are whole dots: 3 on the narrowest head, 4 on 80 mm paper.
    code: { side: CODE_MODULES_MAX * Math.floor(widthDots / CODE_MODULES_MAX), across: 1 },
    signatureHeight: 10 * DOTS_PER_MM,
    measure,
  };
}

const POINTS_PER_MM = 72 / 25.4;

export const sheetA4 = (measure: Measure): Medium => ({
  width: 595.28,
  height: 841.89,
  isRoll: false,
  margin: 15 * POINTS_PER_MM,
  sizes: { title: 17, heading: 12, body: 10, small: 8.5 },
  code: { side: 56 * POINTS_PER_MM, across: 3 },
  signatureHeight: 11 * POINTS_PER_MM,
  measure,
});
