import {createHash} from 'node:crypto';
import {createReadStream, existsSync, readFileSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {Readable} from 'node:stream';
import {LatentError} from '../core/errors.js';
import {isElsewhere} from '../core/pack/pack-asset.js';
import {parsePack} from '../core/pack/parse-pack.js';
import type {PackCommand} from './usage.js';
import {write} from './write.js';

/** A manifest on its way: what it says of a file may be missing. */
interface Draft {
  readonly file: string;
  bytes?: number;
  sha256?: string;
}

/** What there is to say of a file. */
interface Measure {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Fills in the length and the hash of every file that a manifest names: of files beside it always, of
 * files elsewhere where they are missing, for which those are downloaded once. `models` is the folder
 * of the shipped packs; `onFile` hears of each file that is read. Says what was done; errors are
 * `not-found`, `network`, `integrity` for a file elsewhere that is not the one that the manifest
 * describes, and `bad-pack` for a manifest that does not fit.
 */
export async function completePack(
  {source, output}: PackCommand,
  models: string,
  onFile: (file: string) => void = () => undefined,
): Promise<string> {
  const path = sourceOf(source, models);
  const manifest = parse(path);
  const target =
    output ?? (path.startsWith(models) ? 'pack.json' : join(dirname(path), 'pack.json'));
  let total = 0;
  const drafts = draftsIn(manifest);
  for (const draft of drafts) {
    if (!isElsewhere(draft.file)) {
      onFile(draft.file);
      // What lies here is the author's: the manifest follows it.
      Object.assign(draft, await measureFile(join(dirname(target), draft.file)));
    } else if (draft.bytes === undefined || draft.sha256 === undefined) {
      onFile(draft.file);
      fill(draft, await measureUrl(draft.file));
    }
    total += draft.bytes ?? 0;
  }
  const {name, version} = parsePack(manifest, target);
  write(target, new TextEncoder().encode(`${JSON.stringify(inOrder(manifest), null, 2)}\n`));
  const size = `${String(drafts.length)} files, ${(total / 1e6).toFixed(1)} MB`;
  return `${size} → ${target} (${name} ${version})`;
}

/** The manifest that is meant: a file, a folder's template or pack.json, or a shipped pack's name. */
function sourceOf(source: string, models: string): string {
  if (source.endsWith('.json')) return source;
  const folder = existsSync(source) ? source : join(models, source);
  const found = ['pack.template.json', 'pack.json']
    .map((file) => join(folder, file))
    .find((path) => existsSync(path));
  if (found) return found;
  throw new LatentError(
    'not-found',
    `${source} is no folder with a pack.template.json or pack.json, nor a pack that is shipped.`,
  );
}

function parse(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LatentError('not-found', `${path} cannot be read.`, {cause});
  }
  try {
    const json = JSON.parse(text) as unknown;
    if (typeof json === 'object' && json !== null) return json;
  } catch {
    // Said below, as what else is no manifest.
  }
  throw new LatentError('bad-pack', `${path} is no JSON object.`);
}

function draftsIn(value: object): Draft[] {
  const own = 'file' in value && typeof value.file === 'string' ? [value as Draft] : [];
  const inner = Object.values(value).flatMap((each: unknown) =>
    typeof each === 'object' && each !== null ? draftsIn(each) : [],
  );
  return [...own, ...inner];
}

/** With `bytes` and `sha256` right behind the `file` that they are of. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  if (!('file' in value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inOrder(each)]));
  }
  const {bytes, sha256, ...rest} = value as Draft & Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(rest).flatMap(([key, each]) =>
      key === 'file' ? Object.entries({file: each, bytes, sha256}) : [[key, inOrder(each)]],
    ),
  );
}

function fill(draft: Draft, found: Measure): void {
  const {bytes, sha256} = found;
  for (const said of [draft.bytes ?? bytes, draft.sha256 ?? sha256]) {
    if (said === bytes || said === sha256) continue;
    throw new LatentError(
      'integrity',
      `${draft.file} has ${String(bytes)} bytes and the SHA-256 ${sha256}, where the manifest says ` +
        `${String(said)}: it is another file.`,
    );
  }
  Object.assign(draft, found);
}

async function measureFile(path: string): Promise<Measure> {
  try {
    if (!statSync(path).isFile()) throw new Error('no file');
    return await measure(createReadStream(path));
  } catch (cause) {
    throw new LatentError(
      'not-found',
      `${path} cannot be read. Files are looked for beside the pack.json that is written.`,
      {cause},
    );
  }
}

async function measureUrl(url: string): Promise<Measure> {
  try {
    const response = await fetch(url);
    if (response.ok && response.body)
      return await measure(Readable.fromWeb(response.body as never));
    throw new LatentError(
      response.status === 404 ? 'not-found' : 'network',
      `The server answered ${String(response.status)} for ${url}.`,
    );
  } catch (cause) {
    if (cause instanceof LatentError) throw cause;
    throw new LatentError('network', `${url} could not be fetched.`, {cause});
  }
}

async function measure(stream: Readable): Promise<Measure> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return {bytes, sha256: hash.digest('hex')};
}
