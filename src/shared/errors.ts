import {transferHandlers} from 'comlink';
import {DeviceError, type ErrorCode, LatentError} from '../core/errors.js';

/** An error as it crosses the worker boundary: a clone of a subclass would lose its code. */
interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack?: string | undefined;
  /** Whether it is a `DeviceError`. */
  readonly ofDevice: boolean;
}

interface ThrowHandler {
  readonly canHandle: (value: unknown) => boolean;
  readonly serialize: (thrown: {readonly value: unknown}) => [unknown, Transferable[]];
  readonly deserialize: (sent: {readonly latentError?: ErrorMessage}) => never;
}

/**
 * Makes what this worker throws keep its code: Comlink alone sends name, message and stack. Whatever is
 * no `LatentError` arrives as `worker-crashed`. The page reads them by `readCodedErrors`.
 */
export function sendCodedErrors(): void {
  replaceThrowHandler(({canHandle, deserialize}) => ({
    canHandle,
    serialize: ({value}) => [{latentError: toMessage(value)}, []],
    deserialize,
  }));
}

let reads = false;

/**
 * Reads the errors of workers that send them coded. The page may use Comlink for workers of its own,
 * whose errors pass as before.
 */
export function readCodedErrors(): void {
  if (reads) return;
  reads = true;
  replaceThrowHandler(({canHandle, serialize, deserialize}) => ({
    canHandle,
    serialize,
    deserialize: (sent) => {
      if (sent.latentError) throw fromMessage(sent.latentError);
      return deserialize(sent);
    },
  }));
}

// Comlink's own types do not tell what it registers under "throw".
function replaceThrowHandler(make: (comlink: ThrowHandler) => ThrowHandler): void {
  const comlink = transferHandlers.get('throw') as unknown as ThrowHandler;
  transferHandlers.set('throw', make(comlink) as never);
}

function toMessage(thrown: unknown): ErrorMessage {
  const code = thrown instanceof LatentError ? thrown.code : 'worker-crashed';
  const ofDevice = thrown instanceof DeviceError;
  if (!(thrown instanceof Error)) return {code, message: String(thrown), ofDevice};
  return {code, message: thrown.message, stack: thrown.stack, ofDevice};
}

// With the stack of where it happened, which is the one that helps.
function fromMessage({code, message, stack, ofDevice}: ErrorMessage): LatentError {
  const error = ofDevice ? new DeviceError(code, message) : new LatentError(code, message);
  if (stack) error.stack = stack;
  return error;
}
