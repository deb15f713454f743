import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {LatentError} from '../../../src/core/errors.js';
import {createLatent} from '../../../src/core/latent/latent.js';
import {frameOfLatent} from '../../../src/core/pack/image-size.js';
import {parsePack} from '../../../src/core/pack/parse-pack.js';
import type {TensorData} from '../../../workers/inference/image-tensor.js';
import {packFixture} from '../../fixtures/packs.mjs';

// Pixels are drawn in browsers only; here it is enough that the module loads.
Object.assign(globalThis, {OffscreenCanvas: Object});
const {LoadedPack} = await import('../../../workers/inference/loaded-pack.js');

const call = {signal: new AbortController().signal, onProgress: () => undefined};
const url = 'https://packs.example/blocks/pack.json';

/** A pack whose networks answer with a tensor of these sizes, whatever they are asked. */
function packThatMakes(role: 'image' | 'latent', dims: readonly number[]) {
  const manifest = parsePack(
    JSON.parse(packFixture('/fixtures/packs/blocks/pack.json')!.body as string),
    url,
  );
  const size = dims.reduce((product, side) => product * side, 1);
  const output: TensorData = {data: new Float32Array(size), dims};
  const pack = new LoadedPack(url, manifest, {} as never);
  pack.network = () =>
    Promise.resolve({
      inputShape: () => [],
      release: () => Promise.resolve(),
      run: () => Promise.resolve({[role]: output}),
    });
  return pack;
}

const badPack = (message: RegExp) => (error: unknown) =>
  error instanceof LatentError && error.code === 'bad-pack' && message.test(error.message);

describe('LoadedPack', () => {
  const latent = createLatent('blocks-1', [3, 2, 2], new Float32Array(12));

  for (const dims of [
    [1, 3, 8, 8],
    [1, 3, 16, 17],
    [1, 1, 16, 16],
  ]) {
    it(`refuses a decoder that makes [${dims.join(', ')}] of a latent for 16×16 pixels`, async () => {
      const pack = packThatMakes('image', dims);
      const frame = frameOfLatent(pack.manifest, latent.shape);
      await assert.rejects(
        pack.decode(latent, frame, call),
        badPack(/made \[.*\] where its pack.json says \[1, 3, 16, 16\]/),
      );
    });
  }

  it('refuses an encoder that makes a latent of another size than its pixels have', async () => {
    const pack = packThatMakes('latent', [1, 3, 3, 3]);
    const frame = frameOfLatent(pack.manifest, latent.shape);
    Object.assign(globalThis, {ImageData: FakeImageData});
    await assert.rejects(
      pack.encode(new FakeImageData(16, 16) as unknown as ImageData, frame, call),
      badPack(/made \[1, 3, 3, 3\] where its pack.json says \[1, 3, 2, 2\]/),
    );
  });
});

/** What an opaque picture has in a browser. */
class FakeImageData {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(4 * width * height).fill(255);
  }
}
