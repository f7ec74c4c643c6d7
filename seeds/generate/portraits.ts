/**
 * Drawn portraits for the candidates of the demonstration: ellipses in a few colours, from a seed, so that nobody is
 * shown. Drawn when a demonstration is made; no picture is kept in the repository.
 */
import { deflateSync } from 'node:zlib';
import { type Bytes, concatBytes, crc32, utf8 } from '@sandoq/protocol';
import { GIVEN_NAMES_WOMEN } from './names.ts';
import { type SeededRandom, seededRandom } from './random.ts';

/** Three to four, as of an identity card. */
export const PORTRAIT_WIDTH = 150;
export const PORTRAIT_HEIGHT = 200;
/** Samples of one dot along each side: edges are smooth. */
const SAMPLES = 2;

type Colour = readonly [number, number, number];
interface Shape {
  readonly colour: Colour;
  /** of the width; from the top left */
  readonly holds: (x: number, y: number) => boolean;
}

const BACKGROUNDS: readonly Colour[] = [
  [214, 226, 236],
  [226, 232, 214],
  [238, 226, 208],
  [226, 218, 234],
  [212, 232, 228],
];
const SKINS: readonly Colour[] = [
  [236, 200, 168],
  [222, 180, 144],
  [198, 152, 116],
];
const HAIRS: readonly Colour[] = [
  [44, 36, 32],
  [84, 62, 46],
  [140, 138, 136],
];
const CLOTHES: readonly Colour[] = [
  [46, 62, 92],
  [74, 84, 78],
  [98, 58, 66],
  [58, 58, 62],
];
const SCARVES: readonly Colour[] = [
  [38, 44, 58],
  [84, 66, 104],
  [46, 92, 96],
  [122, 74, 62],
];
const WHITE: Colour = [248, 248, 246];
const DARK: Colour = [52, 40, 36];

const ellipse = (colour: Colour, cx: number, cy: number, rx: number, ry: number): Shape => ({
  colour,
  holds: (x, y) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1,
});
const only = (shape: Shape, where: (x: number, y: number) => boolean): Shape => ({
  colour: shape.colour,
  holds: (x, y) => where(x, y) && shape.holds(x, y),
});

const eyes = (y: number): readonly Shape[] => [
  ellipse(DARK, 0.42, y, 0.02, 0.024),
  ellipse(DARK, 0.58, y, 0.02, 0.024),
  only(ellipse(DARK, 0.42, y - 0.03, 0.055, 0.035), (_, at) => at < y - 0.05),
  only(ellipse(DARK, 0.58, y - 0.03, 0.055, 0.035), (_, at) => at < y - 0.05),
];
const ring = (cx: number, cy: number): Shape => ({
  colour: DARK,
  holds: (x, y) => Math.abs(Math.hypot(x - cx, y - cy) - 0.066) <= 0.007,
});
const glasses = (y: number): readonly Shape[] => [ring(0.415, y), ring(0.585, y)];

/** From back to front. */
function shapesOf(random: SeededRandom, isWoman: boolean): readonly Shape[] {
  const skin = random.pick(SKINS);
  const hair = random.pick(HAIRS);
  const wide = 0.185 + random.below(4) * 0.008;
  const clothes = ellipse(random.pick(CLOTHES), 0.5, 1.36, 0.47, 0.4);
  const neck = ellipse(skin, 0.5, 0.84, 0.1, 0.2);
  const face = ellipse(skin, 0.5, 0.58, wide, 0.25);
  const mouth = only(ellipse([150, 74, 70], 0.5, 0.7, 0.065, 0.028), (_, y) => y > 0.7);
  const nose = ellipse([skin[0] - 26, skin[1] - 26, skin[2] - 26], 0.5, 0.63, 0.018, 0.035);
  const sight = random.below(3) === 0 ? glasses(0.555) : [];
  if (isWoman) {
    const scarf = random.pick(SCARVES);
    const around = [ellipse(scarf, 0.5, 0.58, wide + 0.1, 0.36), ellipse(scarf, 0.5, 1.02, 0.3, 0.28)];
    const fringe = only(ellipse(hair, 0.5, 0.58, wide, 0.25), (_, y) => y < 0.41);
    return [clothes, ...around, face, fringe, ...eyes(0.555), nose, mouth, ...sight];
  }
  const shirt = only(ellipse(WHITE, 0.5, 0.98, 0.13, 0.16), (_, y) => y > 0.9);
  const head = ellipse(hair, 0.5, 0.53, wide + 0.025, 0.255);
  const brow = 0.4 + random.below(3) * 0.02;
  const forehead = only(face, (_, y) => y > brow);
  const beard = only(ellipse(hair, 0.5, 0.66, wide, 0.19), (_, y) => y > 0.685);
  const moustache = only(ellipse(hair, 0.5, 0.69, 0.085, 0.032), (_, y) => y < 0.692);
  const ofFace = random.pick([[], [moustache], [beard, moustache]]);
  return [clothes, neck, shirt, head, forehead, ...ofFace, ...eyes(0.555), nose, mouth, ...sight];
}

const uint32 = (value: number): Bytes =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

function chunk(name: string, body: Bytes): Bytes {
  const named = concatBytes(utf8(name), body);
  return concatBytes(uint32(body.length), named, uint32(crc32(named)));
}

/** PNG of three bytes a dot (ISO/IEC 15948), no filter. */
function pngOf(background: Colour, shapes: readonly Shape[]): Bytes {
  const stride = 1 + 3 * PORTRAIT_WIDTH;
  const lines = new Uint8Array(PORTRAIT_HEIGHT * stride);
  const front = shapes.toReversed();
  const colourAt = (x: number, y: number): Colour =>
    front.find(({ holds }) => holds(x, y))?.colour ?? background;
  for (let row = 0; row < PORTRAIT_HEIGHT; row++)
    for (let column = 0; column < PORTRAIT_WIDTH; column++) {
      const sum = [0, 0, 0];
      for (let i = 0; i < SAMPLES ** 2; i++) {
        const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) / PORTRAIT_WIDTH;
        const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / PORTRAIT_WIDTH;
        const colour = colourAt(x, y);
        for (let c = 0; c < 3; c++) sum[c] = (sum[c] as number) + (colour[c] as number);
      }
      for (let c = 0; c < 3; c++)
        lines[row * stride + 1 + 3 * column + c] = Math.round((sum[c] as number) / SAMPLES ** 2);
    }
  return concatBytes(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', concatBytes(uint32(PORTRAIT_WIDTH), uint32(PORTRAIT_HEIGHT), Uint8Array.of(8, 2, 0, 0, 0))),
    chunk('IDAT', new Uint8Array(deflateSync(lines))),
    chunk('IEND', new Uint8Array(0)),
  );
}

const isWomansName = (name: string): boolean =>
  GIVEN_NAMES_WOMEN.some((given) => name.startsWith(`${given.fa} `));

/** A portrait for a made-up candidate; the same seed gives the same drawing. */
export function portraitOf(seed: number, isWoman: boolean): Bytes {
  const random = seededRandom(seed);
  const background = random.pick(BACKGROUNDS);
  return pngOf(background, shapesOf(random, isWoman));
}

/** Contests whose candidates are drawn: one that is shown whole, and one that is looked through page by page. */
const DRAWN: readonly string[] = ['president', 'council-mehrshahr'];

interface DrawnContest {
  readonly id: string;
  readonly candidates: readonly { readonly code: string; readonly name: { readonly fa: string } }[];
}

/** The contests with a picture's file name for each candidate that is drawn, and the files. */
export function withPortraits<Contest extends DrawnContest>(
  contests: readonly Contest[],
): { readonly contests: Contest[]; readonly pictures: ReadonlyMap<string, Bytes> } {
  const pictures = new Map<string, Bytes>();
  const drawn = contests.map((contest) => {
    if (!DRAWN.includes(contest.id)) return contest;
    const candidates = contest.candidates.map((candidate) => {
      const picture = `${contest.id}-${candidate.code}.png`;
      pictures.set(picture, portraitOf(Number(candidate.code), isWomansName(candidate.name.fa)));
      return { ...candidate, picture };
    });
    return { ...contest, candidates };
  });
  return { contests: drawn, pictures };
}
