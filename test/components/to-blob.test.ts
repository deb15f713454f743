import {expect} from '@open-wc/testing';
import {difference, errorOf, picture, pixelsOf} from '../engine/support.js';
import {interpolator, scene, urlOf} from './support.js';

// Even ground that a lossy format keeps; an odd size that some encoders refuse.
const red = picture(45, 33, () => [220, 40, 40]);
const blue = picture(45, 33, () => [40, 40, 220]);

const decode = async (blob: Blob) => {
  const decoder = new ImageDecoder({data: await blob.arrayBuffer(), type: blob.type});
  await decoder.tracks.ready;
  await decoder.completed;
  return decoder;
};

const frameOf = async (decoder: ImageDecoder, frameIndex: number): Promise<ImageData> => {
  const {image} = await decoder.decode({frameIndex});
  const pixels = pixelsOf(await createImageBitmap(image));
  image.close();
  return pixels;
};

describe('toBlob', () => {
  let attributes: string;

  before(async () => {
    attributes = `from="${await urlOf(red)}" to="${await urlOf(blue)}"`;
  });

  const morph = (more = '') =>
    interpolator(`<latent-interpolator ${attributes} ${more}></latent-interpolator>`);

  it('writes the frame of the value as PNG, exact at an end', async () => {
    const ada = await urlOf(scene(1));
    const el = await interpolator(
      `<latent-interpolator from="${ada}" to="${ada}" value="0"></latent-interpolator>`,
    );
    const blob = (await el.toBlob())!;
    expect(blob.type).to.equal('image/png');
    expect(difference(pixelsOf(await createImageBitmap(blob)), scene(1))).to.equal(0);
  });

  it('writes WebP, smaller with less quality', async () => {
    const el = await interpolator(
      `<latent-interpolator from="${await urlOf(scene(1))}" to="${await urlOf(scene(2))}"
        value="0"></latent-interpolator>`,
    );
    const [fine, coarse] = await Promise.all(
      [0.9, 0.1].map((quality) => el.toBlob({type: 'image/webp', quality})),
    );
    expect(fine!.type).to.equal('image/webp');
    expect(coarse!.size).to.be.below(fine!.size);
    expect((await createImageBitmap(fine!)).width).to.equal(48);
  });

  it('writes an animated GIF from the first keyframe to the last, once', async () => {
    const el = await morph('duration="1000"');
    const decoder = await decode((await el.toBlob({type: 'image/gif', frames: 7}))!);
    const track = decoder.tracks.selectedTrack!;
    expect(track.frameCount).to.equal(7);
    expect(track.repetitionCount).to.equal(0);
    expect(difference(await frameOf(decoder, 0), red)).to.be.at.most(8);
    expect(difference(await frameOf(decoder, 6), blue)).to.be.at.most(8);
    let total = 0;
    for (let frameIndex = 0; frameIndex < 7; frameIndex++) {
      total += (await decoder.decode({frameIndex})).image.duration ?? 0;
    }
    expect(total / 1000).to.equal(1000);
  });

  it('goes there and back in a GIF that repeats, with loop', async () => {
    const el = await morph('loop');
    const decoder = await decode((await el.toBlob({type: 'image/gif', frames: 8}))!);
    expect(decoder.tracks.selectedTrack!.repetitionCount).to.equal(Infinity);
    expect(difference(await frameOf(decoder, 4), blue)).to.be.at.most(8);
    expect(difference(await frameOf(decoder, 1), await frameOf(decoder, 7))).to.be.at.most(2);
  });

  it('writes a WebM that lasts as long as the morph, at any size', async () => {
    const el = await morph('duration="1000"');
    const blob = (await el.toBlob({type: 'video/webm', frames: 10}))!;
    expect(blob.type).to.equal('video/webm');
    const video = document.createElement('video');
    video.src = URL.createObjectURL(blob);
    await new Promise((resolve, reject) => {
      video.onloadeddata = resolve;
      video.onerror = () => {
        reject(new Error(video.error?.message));
      };
    });
    expect(video.duration).to.be.closeTo(1, 0.02);
    expect([video.videoWidth, video.videoHeight]).to.deep.equal([45, 33]);
    const [r, , b] = await colourAt(video, 0);
    expect(r! - b!, 'red first').to.be.above(100);
    const [r2, , b2] = await colourAt(video, 0.95);
    expect(b2! - r2!, 'blue last').to.be.above(100);
  });

  it('names the remedy where the browser throws for WebP, as WebKit does', async () => {
    const el = await morph();
    await el.ready;
    const {convertToBlob} = OffscreenCanvas.prototype;
    OffscreenCanvas.prototype.convertToBlob = () =>
      Promise.reject(new DOMException('No encoder.', 'EncodingError'));
    const error = await errorOf(el.toBlob({type: 'image/webp'}));
    OffscreenCanvas.prototype.convertToBlob = convertToBlob;
    expect(error.code).to.equal('unsupported');
    expect(error.message).to.contain('image/png');
    expect(el.state).to.equal('ready');
  });

  it('names the remedy where the browser cannot write video', async () => {
    const el = await morph();
    await el.ready;
    const encoder = Object.getOwnPropertyDescriptor(globalThis, 'VideoEncoder')!;
    delete (globalThis as {VideoEncoder?: unknown}).VideoEncoder;
    const error = await errorOf(el.toBlob({type: 'video/webm', frames: 2}));
    Object.defineProperty(globalThis, 'VideoEncoder', encoder);
    expect(error.code).to.equal('unsupported');
    expect(error.message).to.contain('image/gif');
    expect(el.state, 'the element itself is well').to.equal('ready');
  });
});

async function colourAt(video: HTMLVideoElement, time: number): Promise<Uint8ClampedArray> {
  const seeked = new Promise((resolve) => (video.onseeked = resolve));
  video.currentTime = time;
  await seeked;
  return pixelsOf(await createImageBitmap(video)).data;
}
