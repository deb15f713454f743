import {LatentError} from '../../src/core/errors.js';
import type {PackAsset} from '../../src/core/pack/pack-asset.js';
import type {PackManifest, PartName} from '../../src/core/pack/pack.js';
import {embeddingSpaceOf} from '../../src/core/text/embedding-space.js';
import {StaticTextEncoder} from '../../src/core/text/static-text-encoder.js';
import type {TextKind} from '../../src/shared/inference.js';
import {joinDownloads, type LoadCall} from '../loading/shared-load.js';
import type {Network} from '../inference/ort-runtime.js';
import {NetworkTextEncoder} from './network-text-encoder.js';
import {TextTokenizer} from './text-tokenizer.js';

/** What texts become vectors by. */
export interface TextEmbedder {
  /**
   * The vectors of texts, which have the prompt of their kind already, in their order; gives up
   * between batches when `signal` aborts.
   */
  embed(texts: readonly string[], kind: TextKind, signal: AbortSignal): Promise<Float32Array[]>;
}

/** The parts and files of a pack. */
export interface PackFiles {
  readonly manifest: PackManifest;
  network(name: PartName, call: LoadCall): Promise<Network>;
  file(asset: PackAsset, call: LoadCall): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Fetches all that a pack needs for texts; the function that comes back makes the embedder of it.
 * Only a pack with a network starts ONNX Runtime.
 */
export async function fetchTextEmbedder(
  pack: PackFiles,
  call: LoadCall,
): Promise<() => Promise<TextEmbedder>> {
  const {embedding, parts, tokenizer} = pack.manifest;
  const part = joinDownloads(call);
  if (embedding?.type === 'static' && tokenizer?.type === 'static-words') {
    const [words, table] = await Promise.all([
      pack.file(tokenizer, part()),
      pack.file(embedding, part()),
    ]);
    return () => {
      const encoder = new StaticTextEncoder(pack.manifest, {tokenizer: words, table});
      call.onProgress('compile', 1);
      return Promise.resolve({
        embed: (texts, kind) =>
          Promise.resolve(
            texts.map((text) => encoder[kind === 'label' ? 'embedLabel' : 'embed'](text).data),
          ),
      });
    };
  }
  const space = embeddingSpaceOf(pack.manifest);
  if (!space || embedding?.type !== 'network' || tokenizer?.type !== 'huggingface') {
    throw new LatentError('unsupported', `The pack ${pack.manifest.name} cannot embed texts.`);
  }
  const [file, network] = await Promise.all([
    pack.file(tokenizer, part()),
    pack.network('textEncoder', part()),
  ]);
  return async () =>
    new NetworkTextEncoder(
      network,
      await TextTokenizer.load(file, tokenizer),
      parts.textEncoder!,
      embedding,
      space.shape[0],
    );
}
