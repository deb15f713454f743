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
