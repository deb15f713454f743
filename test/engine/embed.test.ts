import {expect} from '@open-wc/testing';
import {isLatent} from '../../src/core/latent/latent.js';
import {parsePack} from '../../src/core/pack/parse-pack.js';
import {StaticTextEncoder} from '../../src/core/text/static-text-encoder.js';
import type {Progress} from '../../src/engine/types.js';
import {type Bert, meanEmbedding, runBert} from './reference-bert.js';
import {
  disposeEngines,
  errorOf,
  noisy,
  pack,
  picture,
  sharedEngine,
  testEngine,
  watchWorkers,
} from './support.js';

const bytesOf = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());
const fixture = (name: string, file: string) => `/fixtures/packs/${name}/${file}`;

async function staticEncoder(name: string): Promise<StaticTextEncoder> {
  const manifest = parsePack(await (await fetch(pack(name))).json(), name);
  return new StaticTextEncoder(manifest, {
    tokenizer: await bytesOf(fixture(name, 'vocabulary.txt')),
    table: await bytesOf(fixture(name, 'table.safetensors')),
  });
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).to.equal(expected.length);
  for (let i = 0; i < actual.length; i++) {
    expect(actual[i], `number ${i}`).to.be.closeTo(expected[i]!, tolerance);
  }
}

describe('embedding by a table', () => {
  afterEach(disposeEngines);

  it('gives in the worker what core gives anywhere, for one text and for many in order', async () => {
    const model = await sharedEngine().load(pack('tiny-words'));
    const encoder = await staticEncoder('tiny-words');
    expect(model.embeddingSpace).to.deep.equal({id: 'tiny-words-1', shape: [8]});
    const one = await model.embed('a tiny red boat');
    expect(isLatent(one)).to.equal(true);
    expect(one).to.deep.equal(encoder.embed('a tiny red boat'));
    const texts = Array.from({length: 100}, (_, i) => `cheap flights number ${i % 40}`);
    const many = await model.embed(texts);
    expect(many).to.deep.equal(texts.map((text) => encoder.embed(text)));
    expect(await model.embed([])).to.deep.equal([]);
  });

  it('starts neither ONNX Runtime nor a GPU', async () => {
    const asked = async () => (await fetch('/fixtures/built')).text();
    await asked();
    const engine = testEngine({device: 'webgpu'});
    const words = await engine.load(pack('tiny-words'));
    expect((await words.embed('cat')).data).to.have.length(8);
    expect(await asked())
      .to.include('/dist/workers/inference.worker.js')
      .and.not.match(/\/ort[./]/);
    await engine.load(pack('blocks'), {device: 'wasm'});
    expect(await asked()).to.match(/\/ort[./]/);
  });

  it('reports download, compile and embed as one run from 0 to 1', async () => {
    const model = await testEngine().load(pack('tiny-words'), {parts: []});
    const seen: Progress[] = [];
    const texts = Array.from({length: 70}, (_, i) => `cat ${i}`);
    await model.embed(texts, {onProgress: (progress) => seen.push(progress)});
    expect([...new Set(seen.map(({stage}) => stage))]).to.deep.equal([
      'download',
      'compile',
      'embed',
    ]);
    const ratios = seen.map(({ratio}) => ratio);
    expect(ratios).to.deep.equal([...ratios].sort((a, b) => a - b));
    expect(ratios.at(-1)).to.equal(1);
    expect(seen.at(-1)).to.include({stage: 'embed', loaded: 70, total: 70});
    const bytes = seen.filter(({stage}) => stage === 'download').at(-1)!;
    const manifest = model.manifest as unknown as Record<
      'tokenizer' | 'embedding',
      {bytes: number}
    >;
    expect(bytes.total).to.equal(manifest.tokenizer.bytes + manifest.embedding.bytes);
    expect(bytes.loaded).to.equal(bytes.total);
  });

  it('takes any text: long, signs, right to left, control characters, markup', async () => {
    const model = await sharedEngine().load(pack('tiny-words'));
    const texts = [
      'x'.repeat(100_000),
      'low cost '.repeat(12_000),
      '😀',
      'חתול قطة',
      'cat\u0000\u0007',
      '<script>alert(1)</script>',
      '\ud800',
      '?!',
    ];
    for (const latent of await model.embed(texts)) {
      expect(Math.hypot(...latent.data)).to.be.closeTo(1, 1e-6);
    }
  });

  it('refuses what is no text, saying where it is', async () => {
    const model = await sharedEngine().load(pack('tiny-words'));
    for (const [input, message] of [
      ['', /The text is empty/],
      [' \n\u200b', /The text is blank/],
      [['cat', '\u0000'], /Text 1 of 2 is blank/],
      [['cat', 7 as unknown as string], /Text 1 of 2 is no string but number/],
    ] as const) {
      const error = await errorOf(model.embed(input as string));
      expect(error.code).to.equal('bad-argument');
      expect(error.message).to.match(message);
    }
  });

  it('names what a pack has where it cannot embed', async () => {
    const engine = testEngine();
    const words = await engine.load(pack('tiny-words'));
    const picture = await errorOf(words.embed(noisy(8, 8)));
    expect(picture.code).to.equal('unsupported');
    expect(picture.message).to.match(/cannot embed an image.*table of words/);
    const blocks = await engine.load(pack('blocks'));
    expect(blocks.embeddingSpace).to.equal(undefined);
    const text = await errorOf(blocks.embed('cat'));
    expect(text.code).to.equal('unsupported');
    expect(text.message).to.match(/cannot embed a text.*encoder, decoder/);
  });

  it('stops when aborted, and the next call works', async () => {
    const model = await sharedEngine().load(pack('tiny-words'));
    const controller = new AbortController();
    const texts = Array.from({length: 5000}, (_, i) => `cat ${i}`);
    const open = model.embed(texts, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect((await errorOf(open)).name).to.equal('AbortError');
    expect((await errorOf(model.embed('cat', {signal: AbortSignal.abort()}))).name).to.equal(
      'AbortError',
    );
    expect((await model.embed('cat')).data).to.have.length(8);
  });

  it('loads again in a fresh worker after a crash', async () => {
    const {workers, restore} = watchWorkers();
    try {
      const model = await testEngine().load(pack('tiny-words'));
      const before = await model.embed('cat');
      // In the middle of a call: one that is made after the end may begin in the next worker.
      const texts = Array.from({length: 5000}, (_, i) => `cat ${i}`);
      const open = model.embed(texts, {onProgress: () => workers[0]!.terminate()});
      expect((await errorOf(open)).code).to.equal('worker-crashed');
      expect(await model.embed('cat')).to.deep.equal(before);
      expect(workers).to.have.length(2);
    } finally {
      restore();
    }
  });

  it('refuses files that are not as the manifest says', async () => {
    const error = await errorOf(sharedEngine().load(pack('wrong-vocabulary')));
    expect(error.code).to.equal('bad-pack');
    expect(error.message).to.match(/11 lines.*12/);
  });
});

describe('embedding by a transformer of the hub', () => {
  afterEach(disposeEngines);

  // By hand from the vocabulary in test/fixtures/transformer.mjs: "passage : the cheap fl ##ight ##s"…
  const known: readonly (readonly [text: string, tokens: readonly number[]])[] = [
    ['The cheap FLIGHTS', [2, 29, 11, 12, 19, 20, 21, 22, 3]],
    ['Café, unwanted!', [2, 29, 11, 27, 6, 30, 31, 32, 5, 3]],
    ['a cat sat on the mat.', [2, 29, 11, 13, 14, 16, 17, 12, 18, 7, 3]],
    ['dog 猫dog zzz', [2, 29, 11, 15, 35, 15, 1, 3]],
  ];

  async function bert(): Promise<Bert> {
    return (await (await fetch(fixture('tiny-bert', 'weights.json'))).json()) as Bert;
  }

  for (const device of ['wasm', 'webgpu'] as const) {
    it(`agrees with plain JavaScript on ${device}, alone and in batches`, async () => {
      const model = await sharedEngine({device}).load(pack('tiny-bert'));
      const weights = await bert();
      const expected = known.map(([, tokens]) => meanEmbedding(runBert(weights, tokens)));
      const latents = await model.embed(known.map(([text]) => text));
      latents.forEach(({data, shape, space}, i) => {
        expect([space, shape]).to.deep.equal(['tiny-bert-1', [16]]);
        expectClose(data, expected[i]!, 2e-5);
      });
      expectClose((await model.embed(known[1]![0])).data, expected[1]!, 2e-5);
    }).timeout(120_000);
  }

  it('takes int32 where the file declares it', async () => {
    const model = await sharedEngine().load(pack('tiny-bert-int32'));
    const [text, tokens] = known[0]!;
    expectClose((await model.embed(text)).data, meanEmbedding(runBert(await bert(), tokens)), 2e-5);
  });

  it('pads to the sizes that a pack fixes', async () => {
    const model = await sharedEngine().load(pack('tiny-bert-fixed'));
    const weights = await bert();
    const latents = await model.embed(known.slice(0, 3).map(([text]) => text));
    latents.forEach(({data}, i) => {
      expectClose(data, meanEmbedding(runBert(weights, known[i]![1])), 2e-5);
    });
  });

  it('takes the first state as it is, where the pack says so', async () => {
    const model = await sharedEngine().load(pack('tiny-bert-cls'));
    // This pack has no prompts.
    const tokens = [2, 14, 3];
    expectClose((await model.embed('cat')).data, runBert(await bert(), tokens)[0]!, 1e-4);
  });

  it('puts the prompt for its kind before a text', async () => {
    const model = await sharedEngine().load(pack('tiny-bert'));
    const weights = await bert();
    const query = meanEmbedding(runBert(weights, [2, 28, 11, 14, 3]));
    const found = meanEmbedding(runBert(weights, [2, 29, 11, 14, 3]));
    expectClose((await model.embed('cat', {kind: 'query'})).data, query, 2e-5);
    expectClose((await model.embed('cat', {kind: 'document'})).data, found, 2e-5);
    expectClose((await model.embed('cat')).data, found, 2e-5);
  });

  it('cuts a text that is too long, keeping the special tokens around it', async () => {
    const model = await sharedEngine().load(pack('tiny-bert'));
    const tokens = [2, 29, 11, ...new Array<number>(28).fill(14), 3];
    const expected = meanEmbedding(runBert(await bert(), tokens));
    for (const count of [28, 29, 50_000]) {
      expectClose((await model.embed('cat '.repeat(count))).data, expected, 2e-5);
    }
    // One word of 100 kB is as unknown as any.
    const unknown = meanEmbedding(runBert(await bert(), [2, 29, 11, 1, 3]));
    expectClose((await model.embed('x'.repeat(100_000))).data, unknown, 2e-5);
  });

  it('stops between batches when aborted', async () => {
    const model = await sharedEngine().load(pack('tiny-bert'));
    const controller = new AbortController();
    const texts = Array.from({length: 300}, (_, i) => 'cat '.repeat(1 + (i % 20)));
    const open = model.embed(texts, {
      signal: controller.signal,
      onProgress: ({stage}) => {
        if (stage === 'embed') controller.abort();
      },
    });
    expect((await errorOf(open)).name).to.equal('AbortError');
    expect((await model.embed('cat')).data).to.have.length(16);
  });

  for (const [name, code, message] of [
    ['no-tokenizer', 'bad-pack', /tokenizer\.type must be huggingface/],
    ['wrong-tokenizer', 'bad-pack', /config\.json is no tokenizer\.json/],
    ['wrong-pad', 'bad-pack', /no token "<nothing>"/],
    ['wrong-dimensions', 'bad-pack', /onnx\/model\.onnx gave \[1, 5, 16\] for \[1, 5, 8\]/],
  ] as const) {
    it(`refuses the pack "${name}" with ${code}`, async () => {
      const embed = async () => (await sharedEngine().load(pack(name))).embed('cat');
      const error = await errorOf(embed());
      expect(error.code).to.equal(code);
      expect(error.message).to.match(message);
    });
  }
});

describe('embedding pictures', () => {
  afterEach(disposeEngines);

  for (const [name, part] of [
    ['colours', 'an image encoder'],
    ['latent-colours', 'a head on the latent'],
  ] as const) {
    it(`gives a vector of its own space by ${part}`, async () => {
      const model = await sharedEngine().load(pack(name));
      const {data, shape, space} = await model.embed(picture(16, 8, () => [255, 0, 51]));
      expect([space, shape]).to.deep.equal([`${name}-1`, [3]]);
      // The pack's public latents are (raw − 0.5) · 2.
      const colour = name === 'colours' ? [1, 0, 0.2] : [1, -1, -0.6];
      const length = Math.hypot(...colour);
      expectClose(
        data,
        colour.map((value) => value / length),
        1e-5,
      );
    });
  }

  it('takes a URL as an object, and a string as text', async () => {
    const model = await sharedEngine().load(pack('colours'));
    const url = new URL('/stories/assets/leek.jpg', location.href);
    expect((await model.embed(url)).data).to.have.length(3);
    expect((await errorOf(model.embed(url.href))).message).to.match(/cannot embed a text/);
    const missing = await errorOf(model.embed(new URL('/nowhere.png', location.href)));
    expect(missing.code).to.equal('not-found');
  });
});
