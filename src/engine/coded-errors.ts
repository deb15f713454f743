import {transferHandlers} from 'comlink';
import {type ErrorMessage, fromErrorMessage} from '../shared/errors.js';

interface ThrowHandler {
  readonly canHandle: (value: unknown) => boolean;
  readonly serialize: (value: unknown) => [unknown, Transferable[]];
  readonly deserialize: (sent: {readonly latentError?: ErrorMessage}) => never;
}

let installed = false;

/**
 * Reads errors with the code that the worker's half of this handler gave them. The page may use
 * Comlink for workers of its own, whose errors pass as before.
 */
export function codedErrors(): void {
  if (installed) return;
  installed = true;
  const comlink = transferHandlers.get('throw') as unknown as ThrowHandler;
  const handler: ThrowHandler = {
    canHandle: comlink.canHandle,
    serialize: comlink.serialize,
    deserialize: (sent) => {
      if (sent.latentError) throw fromErrorMessage(sent.latentError);
      return comlink.deserialize(sent);
    },
  };
  transferHandlers.set('throw', handler as never);
}
