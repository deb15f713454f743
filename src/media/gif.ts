// Its `browser` field names a CommonJS file.
import {applyPalette, GIFEncoder, quantize} from 'gifenc/dist/gifenc.esm.js';
import {type Animation, TICK, ticksOf} from './animation.js';

const COLORS = 256;

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
