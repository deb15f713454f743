import * as v from 'valibot';
import {LatentError} from './errors.js';

const text = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const scalarOrChannels = v.union([v.number(), v.pipe(v.array(v.number()), v.minLength(1))]);
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'));

/** A file of the pack, relative to its `pack.json`; a path may not leave the pack's folder. */
const file = v.pipe(
  v.string(),
  v.regex(/^(?!.*\.\.)[\w][\w./-]*$/, 'must be a relative path inside the pack'),
);

const Asset = {file, bytes: count, sha256};

const Part = v.object({
  ...Asset,
  /** Role → name of the tensor in the ONNX file. */
  inputs: v.record(text, text),
  outputs: v.record(text, text),
  /** Element type of the inputs and outputs. */
  dtype: v.optional(v.literal('float32'), 'float32'),
  /** Sizes for the symbolic dimensions that never change (ORT's free dimension overrides). */
  dimensions: v.optional(v.record(text, count), {}),
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
  parts: v.pipe(
    v.object({
      encoder: v.optional(Part),
      decoder: v.optional(Part),
      denoiser: v.optional(Part),
      textEncoder: v.optional(Part),
      imageEncoder: v.optional(Part),
    }),
    v.check((parts) => Object.values(parts).some(Boolean), 'must name at least one part'),
  ),
  /** Latents of the pack's own space, from which `seed:N` picks. */
  samples: v.optional(v.object({...Asset, tensor: text})),
});

/** What a `pack.json` says once it has been checked: everything the engine knows of a model. */
export type PackManifest = v.InferOutput<typeof Manifest>;
/** One ONNX file of a pack. */
export type PackPart = v.InferOutput<typeof Part>;
/** The parts that a pack may bring. */
export type PartName = keyof PackManifest['parts'];
/** How a pack's images are sized: fixed, or any size by a rule. */
export type ImageSize = NonNullable<PackManifest['image']>['size'];
/** A file that a pack names, with the byte count and hash it must have. */
export type PackAsset = Pick<PackPart, 'file' | 'bytes' | 'sha256'>;

/** The schema of `pack.json`, from which `models/pack.schema.json` is generated. */
export const packSchema = Manifest;

/** Checks a parsed `pack.json`; throws `bad-pack` naming the first field that does not fit. */
export function parsePack(json: unknown, source: string): PackManifest {
  const result = v.safeParse(Manifest, json, {abortEarly: true});
  if (result.success) return checkRoles(result.output, source);
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
};

function checkRoles(manifest: PackManifest, source: string): PackManifest {
  for (const [name, roles] of Object.entries(ROLES)) {
    const part = manifest.parts[name as PartName];
    if (!part) continue;
    if (!manifest.image) fail(source, 'image', `is missing, yet the pack has the part ${name}`);
    for (const side of ['inputs', 'outputs'] as const) {
      for (const role of roles[side]) {
        if (!part[side][role]) fail(source, `parts.${name}.${side}.${role}`, 'is missing');
      }
    }
  }
  return manifest;
}

function fail(source: string, field: string, fault: string): never {
  throw new LatentError(
    'bad-pack',
    `The pack ${source} does not fit the schema: ${field} ${fault}.`,
  );
}
