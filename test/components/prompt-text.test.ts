import {expect} from '@open-wc/testing';
import {
  addPhrase,
  phraseKey,
  phraseKeys,
  removePhrase,
} from '../../components/latent-generator/prompt-text.js';

const hasPhrase = (prompt: string, phrase: string) => phraseKeys(prompt).has(phraseKey(phrase));

describe('the phrases of a prompt', () => {
  const there: readonly (readonly [prompt: string, phrase: string])[] = [
    ['glasses', 'glasses'],
    ['Glasses', 'glasses'],
    ['a man with glasses and a beard', 'glasses'],
    ['smiling;glasses', 'glasses'],
    ['smiling without glasses', 'no glasses'],
    ['smiling, no glasses', 'without glasses'],
    ['red  hair, smiling', 'red hair'],
  ];
  for (const [prompt, phrase] of there) {
    it(`are found: "${phrase}" in "${prompt}"`, () => {
      expect(hasPhrase(prompt, phrase)).to.equal(true);
    });
  }

  const missing: readonly (readonly [prompt: string, phrase: string])[] = [
    ['', 'glasses'],
    ['sunglasses', 'glasses'],
    ['no glasses', 'glasses'],
    ['round glasses', 'glasses'],
    ['glasses or a beard', 'glasses'],
    ['smiling without glasses', 'glasses'],
  ];
  for (const [prompt, phrase] of missing) {
    it(`are not mistaken: "${phrase}" in "${prompt}"`, () => {
      expect(hasPhrase(prompt, phrase)).to.equal(false);
    });
  }

  it('are added at the end, once', () => {
    expect(addPhrase('', 'glasses')).to.equal('glasses');
    expect(addPhrase('  ', 'glasses')).to.equal('glasses');
    expect(addPhrase('a Man ,', 'glasses')).to.equal('a Man, glasses');
    expect(addPhrase('a man with glasses', 'glasses')).to.equal('a man with glasses');
  });

  it('are added in place of what cannot be true beside them', () => {
    expect(addPhrase('long hair, smiling', 'short hair', ['long hair', 'bald'])).to.equal(
      'smiling, short hair',
    );
  });

  it('are removed, and nothing else is touched', () => {
    expect(removePhrase('glasses', 'glasses')).to.equal('');
    expect(removePhrase('a Man; glasses,  smiling', 'glasses')).to.equal('a Man,  smiling');
    expect(removePhrase('glasses, a man', 'glasses')).to.equal('a man');
    expect(removePhrase('a man with glasses and a beard', 'glasses')).to.equal('a man and a beard');
    expect(removePhrase('a man without glasses', 'no glasses')).to.equal('a man');
    expect(removePhrase('glasses, Glasses', 'glasses')).to.equal('');
    expect(removePhrase(' a man ', 'glasses')).to.equal(' a man ');
    expect(removePhrase('', 'glasses')).to.equal('');
  });

  it('are found in one pass, however long the prompt, with and without blanks', () => {
    // With a search from each character, these would take hours.
    for (const long of ['x'.repeat(1e6), ','.repeat(1e6), 'a '.repeat(5e5), ' '.repeat(1e6)]) {
      expect(phraseKeys(`smiling, ${long}`).has(phraseKey('smiling'))).to.equal(true);
      expect(addPhrase(`${long}smiling`, 'glasses')).to.contain('glasses');
      expect(removePhrase(`smiling, ${long}`, 'smiling')).to.not.contain('smiling');
    }
  });

  it('come and go without a trace', () => {
    for (const prompt of ['a man', 'a man, smiling', 'two; three']) {
      expect(removePhrase(addPhrase(prompt, 'glasses'), 'glasses')).to.equal(prompt);
    }
  });
});
