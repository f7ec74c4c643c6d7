/** What a camera makes of a printed page: turned, smaller or larger, seen aslant, unevenly lit, noisy. Seeded. */

export interface Grey {
  readonly width: number;
  readonly height: number;
  /** 0 black to 255 white */
  readonly pixels: Uint8Array;
}

export interface Shot {
  readonly turnDegrees?: number;
  readonly scale?: number;
  /** how much narrower the far edge is, as a share */
  readonly slant?: number;
  /** standard deviation of each pixel, of 255 */
  readonly noise?: number;
  /** how much darker one corner is, of 255 */
  readonly shadow?: number;
  readonly seed?: number;
}

const BACKGROUND = 170;

function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

/** The mean of the four dots around a point of the paper; what lies beyond it is a grey table. */
function sampled(page: Grey, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const at = (column: number, row: number): number =>
    column < 0 || row < 0 || column >= page.width || row >= page.height
      ? BACKGROUND
      : (page.pixels[row * page.width + column] as number);
  const [fx, fy] = [x - left, y - top];
  return (
    (at(left, top) * (1 - fx) + at(left + 1, top) * fx) * (1 - fy) +
    (at(left, top + 1) * (1 - fx) + at(left + 1, top + 1) * fx) * fy
  );
}

export function photograph(page: Grey, shot: Shot): Grey {
  const { turnDegrees = 0, scale = 1, slant = 0, noise = 0, shadow = 0, seed = 1 } = shot;
  const random = randomOf(seed);
  const turn = (turnDegrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const width = Math.ceil((Math.abs(page.width * cos) + Math.abs(page.height * sin)) * scale) + 20;
  const height = Math.ceil((Math.abs(page.width * sin) + Math.abs(page.height * cos)) * scale) + 20;
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const far = 1 + slant * (0.5 - y / height);
      const dx = ((x - width / 2) * far) / scale;
      const dy = ((y - height / 2) * far) / scale;
      const ink = sampled(page, dx * cos + dy * sin + page.width / 2, -dx * sin + dy * cos + page.height / 2);
      const spread = noise === 0 ? 0 : (random() + random() + random() - 1.5) * 2 * noise;
      const dark = shadow * ((x + y) / (width + height));
      pixels[y * width + x] = Math.max(0, Math.min(255, ink * 0.85 + 20 + spread - dark));
    }
  return { width, height, pixels };
}

export const greyOf = (raster: { widthDots: number; rows: number; bits: Uint8Array }): Grey => ({
  width: raster.widthDots,
  height: raster.rows,
  pixels: Uint8Array.from({ length: raster.widthDots * raster.rows }, (_, i) =>
    ((raster.bits[i >> 3] as number) & (0x80 >> (i & 7))) === 0 ? 255 : 0,
  ),
});
