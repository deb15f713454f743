import type {Tokenizer} from '@huggingface/tokenizers';
import {LatentError} from '../../src/core/errors.js';
import type {HuggingFaceTokenizer} from '../../src/core/text/pack-fields.js';

/**
 * Characters that are looked at for each token that the network takes: no language's tokens come
 * near it, and a text of any length costs no more than this.
 */
const CHARACTERS_PER_TOKEN = 64;
/** Any text that has a token of its own, to learn which special ones are put around it. */
const PROBE = 'a';
/** How the files of the hub name the token that fills up. */
const PAD_NAMES = ['[PAD]', '<pad>', '<|endoftext|>'];

/** A `tokenizer.json` of the hub (WordPiece, BPE, Unigram …): a text → token numbers. */
export class TextTokenizer {
  /** The number that fills up shorter texts. */
  readonly pad: number;
  readonly #tokenizer: Tokenizer;
  readonly #options: HuggingFaceTokenizer;
  readonly #before: readonly number[];
  readonly #after: readonly number[];

  private constructor(tokenizer: Tokenizer, options: HuggingFaceTokenizer, pad: number) {
    this.#tokenizer = tokenizer;
    this.#options = options;
    this.pad = pad;
    const whole = tokenizer.encode(PROBE).ids;
    const bare = tokenizer.encode(PROBE, {add_special_tokens: false}).ids;
    const start = whole.findIndex((_, at) => bare.every((id, i) => whole[at + i] === id));
    this.#before = whole.slice(0, Math.max(0, start));
    this.#after = start < 0 ? [] : whole.slice(start + bare.length);
  }

  /** Reads the file that the manifest names; `bad-pack` where it is none. */
  static async load(file: Uint8Array, options: HuggingFaceTokenizer): Promise<TextTokenizer> {
    const library = await import('@huggingface/tokenizers');
    try {
      const json = JSON.parse(new TextDecoder().decode(file)) as TokenizerFile;
      const tokenizer = new library.Tokenizer(json, {});
      return new TextTokenizer(tokenizer, options, padOf(tokenizer, json, options));
    } catch (cause) {
      if (cause instanceof LatentError) throw cause;
      throw new LatentError(
        'bad-pack',
        `${options.file} is no tokenizer.json that can be used: ${String(cause)}`,
        {cause},
      );
    }
  }

  /**
   * The token numbers of a text, special ones included. Of one that is too long the beginning is
   * taken, between the same special tokens.
   */
  encode(text: string): readonly number[] {
    const {file, maxLength} = this.#options;
    const start = text.slice(0, maxLength * CHARACTERS_PER_TOKEN);
    const {ids} = this.#tokenizer.encode(start, {add_special_tokens: false});
    const room = Math.max(0, maxLength - this.#before.length - this.#after.length);
    const tokens = [...this.#before, ...ids.slice(0, room), ...this.#after];
    if (tokens.every((id) => Number.isSafeInteger(id) && id >= 0)) return tokens;
    throw new LatentError(
      'bad-pack',
      `${file} has no token for a part of a text, nor an unknown one.`,
    );
  }
}

interface TokenizerFile {
  readonly padding?: {readonly pad_id?: number} | null;
}

function padOf(
  tokenizer: Tokenizer,
  json: TokenizerFile,
  {file, pad}: HuggingFaceTokenizer,
): number {
  if (pad === undefined) {
    const named = PAD_NAMES.map((name) => tokenizer.token_to_id(name));
    return json.padding?.pad_id ?? named.find((id) => id !== undefined) ?? 0;
  }
  const id = tokenizer.token_to_id(pad);
  if (id !== undefined) return id;
  throw new LatentError('bad-pack', `${file} has no token "${pad}", which tokenizer.pad names.`);
}
