import {assetsIn, type PackAsset} from './pack-asset.js';
import type {Loadable, PackManifest} from './pack.js';

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
