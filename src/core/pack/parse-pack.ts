import * as v from 'valibot';
import {LatentError} from '../errors.js';
import {checkText, type Fail} from '../text/pack-check.js';
import {type PackManifest, packSchema, type PartName} from './pack.js';

/** Checks a parsed `pack.json`; throws `bad-pack` naming the first field that does not fit. */
export function parsePack(json: unknown, source: string): PackManifest {
  const result = v.safeParse(packSchema, json, {abortEarly: true});
  if (result.success) {
    checkRoles(result.output, source);
    checkDirections(result.output, source);
    return result.output;
  }
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? 'the manifest';
  throw new LatentError(
    'bad-pack',
    `The pack ${source} does not fit the schema: ${field}: ${issue.message}. ` +
      'See models/pack.schema.json.',
  );
}

/** The roles that a part must name, so that the worker can feed and read it. */
const ROLES: Partial<Record<PartName, {readonly inputs: string[]; readonly outputs: string[]}>> = {
  encoder: {inputs: ['image'], outputs: ['latent']},
  decoder: {inputs: ['latent'], outputs: ['image']},
  denoiser: {inputs: ['sample', 'timestep'], outputs: ['sample']},
  editor: {inputs: ['latent', 'amounts'], outputs: ['latent']},
};

/** The parts that only packs of images can have. */
const OF_IMAGES: readonly string[] = ['encoder', 'decoder'] satisfies PartName[];

function checkRoles(manifest: PackManifest, source: string): void {
  checkText(manifest, (field, fault) => fail(source, field, fault));
  checkDenoiser(manifest, (field, fault) => fail(source, field, fault));
  for (const [name, roles] of Object.entries(ROLES)) {
    const part = manifest.parts[name as PartName];
    if (!part) continue;
    if (!manifest.image && OF_IMAGES.includes(name)) {
      fail(source, 'image', `is missing, yet the pack has the part ${name}`);
    }
    for (const side of ['inputs', 'outputs'] as const) {
      for (const role of roles[side]) {
        if (!part[side][role]) fail(source, `parts.${name}.${side}.${role}`, 'is missing');
      }
    }
  }
}

function checkDirections({directions = {}, directionVectors, parts}: PackManifest, source: string) {
  const taken = new Map<number, string>();
  for (const [name, {vector, editor}] of Object.entries(directions)) {
    const field = `directions.${name}`;
    if (vector !== undefined && !directionVectors) {
      fail(source, 'directionVectors', `is missing, yet ${field} names the vector "${vector}"`);
    }
    if (editor === undefined) continue;
    if (!parts.editor) fail(source, 'parts.editor', `is missing, yet ${field} needs it`);
    const other = taken.get(editor);
    if (other !== undefined) {
      fail(source, `${field}.editor`, `is ${String(editor)}, as is that of ${other}`);
    }
    taken.set(editor, name);
  }
  // The network takes one amount for each, so that none may be left out.
  for (let i = 0; i < taken.size; i++) {
    if (taken.has(i)) continue;
    fail(source, 'directions', `use ${taken.size} editor indexes, but none is ${i}`);
  }
}

function fail(source: string, field: string, fault: string): never {
  throw new LatentError(
    'bad-pack',
    `The pack ${source} does not fit the schema: ${field} ${fault}.`,
  );
}

/** Checks what the schema cannot: that denoiser, scheduler and what turns prompts fit together. */
function checkDenoiser(manifest: PackManifest, fail: Fail): void {
  const {parts, scheduler, tokenizer} = manifest;
  const {denoiser, textEncoder} = parts;
  if (denoiser && !scheduler) fail('scheduler', 'is missing, yet the pack has the part denoiser');
  if (scheduler && !denoiser) fail('parts.denoiser', 'is missing, yet the pack has a scheduler');
  if (denoiser?.inputs.condition && denoiser.inputs.states) {
    fail('parts.denoiser.inputs', 'has both condition and states: prompts are told by one of them');
  }
  if (denoiser?.inputs.states) {
    if (!textEncoder?.inputs.tokens) {
      fail('parts.textEncoder.inputs.tokens', 'is missing, yet the denoiser takes states');
    }
    if (!textEncoder.outputs.states) {
      fail('parts.textEncoder.outputs.states', 'is missing, yet the denoiser takes states');
    }
    if (tokenizer?.type !== 'huggingface') {
      fail('tokenizer.type', 'must be huggingface, as the denoiser takes states');
    }
  }
  if (tokenizer?.type !== 'phrases') return;
  if (!denoiser?.inputs.condition) {
    fail('parts.denoiser.inputs.condition', 'is missing, yet tokenizer.type is phrases');
  }
  for (const role of ['embedding', 'polarity']) {
    if (textEncoder?.inputs[role]) continue;
    fail(`parts.textEncoder.inputs.${role}`, 'is missing, yet tokenizer.type is phrases');
  }
  if (!textEncoder?.outputs.condition) {
    fail('parts.textEncoder.outputs.condition', 'is missing, yet tokenizer.type is phrases');
  }
}
