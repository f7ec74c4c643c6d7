/** Pictures to codes, in the browser: the decoder is served by this server and by nobody else. */
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { READ_OPTIONS } from '../read-options.ts';

/** A picture's longer side when it is searched: a telephone's twelve million points hold no more that matters. */
const SIDE_POINTS_MAX = 3000;
export const DECODER_FILE = 'zxing_reader.wasm';

export function prepareDecoder(folder: string): void {
  prepareZXingModule({ overrides: { locateFile: () => `${folder}/${DECODER_FILE}` } });
}

function pointsOf(source: CanvasImageSource, width: number, height: number): ImageData {
  const scale = Math.min(1, SIDE_POINTS_MAX / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no canvas');
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

async function codesIn(points: ImageData): Promise<readonly Uint8Array[]> {
  const found = await readBarcodes(points, READ_OPTIONS);
  return found.filter(({ isValid }) => isValid).map(({ bytes }) => new Uint8Array(bytes));
}

/** @returns undefined where the file is no picture that this browser opens */
export async function codesOfFile(file: Blob): Promise<readonly Uint8Array[] | undefined> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return undefined;
  }
  try {
    return await codesIn(pointsOf(picture, picture.width, picture.height));
  } finally {
    picture.close();
  }
}

export const codesOfVideo = (video: HTMLVideoElement): Promise<readonly Uint8Array[]> =>
  codesIn(pointsOf(video, video.videoWidth, video.videoHeight));
