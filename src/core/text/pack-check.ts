import type {PackManifest, PackPart} from '../pack/pack.js';

/** Refuses a manifest: which field, and what is wrong with it. */
export type Fail = (field: string, fault: string) => never;

/** Checks what the schema cannot: that a manifest's embedding, tokenizer and parts fit together. */
export function checkText(
  {embedding, image, parts, space, tokenizer}: PackManifest,
  fail: Fail,
): void {
  if (embedding?.type !== 'static' && !Object.values(parts).some(Boolean)) {
    fail('parts', 'must name at least one part, where embedding has no table');
  }
  if (!embedding) {
    if (parts.imageEncoder) fail('embedding', 'is missing, yet the pack has the part imageEncoder');
    return;
  }
  const own = embedding.type === 'network' ? embedding.space : undefined;
  const {shape} = own ?? space;
  if (shape.length !== 1 || typeof shape[0] !== 'number') {
    fail('embedding.space', `is missing: embeddings are [d], and the pack's space is not`);
  }
  if (embedding.type === 'static') {
    if (tokenizer?.type !== 'static-words') {
      fail('tokenizer.type', 'must be static-words, as the embedding is static');
    }
    return;
  }
  const {textEncoder, imageEncoder} = parts;
  if (!textEncoder && !imageEncoder)
    fail('parts', 'has no textEncoder and no imageEncoder to embed');
  if (textEncoder) {
    if (tokenizer?.type !== 'huggingface') {
      fail('tokenizer.type', 'must be huggingface, as the embedding needs the part textEncoder');
    }
    needOne(textEncoder, 'textEncoder', 'inputs', ['tokens'], fail);
    needOne(textEncoder, 'textEncoder', 'outputs', ['embedding', 'states'], fail);
  }
  if (!imageEncoder) return;
  if (!image) fail('image', 'is missing, yet the pack has the part imageEncoder');
  needOne(imageEncoder, 'imageEncoder', 'inputs', ['image', 'latent'], fail);
  needOne(imageEncoder, 'imageEncoder', 'outputs', ['embedding'], fail);
  if (imageEncoder.inputs.latent && !parts.encoder) {
    fail('parts.encoder', 'is missing, yet imageEncoder takes its latents');
  }
}

function needOne(
  part: PackPart,
  name: string,
  side: 'inputs' | 'outputs',
  roles: readonly string[],
  fail: Fail,
): void {
  if (roles.some((role) => part[side][role])) return;
  fail(`parts.${name}.${side}.${roles.join(' or ')}`, 'is missing');
}
