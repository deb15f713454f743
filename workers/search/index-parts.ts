import {throwIfAborted} from '../../src/core/abort.js';
import {LatentError} from '../../src/core/errors.js';
import {openPart, partName, type PartKind, partsFolder} from '../../src/core/search/index-head.js';
import {fetchBytes, joinBytes} from '../../src/shared/fetch-bytes.js';
import {TaskQueue} from '../../src/shared/task-queue.js';
import {joinShared, type SharedLoad} from '../loading/shared-load.js';

/** No part that the program writes has so many bytes, packed or not: what has is none. */
const MAX_BYTES = 1 << 24;
/** Bytes of parts that are kept, as they come out of their files. */
const KEPT_BYTES = 1 << 24;

/** The parts of one index on a server: each is fetched once, as long as there is room to keep it. */
export class IndexParts {
  readonly #folder: string;
  readonly #build: string;
  readonly #loads = new Map<string, SharedLoad<{readonly value: unknown; readonly size: number}>>();
  // One at a time: of many that are bombs, the first one ends the query before the next is opened.
  readonly #unpacking = new TaskQueue();
  /** In the order in which they were last asked for. */
  readonly #kept = new Map<string, {readonly value: unknown; readonly size: number}>();
  #size = 0;

  /** `head` is the URL of the head. */
  constructor(head: string, build: string) {
    const url = new URL(head);
    url.pathname = partsFolder(url.pathname);
    this.#folder = `${url.origin}${url.pathname}`;
    this.#build = build;
  }

  /**
   * A part, as `parse` reads it. `not-found` or `network` where it cannot be had, `bad-index` where it is
   * cut short, of another build or not what `parse` takes, each naming its URL; the next call tries again.
   */
  async read<T>(
    kind: PartKind,
    number: number | string,
    signal: AbortSignal,
    parse: (bytes: Uint8Array) => T,
  ): Promise<T> {
    const url = this.#urlOf(kind, number);
    const known = this.#kept.get(url);
    const part =
      known ??
      (await joinShared(this.#loads, url, signal, undefined, async (given) => {
        const bytes = await this.#fetch(url, given);
        const value = this.naming(kind, number, () => parse(openPart(this.#build, bytes)));
        return {value, size: bytes.length};
      }));
    this.#keep(url, part);
    return part.value as T;
  }

  /** Runs `read`, whose errors then name a part, which is fetched anew, and say what to do about it. */
  naming<T>(kind: PartKind, number: number | string, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      this.#forget(this.#urlOf(kind, number));
      if (!(cause instanceof LatentError)) throw cause;
      throw new LatentError(
        cause.code,
        `${this.#urlOf(kind, number)}: ${cause.message} Publish the index and its folder anew, ` +
          'together, and reload the page.',
        {cause},
      );
    }
  }

  #urlOf(kind: PartKind, number: number | string): string {
    return `${this.#folder}/${partName(this.#build, kind, number)}`;
  }

  #keep(url: string, part: {readonly value: unknown; readonly size: number}): void {
    this.#loads.delete(url);
    if (!this.#kept.delete(url)) this.#size += part.size;
    this.#kept.set(url, part);
    for (const old of this.#kept.keys()) {
      if (this.#size <= KEPT_BYTES || old === url) return;
      this.#forget(old);
    }
  }

  #forget(url: string): void {
    this.#size -= this.#kept.get(url)?.size ?? 0;
    this.#kept.delete(url);
  }

  async #fetch(url: string, signal: AbortSignal): Promise<Uint8Array> {
    try {
      const limit = {maxBytes: MAX_BYTES, tooLong: 'bad-index' as const};
      const {bytes} = await fetchBytes(url, {what: 'part of the index', signal, ...limit});
      return await this.#unpacking.push(() => unpack(bytes, url, signal));
    } catch (cause) {
      if (!(cause instanceof LatentError) || cause.code !== 'not-found') throw cause;
      throw new LatentError(
        'not-found',
        `The part ${url} of the index is not there. Publish its folder with the index; if that was made ` +
          'anew meanwhile, reload the page.',
        {cause},
      );
    }
  }
}

async function unpack(
  bytes: Uint8Array<ArrayBuffer>,
  url: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (!('DecompressionStream' in globalThis)) {
    throw new LatentError(
      'unsupported',
      'This browser has no DecompressionStream, which an index in parts needs. Update it.',
    );
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    while (!signal.aborted) {
      const {done, value} = await reader.read();
      if (done) return joinBytes(parts, length);
      parts.push(value);
      length += value.length;
      if (length > MAX_BYTES) break;
    }
  } catch (cause) {
    throw new LatentError(
      'bad-index',
      `${url} is no part of an index, or was cut short or changed. Publish the index and its folder anew.`,
      {cause},
    );
  }
  await reader.cancel();
  throwIfAborted(signal);
  throw new LatentError('bad-index', `${url} is no part of an index: there is no end to it.`);
}
