import {LatentError} from '../core/errors.js';
import type {PackManifests, PackSource} from '../shared/inference.js';
import {absoluteUrl, inFolder, type Settings} from './config.js';

/** The module of `packs/` that holds a pack's manifest, and those of the packs that it needs. */
type PackModule = () => Promise<{readonly manifests: PackManifests}>;

const brought = new Map<string, PackModule>();

/**
 * Lets models be called by the name of a pack that this package ships. A bundler carries the files of a
 * pack into an app where code that can reach this call names its module: so each element brings the packs
 * that it can use, and no other.
 */
export function bringPack(name: string, module: PackModule): void {
  brought.set(name, module);
}

/**
 * Where the pack of a model is: that of a name in the folder that the page set as `base`, else among those
 * that came with the code; that of a URL there. `not-found` names those that there are, `bad-argument` for
 * what is neither a name nor a URL.
 */
export async function findPack(model: string, {base}: Settings): Promise<PackSource> {
  if (!/^[\w.-]+$/.test(model)) return {url: urlOf(model)};
  if (base) return {url: inFolder('base', base, `models/${model}/pack.json`)};
  const module = brought.get(model);
  if (!module) throw unknown(model);
  const {manifests} = await module().catch((cause: unknown) => {
    throw new LatentError('network', `The pack ${model} could not be fetched. Try again.`, {cause});
  });
  return {url: `latent-elements:${model}`, manifests: withAbsoluteFiles(manifests)};
}

// Some bundlers make a path of a file's URL, which a worker could not tell from one inside a pack.
function withAbsoluteFiles<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => [
    key,
    key === 'file' && typeof inner === 'string' ? absoluteUrl(inner) : withAbsoluteFiles(inner),
  ]);
  return (
    Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
  ) as T;
}

function urlOf(model: string): string {
  try {
    return absoluteUrl(model);
  } catch (cause) {
    throw new LatentError(
      'bad-argument',
      `"${model}" is no model: give the name of a shipped pack or the URL of a pack.json.`,
      {cause},
    );
  }
}

function unknown(model: string): LatentError {
  const names = [...brought.keys()].sort().join(', ');
  return new LatentError(
    'not-found',
    `There is no pack "${model}" among those that came with this page's elements: ${names}. Give the URL ` +
      'of a pack.json, or serve a folder of packs and name it: configure({base}).',
  );
}
