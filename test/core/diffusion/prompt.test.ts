import assert from 'node:assert/strict';
import {test} from 'node:test';
import {negate, splitPrompt} from '../../../src/core/diffusion/prompt.js';
import {processorTime} from '../support.js';

const CASES: readonly (readonly [prompt: string, expected: readonly string[]])[] = [
  ['', []],
  [' \n\t ', []],
  ['smiling', ['+smiling']],
  ['smiling, round glasses', ['+smiling', '+round glasses']],
  ['glasses and a beard with long hair; grey', ['+glasses', '+a beard', '+long hair', '+grey']],
  ['glasses but no beard', ['+glasses', '-beard']],
  ['a face without glasses', ['+a face', '-glasses']],
  ['no glasses, not smiling', ['-glasses', '-smiling']],
  ['non-smiling', ['-smiling']],
  ['no glasses or beard', ['-glasses', '-beard']],
  ['glasses or a beard', ['+glasses', '+a beard']],
  ['not without glasses', ['+glasses']],
  ['glasses and and, with , beard', ['+glasses', '+beard']],
  ['Glasses AND Beard', ['+Glasses', '+Beard']],
  ['glasses\nno beard\r\nsmile.', ['+glasses', '-beard', '+smile']],
  ['no', []],
  ['notable nose, android, forewith', ['+notable nose', '+android', '+forewith']],
  ['!!! ,,, ;;;', []],
  ['😀', []],
  ['lunettes rondes, größe', ['+lunettes rondes', '+größe']],
  ['a red car', ['+a red car']],
];

for (const [prompt, expected] of CASES) {
  test(`splits ${JSON.stringify(prompt)}`, () => {
    const found = splitPrompt(prompt).map(({text, polarity}) => (polarity > 0 ? '+' : '-') + text);
    assert.deepEqual(found, expected);
  });
}

test('negate turns every phrase round', () => {
  assert.deepEqual(negate(splitPrompt('glasses, no beard')), [
    {text: 'glasses', polarity: -1},
    {text: 'beard', polarity: 1},
  ]);
});

test('hostile prompts cost nothing: they are cut', () => {
  const spent = processorTime(() => {
    for (const hostile of [
      'no '.repeat(100_000),
      'a, '.repeat(100_000),
      ' '.repeat(1e6),
      'x'.repeat(1e6),
      ' and'.repeat(100_000),
      '<script>alert(1)</script>',
      '\u0000\u202e\ud800',
    ]) {
      const phrases = splitPrompt(hostile);
      assert.ok(phrases.length <= 64);
      for (const {text} of phrases) assert.ok(text.length <= 10_000 && text.length > 0);
    }
  });
  assert.ok(spent < 1000, `${spent} ms`);
});

test('a prompt without a blank takes time in proportion to its length', () => {
  const spent = processorTime(() => {
    for (let i = 0; i < 20; i++) splitPrompt('x'.repeat(10_000));
  });
  // With a search from each of its characters it was seconds.
  assert.ok(spent < 200, `${spent} ms`);
});
