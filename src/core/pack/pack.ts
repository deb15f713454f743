import * as v from 'valibot';
import {LatentError} from '../errors.js';
import {checkDenoiser} from '../diffusion/denoiser-check.js';
import {Asset, count, text} from './pack-asset.js';
import {schedulerSchema} from '../diffusion/schedulers/config.js';
import {checkText} from '../text/pack-check.js';
import {Embedding, Tokenizer} from '../text/pack-fields.js';

const finite = v.pipe(v.number(), v.finite());
const scalarOrChannels = v.union([v.number(), v.pipe(v.array(v.number()), v.minLength(1))]);

const Part = v.object({
  ...Asset,
  /** Files beside the ONNX file that hold its weights. */
  externalData: v.optional(
    v.array(
      v.object({
        ...Asset,
        /** What the ONNX file calls it; default: the last name in `file`. */
        path: v.optional(text),
      }),
    ),
    [],
  ),
  /** Role → name of the tensor in the ONNX file. */
  inputs: v.record(text, text),
  outputs: v.record(text, text),
  /**
   * Element type of the inputs and outputs, but for whole numbers: those are as the file says. With
   * `float16` a part needs a GPU that computes in it, or WASM.
   */
  dtype: v.optional(v.picklist(['float32', 'float16']), 'float32'),
  /** Sizes for the symbolic dimensions that never change (ORT's free dimension overrides). */
  dimensions: v.optional(v.record(text, count), {}),
});

/** A way to change a latent by name; the unit is one standard deviation of the attribute. */
const Direction = v.pipe(
  v.object({
    label: v.optional(text),
    /** Where it is useful, in units. */
    range: v.optional(
      v.pipe(
        v.tuple([finite, finite]),
        v.check(([low, high]) => low < high, 'must be [low, high] with low < high'),
      ),
      [-3, 3],
    ),
    /** Name of a tensor in `directionVectors`: one unit's step. */
    vector: v.optional(text),
    /** Index into the amounts that the part `editor` takes. */
    editor: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
  v.check(
    ({vector, editor}) => (vector === undefined) !== (editor === undefined),
    'needs exactly one of vector and editor',
  ),
);

const Attribute = v.object({
  label: v.optional(text),
  prompts: v.pipe(v.array(text), v.minLength(1)),
});

const FixedSize = v.object({width: count, height: count});
const SizeRule = v.pipe(
  v.object({multiple: count, pixels: count, maxPixels: count}),
  v.check((rule) => rule.pixels <= rule.maxPixels, 'pixels must not exceed maxPixels'),
);

const Manifest = v.object({
  format: v.literal(1),
  name: text,
  version: text,
  description: v.optional(v.string(), ''),
  license: text,
  attribution: v.optional(v.array(v.string()), []),
  space: v.pipe(
    v.object({
      id: text,
      /** Without the batch; `"height/8"` means: one number per 8 image rows. */
      shape: v.pipe(
        v.array(v.union([count, v.pipe(v.string(), v.regex(/^(height|width)\/[1-9]\d*$/))])),
        v.minLength(1),
      ),
      scale: v.optional(scalarOrChannels, 1),
      shift: v.optional(scalarOrChannels, 0),
    }),
    v.check(
      ({shape, scale, shift}) =>
        [scale, shift].every((list) => typeof list === 'number' || list.length === shape[0]),
      'scale and shift need one number, or one per channel (the first of shape)',
    ),
    v.check(({scale}) => ![scale].flat().includes(0), 'scale must not be 0'),
  ),
  image: v.optional(
    v.object({
      size: v.union([FixedSize, SizeRule]),
      channels: v.optional(v.picklist(['rgb', 'bgr']), 'rgb'),
      range: v.optional(
        v.pipe(
          v.tuple([v.number(), v.number()]),
          v.check(([low, high]) => low < high, 'must be [low, high] with low < high'),
        ),
        [0, 1],
      ),
    }),
  ),
  parts: v.object({
    encoder: v.optional(Part),
    decoder: v.optional(Part),
    denoiser: v.optional(Part),
    textEncoder: v.optional(Part),
    imageEncoder: v.optional(Part),
    editor: v.optional(Part),
  }),
  /** How the denoiser is sampled. */
  scheduler: v.optional(schedulerSchema),
  tokenizer: v.optional(Tokenizer),
  /** Name → what the model knows of it: prompts to offer. */
  attributes: v.optional(v.record(text, Attribute)),
  embedding: v.optional(Embedding),
  /** Latents of the pack's own space, from which `seed:N` picks. */
  samples: v.optional(v.object({...Asset, tensor: text})),
  /** Name → direction; edits are applied in this order, whatever the order of the request. */
  directions: v.optional(v.record(text, Direction)),
  /** The vectors that `directions` name: of the space's shape, or `[channels, 1, 1]`. */
  directionVectors: v.optional(v.object(Asset)),
});

/** What a `pack.json` says once it has been checked: everything the engine knows of a model. */
export type PackManifest = v.InferOutput<typeof Manifest>;
/** One ONNX file of a pack. */
export type PackPart = v.InferOutput<typeof Part>;
/** The parts that a pack may bring. */
export type PartName = keyof PackManifest['parts'];
/** What can be had ready before it is needed: a part, or the file of direction vectors. */
export type Loadable = PartName | 'directionVectors';
/** A direction as a pack describes it. */
export type PackDirection = v.InferOutput<typeof Direction>;
/** How a pack's images are sized: fixed, or any size by a rule. */
export type ImageSize = NonNullable<PackManifest['image']>['size'];
/** The schema of `pack.json`, from which `models/pack.schema.json` is generated. */
export const packSchema = Manifest;

/** Checks a parsed `pack.json`; throws `bad-pack` naming the first field that does not fit. */
export function parsePack(json: unknown, source: string): PackManifest {
  const result = v.safeParse(Manifest, json, {abortEarly: true});
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
