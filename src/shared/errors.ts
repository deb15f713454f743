import {type ErrorCode, LatentError} from '../core/errors.js';

/** An error as it crosses the worker boundary: a clone of a subclass would lose its code. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack?: string;
}

/** What a thrown value says, with `fallback` for whatever is not a `LatentError`. */
export function toErrorMessage(thrown: unknown, fallback: ErrorCode): ErrorMessage {
  if (thrown instanceof LatentError) return pick(thrown.code, thrown);
  return thrown instanceof Error
    ? pick(fallback, thrown)
    : {code: fallback, message: String(thrown)};
}

/** The error on the other side, with the stack of where it happened. */
export function fromErrorMessage({code, message, stack}: ErrorMessage): LatentError {
  const error = new LatentError(code, message);
  if (stack) error.stack = stack;
  return error;
}

function pick(code: ErrorCode, {message, stack}: Error): ErrorMessage {
  return stack === undefined ? {code, message} : {code, message, stack};
}
