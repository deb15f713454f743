import * as v from 'valibot';
import {Asset, count, text} from '../pack/pack-asset.js';

const StaticWords = v.object({
  type: v.literal('static-words'),
  /** The vocabulary: a word a line, in the order of the table's first rows. */
  ...Asset,
  /** Lines of the vocabulary. */
  words: count,
  /** Rows of the table for n-grams of unknown words, after those of the words. */
  buckets: count,
  /** Shortest and longest n-gram, in code points. */
  ngrams: v.pipe(
    v.tuple([count, count]),
    v.check(([shortest, longest]) => shortest <= longest, 'must be [shortest, longest]'),
  ),
  /** Endings and what replaces them, in the order in which they are tried. */
  suffixes: v.optional(v.array(v.tuple([text, v.string()])), []),
  /** What is used of a text and of a word; the rest is left out. */
  maxCharacters: count,
  maxWords: count,
  maxWordLength: count,
});

const HuggingFace = v.object({
  type: v.literal('huggingface'),
  /** A `tokenizer.json` as the hub has it. */
  ...Asset,
  /** Tokens that the network takes, special ones included; the rest of a text is left out. */
  maxLength: v.optional(count, 512),
  /** The token that fills up shorter texts; default: what the file says. */
  pad: v.optional(text),
});

const Phrases = v.object({
  type: v.literal('phrases'),
  /** The pack that embeds the phrases of a prompt: a URL, relative to this `pack.json`. */
  pack: text,
  /** The id of that pack's embedding space, for which the part textEncoder was trained. */
  space: text,
});

/** How a pack cuts texts into what its table or network takes. */
export const Tokenizer = v.variant('type', [StaticWords, HuggingFace, Phrases]);

/** What every embedding may say of its vectors. */
const Common = {
  /** The cosine that 95 of 100 pairs of unrelated texts stay below: what is no nearer is chance. */
  noise: v.optional(v.pipe(v.number(), v.minValue(-1), v.maxValue(1))),
};

const StaticEmbedding = v.object({
  type: v.literal('static'),
  ...Common,
  /** A safetensors file. */
  ...Asset,
  /** Name of the int8 tensor [words + buckets, d]. */
  rows: v.optional(text, 'rows'),
  /** Name of the float32 tensor [words + buckets]: a factor for each row. */
  scales: v.optional(text, 'scales'),
});

const NetworkEmbedding = v.object({
  type: v.optional(v.literal('network'), 'network'),
  ...Common,
  /** How the states of a text's tokens become one vector, where the network does not do it. */
  pooling: v.optional(v.picklist(['mean', 'cls', 'last']), 'mean'),
  /** Bring vectors to unit length. */
  normalize: v.optional(v.boolean(), true),
  /** What goes before a text that searches, one that is found, and the name of a class. */
  prompts: v.optional(
    v.object({
      query: v.optional(v.string(), ''),
      document: v.optional(v.string(), ''),
      label: v.optional(v.string(), ''),
    }),
    {query: '', document: '', label: ''},
  ),
  /** The space of the embeddings; default: the pack's own. */
  space: v.optional(v.object({id: text, shape: v.tuple([count])})),
});

/** How a pack turns texts or images into vectors; without `type` it is `network`. */
export const Embedding = v.variant('type', [StaticEmbedding, NetworkEmbedding]);

/** The tokenizer of a static table. */
export type StaticWordsTokenizer = v.InferOutput<typeof StaticWords>;
/** The tokenizer of a network. */
export type HuggingFaceTokenizer = v.InferOutput<typeof HuggingFace>;
/** Prompts that become a condition phrase by phrase. */
export type PhrasesTokenizer = v.InferOutput<typeof Phrases>;
/** How vectors are read from a network's output. */
export type NetworkEmbedding = v.InferOutput<typeof NetworkEmbedding>;
/** Where the rows of a static table are. */
export type StaticEmbedding = v.InferOutput<typeof StaticEmbedding>;
