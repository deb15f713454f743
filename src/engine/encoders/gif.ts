// Its `browser` field names a CommonJS file.
import {applyPalette, GIFEncoder, quantize} from 'gifenc/dist/gifenc.esm.js';
import type {Animation} from './animation.js';

const COLORS = 256;
/** GIF counts in 1/100 s, and browsers show anything under 2 of them far too slowly. */
const TICK = 10;
const MIN_TICKS = 2;

/** Encodes an animated GIF, with a palette for each frame. */
export async function encodeGif({frames, count, duration, loop}: Animation): Promise<Blob> {
  const gif = GIFEncoder();
  let context: OffscreenCanvasRenderingContext2D | undefined;
  let index = 0;
  for await (const frame of frames) {
    const {width, height} = frame;
    context ??= new OffscreenCanvas(width, height).getContext('2d', {willReadFrequently: true})!;
    context.drawImage(frame, 0, 0);
    frame.close();
    const {data} = context.getImageData(0, 0, width, height);
    const palette = quantize(data, COLORS);
    gif.writeFrame(applyPalette(data, palette), width, height, {
      palette,
      delay: ticksOf(index++, count, duration) * TICK,
      repeat: loop ? 0 : -1,
    });
  }
  gif.finish();
  return new Blob([gif.bytes()], {type: 'image/gif'});
}

/** The ticks of frame `index`, rounded so that the errors of many frames do not add up. */
export function ticksOf(index: number, count: number, duration: number): number {
  const end = (frame: number): number => Math.round((frame * duration) / count / TICK);
  return Math.max(MIN_TICKS, end(index + 1) - end(index));
}
