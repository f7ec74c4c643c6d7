import { useEffect, useRef } from 'react';
import type { RasterView } from '../../control/deeds.ts';

/** The paper as it came out of the head: one dot a pixel, black on paper. */
export const Paper = ({ raster, label }: { readonly raster: RasterView; readonly label: string }) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined) return;
    const bits = Uint8Array.from(atob(raster.base64), (character) => character.charCodeAt(0));
    const image = context.createImageData(raster.width_dots, raster.rows);
    const widthBytes = raster.width_dots / 8;
    for (let y = 0; y < raster.rows; y++) {
      for (let x = 0; x < raster.width_dots; x++) {
        const byte = bits[y * widthBytes + (x >> 3)] ?? 0;
        const black = (byte >> (7 - (x & 7))) & 1;
        const at = 4 * (y * raster.width_dots + x);
        image.data.set(black ? [24, 22, 20, 255] : [255, 255, 252, 255], at);
      }
    }
    context.putImageData(image, 0, 0);
  }, [raster]);
  return (
    <canvas
      ref={canvas}
      className="paper"
      role="img"
      aria-label={label}
      width={raster.width_dots}
      height={raster.rows}
    />
  );
};
