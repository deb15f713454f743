import {LatentError} from '../errors.js';
import type {PackManifest} from '../pack/pack.js';

/** The space that a pack's embeddings lie in. */
export interface EmbeddingSpace {
  readonly id: string;
  /** One axis: how many numbers an embedding has. */
  readonly shape: readonly [number];
}

/** The space of a pack's embeddings; `undefined` where it cannot embed. */
export function embeddingSpaceOf({embedding, space}: PackManifest): EmbeddingSpace | undefined {
  if (!embedding) return undefined;
  const own = embedding.type === 'network' ? embedding.space : undefined;
  // That it is one number was checked with the manifest.
  return own ?? {id: space.id, shape: [space.shape[0] as number]};
}

/** Whether a pack embeds such input. */
export function embeds({embedding, parts}: PackManifest, input: 'text' | 'image'): boolean {
  if (embedding?.type === 'static') return input === 'text';
  const part = input === 'text' ? parts.textEncoder : parts.imageEncoder;
  return embedding !== undefined && part !== undefined;
}

/** Throws `unsupported`, naming the parts that there are, unless the pack embeds such input. */
export function assertEmbeds(manifest: PackManifest, input: 'text' | 'image'): void {
  const {embedding, parts, name} = manifest;
  if (embeds(manifest, input)) return;
  const has = [
    ...Object.keys(parts),
    ...(embedding?.type === 'static' ? ['a table of words'] : []),
  ];
  throw new LatentError(
    'unsupported',
    `The pack ${name} cannot embed ${input === 'text' ? 'a text' : 'an image'}; it has: ` +
      `${has.join(', ')}. Use a pack with ${input === 'text' ? 'a tokenizer and textEncoder' : 'an imageEncoder'}.`,
  );
}
