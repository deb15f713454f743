import {LatentError} from '../../core/errors.js';

/** An answer that is longer is none to a search. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** What is quoted of a server's own words. */
const MAX_QUOTE = 200;

/** What a request takes. */
export interface JsonRequest {
  readonly url: string;
  /** Sent by POST; without one it is a GET. */
  readonly body?: string | undefined;
  /** Milliseconds until the answer must be there in full. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * The JSON that a server answers. `network` where it cannot be reached, is late or refuses,
 * `not-found` for a 404, `bad-index` for what is no JSON or too long, `aborted`; the message names the
 * server and says what to do.
 */
export async function requestJson({url, body, timeout, signal}: JsonRequest): Promise<unknown> {
  const {host} = new URL(url);
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, timeout);
  const abort = (): void => {
    controller.abort();
  };
  signal.addEventListener('abort', abort, {once: true});
  if (signal.aborted) abort();
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : {'content-type': 'application/json'},
      body: body ?? null,
      signal: controller.signal,
      credentials: 'omit',
      redirect: 'error',
    });
    const text = await readText(response, host);
    if (!response.ok) throw refusal(response, text, host);
    return parse(text, host);
  } catch (cause) {
    if (cause instanceof LatentError) throw cause;
    if (signal.aborted) throw new LatentError('aborted', 'The call was aborted.', {cause});
    throw new LatentError('network', `${host} ${why(late, timeout)}`, {cause});
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function why(late: boolean, timeout: number): string {
  if (late) return `did not answer within ${String(timeout / 1000)} s. Try again later.`;
  if (!navigator.onLine) return 'could not be reached: the device is offline.';
  // A browser tells a page no more than that it failed.
  return (
    `could not be reached. Either it is down, or it does not allow pages of ${location.origin} ` +
    "(CORS: cors_allow_origins in Chroma's configuration), or this page's CSP (connect-src) does " +
    'not allow it; which of them, browsers do not tell.'
  );
}

async function readText(response: Response, host: string): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (reader) {
    const {done, value} = await reader.read();
    if (done) break;
    text += value;
    if (text.length <= MAX_ANSWER_BYTES) continue;
    await reader.cancel();
    throw new LatentError('bad-index', `${host} sent more than any search finds.`);
  }
  return text;
}

function refusal({status, statusText}: Response, text: string, host: string): LatentError {
  const said = text.replace(/\s+/g, ' ').trim().slice(0, MAX_QUOTE);
  const answer = [String(status), statusText, said && `"${said}"`].filter(Boolean).join(' ');
  if (status === 404) {
    return new LatentError(
      'not-found',
      `${host} does not have what was asked for (${answer}). Check the names of the collection, the ` +
        'tenant and the database in the address; Chroma needs the REST version 2.',
    );
  }
  const remedy =
    status === 401 || status === 403
      ? 'It wants credentials, which a page cannot keep secret: put a server of your own before it.'
      : status < 500
        ? 'Check the address and its version.'
        : 'Try again later.';
  return new LatentError('network', `${host} refused (${answer}). ${remedy}`);
}

function parse(text: string, host: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LatentError('bad-index', `${host} did not answer with JSON. Check the address.`, {
      cause,
    });
  }
}
