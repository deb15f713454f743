import * as v from 'valibot';
import {schedulerSchema} from '../diffusion/scheduler-config.js';
import {Embedding, Tokenizer} from '../text/pack-fields.js';
import {Asset, assetsIn, count, type PackAsset, text} from './pack-asset.js';

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
    /**
     * Share of the picture's own detail (what encoding and decoding loses) that one unit leaves, above
     * 0 and at most 4; default 1. Less for what removes texture, which would come back as detail; more
     * for what strengthens it.
     */
    detail: v.optional(
      v.pipe(
        finite,
        v.check((share) => share > 0 && share <= 4, 'must be above 0 and at most 4'),
      ),
    ),
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

/** Whether ONNX Runtime runs it: neither direction vectors nor a table of words. */
export function isNetwork(manifest: PackManifest, name: Loadable): boolean {
  return name !== 'directionVectors' && manifest.parts[name] !== undefined;
}

/** The files that a part needs: its network, and for texts the tokenizer's and the table's. */
export function partAssets(manifest: PackManifest, name: Loadable): PackAsset[] {
  const {parts, tokenizer, embedding, directionVectors} = manifest;
  if (name === 'directionVectors') return directionVectors ? [directionVectors] : [];
  const needed = [parts[name], ...(name === 'textEncoder' ? [tokenizer, embedding] : [])];
  return needed.flatMap((entry) => (entry ? assetsIn(entry) : []));
}

/** Bytes of the files that parts need, to download and to hold. */
export function partBytes(manifest: PackManifest, names: Iterable<Loadable>): number {
  let bytes = 0;
  for (const name of names) for (const asset of partAssets(manifest, name)) bytes += asset.bytes;
  return bytes;
}

/** What a pack needs, as its manifest says. */
export interface PackNeeds {
  /** Its parts, with the bytes of the files that each needs. */
  readonly parts: readonly {readonly name: Loadable; readonly bytes: number}[];
  /** Bytes of all its files: what is downloaded at most. */
  readonly bytes: number;
  /** Bytes of its largest part: the least memory budget under which parts can come and go in turn. */
  readonly largest: number;
}

/** What a pack needs; the pack of words that prompts may be embedded by is another, and not counted. */
export function packNeeds(manifest: PackManifest): PackNeeds {
  const names = Object.keys(manifest.parts) as Loadable[];
  if (manifest.embedding?.type === 'static') names.push('textEncoder');
  if (manifest.directionVectors) names.push('directionVectors');
  const parts = names.map((name) => ({name, bytes: partBytes(manifest, [name])}));
  return {
    parts,
    bytes: assetsIn(manifest).reduce((sum, {bytes}) => sum + bytes, 0),
    largest: parts.reduce((most, {bytes}) => Math.max(most, bytes), 0),
  };
}
