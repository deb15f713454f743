import {
  BufferTarget,
  CanvasSource,
  getFirstEncodableVideoCodec,
  Output,
  Quality,
  WebMOutputFormat,
} from 'mediabunny';
import {LatentError} from '../core/errors.js';
import type {Animation} from './animation.js';

const CODECS = ['vp9', 'vp8', 'av1'] as const;

/** Encodes a WebM video by WebCodecs; `unsupported` where the browser has no encoder for it. */
export async function encodeWebm({frames, count, duration}: Animation): Promise<Blob> {
  const seconds = duration / count / 1000;
  const target = new BufferTarget();
  const output = new Output({format: new WebMOutputFormat(), target});
  let canvas: OffscreenCanvas | undefined;
  let source: CanvasSource | undefined;
  let index = 0;
  try {
    for await (const frame of frames) {
      if (!canvas || !source) {
        canvas = new OffscreenCanvas(frame.width, frame.height);
        source = await openSource(canvas);
        output.addVideoTrack(source, {frameRate: 1 / seconds});
        await output.start();
      }
      canvas.getContext('2d')!.drawImage(frame, 0, 0);
      frame.close();
      await source.add(index++ * seconds, seconds);
    }
    await output.finalize();
  } catch (error) {
    await output.cancel().catch(() => undefined);
    throw error;
  }
  return new Blob([target.buffer!], {type: 'video/webm'});
}

async function openSource(canvas: OffscreenCanvas): Promise<CanvasSource> {
  const {width, height} = canvas;
  const codec =
    'VideoEncoder' in globalThis
      ? await getFirstEncodableVideoCodec([...CODECS], {width, height})
      : null;
  if (codec) return new CanvasSource(canvas, {codec, quality: new Quality('high')});
  throw new LatentError(
    'unsupported',
    'This browser cannot encode video (WebCodecs on a secure page is needed). ' +
      'Ask for image/gif instead.',
  );
}
