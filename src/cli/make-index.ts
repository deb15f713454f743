import {readFileSync} from 'node:fs';
import {LatentError} from '../core/errors.js';
import {partsFolder} from '../core/search/index-head.js';
import {VectorIndex} from '../core/search/vector-index.js';
import {type FoundFile, findFiles} from './glob.js';
import {readPack} from './pack.js';
import {type Passage, passagesOf} from './passages.js';
import {splitIndex} from './split-index.js';
import type {IndexCommand} from './usage.js';
import {reason, write, writeFolder} from './write.js';

/** Passages from which on an index is split: in one file they are 3 MB. */
const SPLIT_FROM = 2000;

/** What was made. */
export interface IndexReport {
  /** What to tell whoever asked for it. */
  readonly summary: string;
  /** Files that have nothing to find. */
  readonly empty: readonly string[];
}

/** Makes the index that was asked for; `models` is the folder of the shipped packs. */
export function makeIndex(command: IndexCommand, models: string): IndexReport {
  const {output, precision, selector} = command;
  const files = findFiles(command.patterns);
  const {manifest, encoder} = readPack(command.model, models);
  const {name, version} = manifest;
  const index = new VectorIndex({
    space: encoder.space,
    shape: [encoder.dimensions],
    model: {name, version},
  });
  const empty: string[] = [];
  for (const file of files) {
    const passages = passagesOf(readPage(file.path), selector);
    if (passages.length === 0) empty.push(file.path);
    for (const passage of passages) {
      const href = addressOf(file, command.base) + fragmentOf(passage);
      const {title, page, text} = passage;
      // As <latent-search> embeds the title and text of an item.
      const latent = encoder.embedDocument({title, text});
      if (!latent) continue;
      index.add(freeId(index, href), latent, {title, text, href, ...(page !== title && {page})});
    }
  }
  if (index.size === 0) {
    throw new LatentError(
      'bad-argument',
      `There is nothing to find in ${String(files.length)} files` +
        `${selector === undefined ? '' : ` that "${selector}" selects`}. Check the files and --selector.`,
    );
  }
  const counts = `${String(index.size)} passages of ${String(files.length - empty.length)} files`;
  const made = `${counts} → ${output}`;
  const {split} = command;
  if (split === 'always' || (split === 'auto' && index.size >= SPLIT_FROM)) {
    const {head, parts} = splitIndex(index);
    const folder = partsFolder(output);
    writeFolder(folder, parts);
    // Last, so that no head names parts that are not there.
    write(output, head);
    const size = [...parts.values()].reduce((sum, {length}) => sum + length, 0);
    const rest = `${String(parts.size)} parts in ${folder} (${kilobytes(size)})`;
    return {
      summary: `${made} (${kilobytes(head.length)}, model ${name} ${version}) and ${rest}`,
      empty,
    };
  }
  const bytes = new Uint8Array(index.toBuffer({precision}));
  write(output, bytes);
  return {summary: `${made} (${kilobytes(bytes.length)}, model ${name} ${version})`, empty};
}

function kilobytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1000))} kB`;
}

/** Where a page is published: below `base`, a folder's index.html at the folder. */
export function addressOf({below}: Pick<FoundFile, 'below'>, base: string): string {
  const path = below.replace(/(^|\/)index\.html?$/, '$1');
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return base.replace(/\/?$/, '/') + encoded;
}

function fragmentOf({anchor}: Passage): string {
  return anchor === '' ? '' : `#${encodeURIComponent(anchor)}`;
}

// Several passages may lead to one place.
function freeId(index: VectorIndex, href: string): string {
  let id = href;
  for (let n = 2; index.has(id); n++) id = `${href} ${String(n)}`;
  return id;
}

function readPage(path: string): string {
  try {
    return new TextDecoder().decode(readFileSync(path));
  } catch (cause) {
    throw new LatentError('not-found', `${path} cannot be read: ${reason(cause)}.`, {cause});
  }
}
