import {trustedScriptUrl} from '../src/shared/trusted-types.js';

/**
 * Lets ONNX Runtime start its threads under Trusted Types, which this worker has from its page (as a
 * blob) or from its own headers.
 */
export function trustWorkers(): void {
  if (!('trustedTypes' in globalThis)) return;
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(trustedScriptUrl(String(url)), options);
    }
  };
}
