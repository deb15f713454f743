import {expect} from '@open-wc/testing';
import {LatentError} from '../../../src/core/errors.js';
import type {HuggingFaceTokenizer} from '../../../src/core/text/pack-fields.js';
import {TextTokenizer} from '../../../workers/text/text-tokenizer.js';

const load = (json: unknown, options: Partial<HuggingFaceTokenizer> = {}) =>
  TextTokenizer.load(new TextEncoder().encode(JSON.stringify(json)), {
    type: 'huggingface',
    file: 'tokenizer.json',
    bytes: 1,
    sha256: '',
    maxLength: 512,
    ...options,
  });

const special = (id: number, content: string) => {
  const shape = {single_word: false, lstrip: false, rstrip: false, normalized: false};
  return {id, content, special: true, ...shape};
};

/** Tokens of bert-base-uncased with their numbers, as far as the texts below need them. */
const BERT: Readonly<Record<string, number>> = {
  ...{'[PAD]': 0, '[UNK]': 100, '[CLS]': 101, '[SEP]': 102, '[MASK]': 103, '!': 999, '#': 1001},
  ...{$: 1002, "'": 1005, '(': 1006, ')': 1007, ',': 1010, '.': 1012, 1: 1015, 3: 1017, ';': 1025},
  ...{'=': 1027, '?': 1029, a: 1037, d: 1040, r: 1054, t: 1056, z: 1062, '¥': 1071, '€': 1574},
  ...{'₱': 1575, '₹': 1576, 博: 1786, 生: 1910, 的: 1916, 真: 1921, of: 1997, to: 2000, you: 2017},
  ...{are: 2024, can: 2064, '##o': 2080, how: 2129, ll: 2222, let: 2292, '##2': 2475, '##z': 2480},
  ...{hall: 2534, '##4': 2549, '##6': 2575, '##8': 2620, '##9': 2683, doing: 2725, running: 2770},
  ...{test: 3231, '##st': 3367, '##j': 3501, '##ring': 4892, ah: 6289, 123: 13138, unwanted: 18162},
  ...{'£5': 27813, ob: 27885, hello: 7592, world: 2088},
};

const bert = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((name) =>
    special(BERT[name]!, name),
  ),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: {type: 'BertPreTokenizer'},
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      {SpecialToken: {id: '[CLS]', type_id: 0}},
      {Sequence: {id: 'A', type_id: 0}},
      {SpecialToken: {id: '[SEP]', type_id: 0}},
    ],
    pair: [],
    special_tokens: {
      '[CLS]': {id: '[CLS]', ids: [101], tokens: ['[CLS]']},
      '[SEP]': {id: '[SEP]', ids: [102], tokens: ['[SEP]']},
    },
  },
  decoder: {type: 'WordPiece', prefix: '##', cleanup: true},
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: BERT,
  },
};

/** CLIP's tokenizer.json, as far as the texts below need it (test/fixtures/clip.mjs). */
const clip = (await (
  await fetch('/fixtures/packs/tiny-sd-turbo/tokenizer/tokenizer.json')
).json()) as object;

describe('tokenizer.json', () => {
  // Numbers that Hugging Face publishes for bert-base-uncased (huggingface/transformers.js,
  // tests/models/bert/test_tokenization_bert.js), some of them from Google's own tests of BERT.
  for (const [text, ids] of [
    ['How are you doing?', [2129, 2024, 2017, 2725, 1029]],
    ['UNwantéd,running', [18162, 1010, 2770]],
    [' \tHäLLo!how  \n Are yoU?  ', [2534, 2080, 999, 2129, 2024, 2017, 1029]],
    ['1\u00002\ufffd3', [13138]],
    ['生活的真谛是', [1910, 100, 1916, 1921, 100, 100]],
    ['ah博推zz', [6289, 1786, 100, 1062, 2480]],
    [
      "A\n'll !!to?'d''d of, can't.",
      [
        1037, 1005, 2222, 999, 999, 2000, 1029, 1005, 1040, 1005, 1005, 1040, 1997, 1010, 2064,
      ].concat([1005, 1056, 1012]),
    ],
    [
      'test $1 R2 #3 €4 £5 ¥6 ₣7 ₹8 ₱9 test',
      [3231, 1002, 1015, 1054, 2475, 1001, 1017, 1574, 2549, 27813, 1071, 2575, 100, 1576].concat([
        2620, 1575, 2683, 3231,
      ]),
    ],
    [
      'let a = obj.toString();\ntoString();',
      [2292, 1037, 1027, 27885, 3501, 1012, 2000, 3367, 4892, 1006, 1007, 1025, 2000, 3367].concat([
        4892, 1006, 1007, 1025,
      ]),
    ],
    ['hello [MASK] world', [7592, 103, 2088]],
  ] as const) {
    it(`BERT: ${JSON.stringify(text)}`, async () => {
      expect((await load(bert)).encode(text)).to.deep.equal([101, ...ids, 102]);
    });
  }

  // The notebook of openai/CLIP shows the first, the tests of apple/ml-stable-diffusion the others.
  for (const [text, ids] of [
    ['Hello World!', [3306, 1002, 256]],
    [
      'a photo of an astronaut riding a horse on mars',
      [320, 1125, 539, 550, 18376, 6765, 320, 4558, 525, 7496],
    ],
    [
      'Apple CoreML developer tools on a Macbook Air are fast',
      [3055, 19622, 5780, 10929, 5771, 525, 320, 20617, 1922, 631, 1953],
    ],
    ['  A  Photo\nOF ', [320, 1125, 539]],
  ] as const) {
    it(`CLIP: ${JSON.stringify(text)}`, async () => {
      const tokenizer = await load(clip);
      expect(tokenizer.encode(text)).to.deep.equal([49406, ...ids, 49407]);
      expect(tokenizer.pad).to.equal(49407);
    });
  }

  it('cuts long texts between the special tokens', async () => {
    const seven = await load(bert, {maxLength: 7});
    const text = 'how are you doing ? how are you';
    expect(seven.encode(text)).to.deep.equal([101, 2129, 2024, 2017, 2725, 1029, 102]);
    const three = await load(clip, {maxLength: 3});
    expect(three.encode('a photo of')).to.deep.equal([49406, 320, 49407]);
  });

  it('takes texts of any length in the time of a short one', async () => {
    for (const json of [bert, clip]) {
      const tokenizer = await load(json, {maxLength: 77});
      // The best of several: other processes take their share of the machine.
      const fastest = (text: string): number => {
        const times = Array.from({length: 5}, () => {
          const begin = performance.now();
          expect(tokenizer.encode(text).length).to.be.at.most(77);
          return performance.now() - begin;
        });
        return Math.min(...times);
      };
      for (const text of [
        'x'.repeat(1e6),
        'hello '.repeat(2e5),
        ' '.repeat(1e6),
        '!'.repeat(1e6),
      ]) {
        // Read to its end, it would take two hundred times as long.
        const short = fastest(text.slice(0, 5000));
        expect(fastest(text)).to.be.below(20 * Math.max(1, short));
      }
    }
  });

  it('knows what fills up', async () => {
    expect((await load(bert)).pad).to.equal(0);
    expect((await load({...bert, padding: {pad_id: 7}})).pad).to.equal(7);
    expect((await load(clip, {pad: '!'})).pad).to.equal(0);
  });

  it('refuses what is no tokenizer.json', async () => {
    const bad = [
      {},
      [],
      'text',
      {...bert, model: {type: 'Magic'}},
      {...bert, pre_tokenizer: {type: 'x'}},
    ];
    for (const json of bad) {
      const error: unknown = await load(json).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error, JSON.stringify(json).slice(0, 40)).to.be.instanceOf(LatentError);
      expect((error as LatentError).code).to.equal('bad-pack');
    }
  });
});
