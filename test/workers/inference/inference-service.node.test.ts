import assert from 'node:assert/strict';
import {describe, it} from 'node:test';

/** What a worker is sent in place of a picture. */
class FakeBitmap {
  closed = false;
  readonly width = 16;
  readonly height = 16;
  close(): void {
    this.closed = true;
  }
}

// Pixels are drawn in browsers only; here it is enough that the module loads.
Object.assign(globalThis, {OffscreenCanvas: Object, ImageBitmap: FakeBitmap, navigator: {}});
const {InferenceService} = await import('../../../workers/inference/inference-service.js');

const frame = {width: 16, height: 16};
const size = {...frame, work: frame, padded: frame};

describe('InferenceService', () => {
  const nowhere = 'data:text/plain,no%20pack';
  for (const [name, call] of Object.entries({
    encode: (service, image) => service.encode(1, nowhere, image, size),
    embedImage: (service, image) => service.embedImage(1, nowhere, image, size, false),
    setSource: (service, image) => service.setSource(1, 7, 0, image, size),
  } satisfies Record<
    string,
    (service: InstanceType<typeof InferenceService>, image: ImageBitmap) => Promise<unknown>
  >)) {
    it(`closes the bitmap that ${name} was sent, though the call fails`, async () => {
      const service = new InferenceService();
      await service.connect(
        {
          device: 'wasm',
          threads: 1,
          cache: false,
          lifeLock: 'test',
          runtime: {mjs: '', wasm: '', bytes: 0},
        },
        () => undefined,
      );
      const image = new FakeBitmap();
      await assert.rejects(call(service, image));
      assert.equal(image.closed, true);
    });
  }
});
