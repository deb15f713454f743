import * as v from 'valibot';

/** A text that says something. */
export const text = v.pipe(v.string(), v.minLength(1));
/** A whole number from 1. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'));

/**
 * A file of the pack, relative to its `pack.json`; a path may not leave the pack's folder. A file that
 * has its home elsewhere is named by its whole URL.
 */
const file = v.pipe(
  v.string(),
  v.regex(
    /^(https?:\/\/\S+|(?!.*\.\.)[\w][\w./-]*)$/,
    'must be a relative path inside the pack, or the whole URL of a file elsewhere',
  ),
);

/** The entries of everything in a manifest that names a file. */
export const Asset = {file, bytes: count, sha256};

/** A file that a pack names, with the byte count and hash it must have. */
export interface PackAsset {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Whether a file has its home elsewhere than in the pack's folder. */
export function isElsewhere(file: string): boolean {
  return /^https?:/.test(file);
}

/** Every file that a checked manifest names, wherever it does. */
export function assetsIn(manifest: object): PackAsset[] {
  const own = 'file' in manifest && 'bytes' in manifest && 'sha256' in manifest;
  const inner = Object.values(manifest).flatMap((value: unknown) =>
    typeof value === 'object' && value !== null ? assetsIn(value) : [],
  );
  return own ? [manifest as PackAsset, ...inner] : inner;
}
