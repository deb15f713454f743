import {type ErrorCode, LatentError} from '../core/errors.js';

/** Milliseconds without a byte after which a server counts as gone: as long as browsers keep an idle line. */
const IDLE_TIMEOUT = 30_000;

/** How a file is asked for. */
export interface FetchOptions {
  /** What messages call it: "image", "direction"; default "file". */
  readonly what?: string | undefined;
  /** Rejects with `aborted`, and closes the connection. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte, from the request on, that are waited; default 30 000. */
  readonly idleTimeout?: number | undefined;
  /** Milliseconds for all of it, where even a server that trickles must come to an end; default none. */
  readonly deadline?: number | undefined;
  /** As `fetch` has it. */
  readonly cache?: RequestCache | undefined;
}

/** An answer whose body is on its way. */
export interface FetchedBody {
  /** The media type as the server names it, parameters included; empty where it names none. */
  readonly type: string;
  /** The bytes as they come. Whoever stops early closes the connection; not begun, it must be `return`ed. */
  readonly chunks: AsyncGenerator<Uint8Array, void>;
}

/** A file as a whole. */
export interface FetchedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** What a file is refused for. */
export interface SizeLimit {
  /** Bytes that are read at most; nothing after them is. */
  readonly maxBytes: number;
  /** The code for a file that is longer. */
  readonly tooLong: ErrorCode;
  /** Hears how many bytes are here. */
  readonly onLength?: ((bytes: number) => void) | undefined;
}

/**
 * All of a small file, read no further than its limit. `not-found` for 404 and 410, `network` for every
 * other failure and for a server that falls silent, `aborted` for the signal, `tooLong` beyond the limit;
 * each message names the URL.
 */
export async function fetchBytes(
  url: string,
  {maxBytes, tooLong, onLength, ...options}: FetchOptions & SizeLimit,
): Promise<FetchedBytes> {
  const {type, chunks} = await openBody(url, options);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) {
      const {what = 'file'} = options;
      throw new LatentError(
        tooLong,
        `The ${what} ${url} has more than ${String(maxBytes)} bytes, too many for a ${what}: no more ` +
          'of it was read. Check the address.',
      );
    }
    parts.push(chunk);
    onLength?.(length);
  }
  return {bytes: joinBytes(parts, length), type};
}

/** The answer to a request, once its head is here; errors as `fetchBytes`, in its chunks too. */
export async function openBody(url: string, options: FetchOptions = {}): Promise<FetchedBody> {
  const watch = new Watch(url, options);
  try {
    const response = await watch.run(() =>
      fetch(url, {signal: watch.signal, ...(options.cache && {cache: options.cache})}),
    );
    if (response.ok) {
      const type = response.headers.get('content-type') ?? '';
      return {type, chunks: chunksOf(response, watch)};
    }
    void response.body?.cancel().catch(() => undefined);
    throw refused(url, options.what ?? 'file', response);
  } catch (error) {
    watch.close();
    throw error;
  }
}

/** Chunks as one array; `length` is that of all of them. */
export function joinBytes(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

// By hand: not every browser iterates a ReadableStream yet.
async function* chunksOf(response: Response, watch: Watch): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  try {
    while (reader) {
      const {done, value} = await watch.run(() => reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    watch.close();
    void reader?.cancel().catch(() => undefined);
  }
}

/** Ends a request that was aborted, or whose server fell silent, and says which of the two it was. */
class Watch {
  readonly #url: string;
  readonly #options: FetchOptions;
  readonly #controller = new AbortController();
  readonly #deadline: ReturnType<typeof setTimeout> | undefined;
  #late: number | undefined;

  constructor(url: string, options: FetchOptions) {
    this.#url = url;
    this.#options = options;
    const {deadline, signal} = options;
    signal?.addEventListener('abort', this.#abort);
    if (signal?.aborted) this.#abort();
    if (deadline !== undefined) this.#deadline = setTimeout(this.#expire, deadline, deadline);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for one step; the idle time counts anew for each. */
  async run<T>(step: () => Promise<T>): Promise<T> {
    const {idleTimeout = IDLE_TIMEOUT} = this.#options;
    const idle = setTimeout(this.#expire, idleTimeout, idleTimeout);
    try {
      return await step();
    } catch (cause) {
      throw this.#fault(cause);
    } finally {
      clearTimeout(idle);
    }
  }

  close(): void {
    clearTimeout(this.#deadline);
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort();

  readonly #expire = (milliseconds: number): void => {
    this.#late = milliseconds;
    this.#controller.abort();
  };

  #fault(cause: unknown): LatentError {
    const {signal, what = 'file'} = this.#options;
    const file = `The ${what} ${this.#url}`;
    if (signal?.aborted) {
      return new LatentError('aborted', `The download of ${this.#url} was aborted.`, {cause});
    }
    if (this.#late !== undefined) {
      return new LatentError(
        'network',
        `${file} was not here after ${String(this.#late / 1000)} s in which it should have been: its ` +
          'server does not answer to the end. Try again later.',
        {cause},
      );
    }
    return new LatentError('network', `${file} could not be fetched. ${remedy(this.#url)}`, {
      cause,
    });
  }
}

function refused(url: string, what: string, {status, statusText}: Response): LatentError {
  const answer = `${String(status)} ${statusText}`.trim();
  return status === 404 || status === 410
    ? new LatentError('not-found', `There is no ${what} at ${url} (${answer}). Check the address.`)
    : new LatentError(
        'network',
        `The server answered ${answer} for the ${what} ${url}. Try again later.`,
      );
}

// Node has no `onLine`.
function remedy(url: string): string {
  if (url.startsWith('file:')) {
    return 'A page that was opened as a file may read none: serve its folder over http, for example with "npx serve".';
  }
  const {navigator} = globalThis as {readonly navigator?: {readonly onLine?: boolean}};
  return navigator?.onLine === false
    ? 'The device is offline.'
    : 'Check the address, and that its server allows this page (CORS, CSP connect-src).';
}
