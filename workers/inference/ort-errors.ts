import {DeviceError, type ErrorCode, LatentError} from '../../src/core/errors.js';

const OUT_OF_MEMORY =
  /out of memory|bad_alloc|allocation failed|failed to allocate|cannot enlarge/i;
const DEVICE_LOST = /device (was |is |has been )?lost|lost device|device is destroyed|GPUDevice/i;

// Chromium names the directive; Firefox and WebKit speak of what it blocked.
const FORBIDDEN =
  /wasm-unsafe-eval|unsafe-eval|content security policy|blocked by csp|wasm code generation disallowed/i;

const NOT_STARTED = /no available backend|failed to fetch|initwasm|importing a module/i;

/** What a failure to compile a file means: out of memory, no runtime, or no ONNX model. */
export function compileError(cause: unknown, source: string): LatentError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (OUT_OF_MEMORY.test(message)) return outOfMemory(source, cause);
  // A runtime that cannot start has nothing to do with the pack.
  if (FORBIDDEN.test(message) || NOT_STARTED.test(message)) return startError(cause);
  return new LatentError('bad-pack', `${source} is not an ONNX model that runs here: ${message}`, {
    cause,
  });
}

/** What a failure to start the runtime means; of the network and of an abort it is that itself. */
export function startError(cause: unknown): LatentError {
  if (cause instanceof LatentError && (cause.code === 'network' || cause.code === 'aborted')) {
    return cause;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  if (OUT_OF_MEMORY.test(message)) return outOfMemory('ONNX Runtime', cause);
  return new DeviceError(
    'unsupported',
    FORBIDDEN.test(message)
      ? "This page does not allow WebAssembly: its Content-Security-Policy needs 'wasm-unsafe-eval' in " +
          'script-src.'
      : 'ONNX Runtime could not start. Check that its .mjs and .wasm files are where configure({base}), or ' +
          `wasmBase, says, and what the page's CSP allows (script-src). It says: ${firstLine(message)}`,
    {cause},
  );
}

/** What a failure to run a network means. */
export function runError(cause: unknown, source: string): LatentError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (OUT_OF_MEMORY.test(message)) return outOfMemory(source, cause);
  if (DEVICE_LOST.test(message)) return gpuError('device-lost', source, cause);
  return new LatentError('bad-pack', `${source} failed while it ran: ${message}`, {cause});
}

/** The GPU went away under a network, or had no memory for it. */
export function gpuError(code: ErrorCode, source: string, cause: unknown): LatentError {
  const message =
    code === 'out-of-memory'
      ? outOfMemory(source, cause).message
      : `The GPU was lost while ${source} was in use. Try again.`;
  return new DeviceError(code, message, {cause});
}

function outOfMemory(source: string, cause: unknown): LatentError {
  return new LatentError(
    'out-of-memory',
    `There is not enough memory for ${source}. Use a smaller resolution or release other models.`,
    {cause},
  );
}

/** Characters of another's words that an error quotes at most. */
const MAX_QUOTE = 160;

function firstLine(message: string): string {
  return message.split('\n')[0]!.slice(0, MAX_QUOTE);
}
