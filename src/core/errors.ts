/** The stable codes by which pages, the engine and the workers tell failures apart. */
export type ErrorCode =
  | 'network'
  | 'not-found'
  | 'integrity'
  | 'bad-pack'
  | 'bad-image'
  | 'tainted-image'
  | 'bad-index'
  | 'space-mismatch'
  | 'unsupported'
  | 'device-lost'
  | 'out-of-memory'
  | 'worker-crashed'
  | 'bad-argument'
  | 'aborted';

/** The one error this library throws: branch on `code`, show `message`, look into `cause`. */
export class LatentError extends Error {
  /** `AbortError` for the code `aborted`, so that it is caught like the platform's own. */
  override readonly name: 'LatentError' | 'AbortError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: {readonly cause?: unknown}) {
    super(message, options);
    this.code = code;
    this.name = code === 'aborted' ? 'AbortError' : 'LatentError';
  }
}

/**
 * A fault of the device and not of what was asked: another device may do it. To pages it is a
 * `LatentError` like any other; the engine tells by it whether WASM is worth a try, and whether the
 * worker is.
 */
export class DeviceError extends LatentError {
  /** Whether the device is of no use any more, and the worker with it; else it cannot do this one thing. */
  get isFinal(): boolean {
    return this.code !== 'unsupported';
  }
}

/** Whether an error means "aborted": a `LatentError` or a `DOMException`, of any realm. */
export function isAbort(error: unknown): boolean {
  // By name, because `instanceof` fails for errors of another frame and for clones from a worker.
  return (
    typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
  );
}

/**
 * Throws `bad-argument` unless an argument is what it must be: for callers without types, whose
 * mistake would else end as a `TypeError` that names no argument.
 */
export function assertArgument(isRight: boolean, name: string, must: string, value: unknown): void {
  if (isRight) return;
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  throw new LatentError(
    'bad-argument',
    `${name} must be ${must}, got ${got === 'string' ? JSON.stringify(value) : got}.`,
  );
}

/** Throws `bad-argument` unless the value is a finite number; `name` is the argument's name. */
export function assertFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new LatentError('bad-argument', `${name} must be a finite number, got ${String(value)}.`);
  }
}
