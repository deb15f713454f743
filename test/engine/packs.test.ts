import {expect} from '@open-wc/testing';
import {createLatent} from '../../src/core/latent/latent.js';
import {RUNTIME_BYTES} from '../../src/engine/config.js';
import {
  asHardware,
  disposeEngines,
  errorOf,
  noisy,
  pack,
  picture,
  pixelsOf,
  sharedEngine,
  testEngine,
} from './support.js';

const NAME = 'latent-elements-packs-1';

describe('packs', () => {
  afterEach(disposeEngines);
  beforeEach(() => caches.delete(NAME));

  const broken = [
    ['nowhere', 'not-found', /nowhere\/pack\.json.*404/],
    ['html', 'bad-pack', /HTML page, not a pack\.json/],
    ['truncated', 'bad-pack', /broken JSON/],
    ['wrong-schema', 'bad-pack', /space\.shape/],
    ['wrong-hash', 'integrity', /decoder\.onnx has the SHA-256/],
    ['cut-short', 'integrity', /decoder\.onnx has \d+ bytes/],
    ['too-long', 'integrity', /decoder\.onnx has more than \d+ bytes/],
    ['wrong-names', 'bad-pack', /no input named "pixels".*"picture"/],
    ['not-onnx', 'bad-pack', /not an ONNX model/],
    ['missing-file', 'not-found', /nowhere\.onnx/],
    ['huge', 'out-of-memory', /memory budget of 512\.0 MiB/],
    ['external-data-missing', 'bad-pack', /external\.onnx is not an ONNX model that runs/],
    ['external-data-changed', 'integrity', /other-name\.bin has the SHA-256/],
  ] as const;

  for (const [name, code, message] of broken) {
    it(`refuses the pack "${name}" with ${code}, and takes the next good one`, async () => {
      const engine = sharedEngine();
      const error = await errorOf(engine.load(pack(name)));
      expect(error.code).to.equal(code);
      expect(error.message).to.match(message);
      const model = await engine.load(pack('blocks'));
      expect((await model.encode(noisy(16, 16))).shape).to.deep.equal([3, 2, 2]);
    });
  }

  it('feeds and reads float16', async () => {
    const model = await sharedEngine().load(pack('float16'));
    const image = picture(16, 8, (x) => (x < 8 ? [0, 51, 255] : [85, 170, 1]));
    const {data} = await model.encode(image);
    // Public latents are (raw − 0.5) · 2; of the 11 bits that float16 has, as many are right.
    [0, 85, 51, 170, 255, 1].forEach((value, i) => {
      expect(data[i]).to.be.closeTo(2 * (value / 255) - 1, 2 ** -11);
    });
    const latent = createLatent('blocks-1', [3, 1, 2], data);
    expect(pixelsOf(await model.decode(latent)).data).to.deep.equal(image.data);
  });

  it('says where the GPU does not compute in float16, before anything is downloaded', async () => {
    await requested();
    const error = await errorOf(testEngine({device: 'webgpu'}).load(pack('float16')));
    expect(error.code).to.equal('unsupported');
    expect(error.message).to.contain('shader-f16').and.to.contain('encoder16.onnx');
    expect(await requested()).to.deep.equal(['/fixtures/packs/float16/pack.json']);
  });

  it('computes on WASM where the GPU does not compute in float16 and the device is auto, whatever comes first', async () => {
    await asHardware(async () => {
      const model = await testEngine({device: 'auto'}).load(pack('float16'), {parts: []});
      expect(model.device).to.equal('wasm');
      const black = createLatent('blocks-1', [3, 1, 1], Float32Array.of(-1, -1, 1));
      const [red, , blue] = pixelsOf(await model.decode(black)).data;
      expect([red, blue]).to.deep.equal([0, 255]);
    });
  });

  it('takes weights from files beside the ONNX file, and counts their bytes', async () => {
    let total = 0;
    const model = await testEngine().load(pack('external-data'), {
      onProgress: (progress) => {
        if (progress.stage === 'download') ({total} = progress);
      },
    });
    const {encoder, decoder} = model.manifest.parts;
    expect(total).to.equal(encoder!.bytes + decoder!.bytes + 8 + 4 + RUNTIME_BYTES['']);
    const black = createLatent('blocks-1', [3, 1, 1], Float32Array.of(-1, -1, 1));
    const [red, , blue] = pixelsOf(await model.decode(black)).data;
    expect([red, blue]).to.deep.equal([64, 191]);
  });

  it('fetches parts from the other hosts that a manifest names', async () => {
    const model = await testEngine().load(pack('elsewhere'));
    expect(model.manifest.parts.encoder!.file).to.match(/^http:\/\/127\.0\.0\.1:/);
    expect((await model.encode(noisy(16, 16))).shape).to.deep.equal([3, 2, 2]);
    expect((await model.sample(7)).data[0]).to.equal(1);
  });

  it('names a model that is neither a name nor a URL', async () => {
    const error = await errorOf(testEngine().load('http://'));
    expect(error.code).to.equal('bad-argument');
    expect(error.message).to.contain('http://');
  });

  it('downloads once for callers at the same time, and never again', async () => {
    const engine = testEngine();
    await requested();
    await Promise.all([1, 2, 3].map(() => engine.load(pack('blocks'))));
    await engine.load(pack('blocks'));
    expect((await requested()).sort()).to.deep.equal(
      ['decoder.onnx', 'encoder.onnx', 'pack.json'].map((file) => `/fixtures/packs/blocks/${file}`),
    );
  });

  it('keeps files by version in the Cache API, and drops the old version', async () => {
    const cache = await caches.open(NAME);
    const stale = new URL('/fixtures/packs/blocks/encoder.onnx?version=old', location.href).href;
    await cache.put(stale, new Response('old'));
    await testEngine().load(pack('blocks'));
    const kept = (await cache.keys()).map(({url}) => new URL(url));
    const encoders = kept.filter(({pathname}) => pathname.endsWith('encoder.onnx'));
    expect(encoders).to.have.length(1);
    expect(encoders[0]!.searchParams.get('version')).to.match(/^[0-9a-f]{64}$/);
  });

  it('fetches again what was tampered with in the cache', async () => {
    const cache = await caches.open(NAME);
    await testEngine().load(pack('blocks'));
    for (const request of await cache.keys()) {
      if (request.url.includes('encoder')) await cache.put(request, new Response('tampered'));
    }
    const model = await testEngine().load(pack('blocks'));
    expect((await model.encode(noisy(8, 8))).shape).to.deep.equal([3, 1, 1]);
  });

  it('stores nothing when told not to', async () => {
    await testEngine({cache: false}).load(pack('blocks'));
    expect(await caches.has(NAME)).to.equal(false);
  });

  it('rejects an aborted load at once and serves the one who still waits', async () => {
    const engine = testEngine();
    const controller = new AbortController();
    const given = engine.load(pack('slow'), {signal: controller.signal});
    const ends: string[] = [];
    const kept = engine.load(pack('slow')).finally(() => ends.push('kept'));
    setTimeout(() => controller.abort(), 300);
    expect((await errorOf(given.finally(() => ends.push('given')))).name).to.equal('AbortError');
    expect((await kept).name).to.equal('slow');
    expect(ends).to.deep.equal(['given', 'kept']);
  });

  it('reports the bytes of the whole download before it starts, and ends at 1', async () => {
    const seen: {stage: string; loaded: number; total: number; ratio: number}[] = [];
    await testEngine().load(pack('blocks'), {onProgress: (progress) => seen.push(progress)});
    const first = seen[0]!;
    expect(first.stage).to.equal('download');
    expect(first.total).to.be.above(0);
    const ratios = seen.map(({ratio}) => ratio);
    expect(ratios).to.deep.equal([...ratios].sort((a, b) => a - b));
    expect(ratios.at(-1)).to.equal(1);
    expect(new Set(seen.map(({stage}) => stage))).to.deep.equal(new Set(['download', 'compile']));
  });
});

/** The fixtures that the test server was asked for since the last question. */
async function requested(): Promise<string[]> {
  return (await (await fetch('/fixtures/log')).json()) as string[];
}
