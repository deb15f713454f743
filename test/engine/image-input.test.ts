import {expect} from '@open-wc/testing';
import {seedOf} from '../../src/engine/bitmaps.js';
import {toBitmap} from '../../src/engine/image-input.js';
import {difference, errorOf, noisy, picture, pixelsOf} from './support.js';

async function pngOf(image: ImageData): Promise<Blob> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas.convertToBlob({type: 'image/png'});
}

/** A PNG whose header claims a size; nothing after it matters. */
async function pngOfSize(width: number, height: number): Promise<Blob> {
  const bytes = new Uint8Array(await (await pngOf(noisy(2, 2))).arrayBuffer());
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return new Blob([bytes], {type: 'image/png'});
}

describe('toBitmap', () => {
  const image = noisy(7, 5);

  it('takes every kind of image source, pixel by pixel', async () => {
    const blob = await pngOf(image);
    const url = URL.createObjectURL(blob);
    const element = new Image();
    element.src = url;
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d')!.putImageData(image, 0, 0);
    const sources = [
      blob,
      url,
      new URL(url),
      element,
      canvas,
      image,
      await createImageBitmap(image),
      new File([blob], 'a.png', {type: 'image/png'}),
    ];
    for (const source of sources) {
      expect(difference(pixelsOf(await toBitmap(source)), image)).to.equal(0);
    }
    URL.revokeObjectURL(url);
  });

  it('names an SVG whose pixels no page may read', async () => {
    const foreign =
      '<foreignObject width="9" height="9"><p xmlns="http://www.w3.org/1999/xhtml">Hi</p></foreignObject>';
    const source = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${foreign}</svg>`;
    const error = await errorOf(toBitmap(new Blob([source], {type: 'image/svg+xml'})));
    expect(error.code).to.equal('tainted-image');
    expect(error.message).to.contain('<foreignObject>');
  });

  it('draws an SVG at its own size, and at a sensible one where it has none', async () => {
    const svg = (attributes: string): Blob =>
      new Blob(
        [
          `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}><rect width="9999" height="9999" fill="#0f0"/></svg>`,
        ],
        {type: 'image/svg+xml'},
      );
    const sized = await toBitmap(svg('width="30" height="20"'));
    expect([sized.width, sized.height]).to.deep.equal([30, 20]);
    expect([...pixelsOf(sized).data.slice(0, 4)]).to.deep.equal([0, 255, 0, 255]);
    expect((await toBitmap(svg(''))).width).to.be.above(0);
  });

  it('takes the first frame of an animation', async () => {
    // Two frames of 1×1, red then blue.
    const gif =
      'R0lGODlhAQABAPAAAP8AAAAA/yH5BAAKAAAALAAAAAABAAEAAAICRAEAIfkEAAoAAAAsAAAAAAEAAQAAAgJMAQA7';
    const bitmap = await toBitmap(`data:image/gif;base64,${gif}`);
    expect([...pixelsOf(bitmap).data]).to.deep.equal([255, 0, 0, 255]);
  });

  it('refuses a picture too large to decode, before decoding it', async () => {
    const error = await errorOf(toBitmap(await pngOfSize(20_000, 20_000)));
    expect(error.code).to.equal('bad-image');
    expect(error.message).to.contain('20000×20000').and.to.contain('100 megapixels');
  });

  const bad = [
    ['a missing image', () => '/nowhere.png', 'not-found', '/nowhere.png'],
    ['an HTML page', () => '/fixtures/packs/html/pack.json', 'bad-image', 'HTML page'],
    ['text', () => new Blob(['not an image'], {type: 'image/png'}), 'bad-image', 'cannot|can'],
    ['a broken address', () => 'http://', 'bad-argument', 'http://'],
    ['an unreachable host', () => 'http://localhost:9/a.png', 'network', 'localhost:9'],
    ['an <img> without src', () => new Image(), 'bad-image', 'no src'],
    ['null', () => null as unknown as string, 'bad-argument', 'null'],
    ['a number', () => 7 as unknown as string, 'bad-argument', 'Number'],
    ['an empty canvas', () => emptyCanvas(), 'bad-image', '0×0'],
  ] as const;
  for (const [what, source, code, message] of bad) {
    it(`refuses ${what} with ${code}`, async () => {
      const error = await errorOf(toBitmap(source()));
      expect(error.code).to.equal(code);
      expect(error.message).to.match(new RegExp(message));
    });
  }

  it('stops on abort', async () => {
    const error = await errorOf(toBitmap('/nowhere.png', AbortSignal.abort()));
    expect(error.name).to.equal('AbortError');
  });

  it('keeps transparency for the worker to flatten', async () => {
    const clear = picture(2, 2, () => [9, 9, 9]);
    clear.data.fill(0);
    expect([...pixelsOf(await toBitmap(clear)).data.slice(0, 4)]).to.deep.equal([0, 0, 0, 0]);
  });
});

describe('seedOf', () => {
  it('reads whole numbers and leaves every other source alone', () => {
    expect(seedOf('seed:0')).to.equal(0);
    expect(seedOf('seed:9007199254740991')).to.equal(Number.MAX_SAFE_INTEGER);
    expect(seedOf('a.png')).to.equal(undefined);
    expect(seedOf(new Blob())).to.equal(undefined);
  });
  for (const seed of ['seed:', 'seed:-1', 'seed:1.5', 'seed:9007199254740992', 'seed:x']) {
    it(`refuses ${seed}`, () => {
      expect(() => seedOf(seed)).to.throw(seed);
    });
  }
});

function emptyCanvas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = 0;
  canvas.height = 0;
  return canvas;
}
