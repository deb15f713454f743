import {transferHandlers} from 'comlink';
import {type ErrorMessage, toErrorMessage} from '../src/shared/errors.js';

interface ThrowHandler {
  readonly canHandle: (value: unknown) => boolean;
  readonly serialize: (thrown: {
    readonly value: unknown;
  }) => [{latentError: ErrorMessage}, Transferable[]];
  readonly deserialize: (sent: unknown) => never;
}

/**
 * Makes what this worker throws keep its code: Comlink alone sends name, message and stack. The
 * engine installs the reading half.
 */
export function codedErrors(): void {
  const comlink = transferHandlers.get('throw') as unknown as ThrowHandler;
  const handler: ThrowHandler = {
    canHandle: comlink.canHandle,
    serialize: ({value}) => [{latentError: toErrorMessage(value, 'worker-crashed')}, []],
    deserialize: comlink.deserialize,
  };
  transferHandlers.set('throw', handler as never);
}
