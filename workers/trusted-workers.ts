interface TrustedTypes {
  createPolicy(
    name: string,
    rules: {createScriptURL(url: string): string},
  ): {createScriptURL(url: string): string};
}

/**
 * Lets ONNX Runtime start its threads under Trusted Types, which this worker has from its page (as a
 * blob) or from its own headers: there `new Worker` takes only what a named policy has passed.
 */
export function trustWorkers(): void {
  const types = (globalThis as {trustedTypes?: TrustedTypes}).trustedTypes;
  if (!types) return;
  const policy = types.createPolicy('latent-elements', {createScriptURL: (url) => url});
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(policy.createScriptURL(String(url)), options);
    }
  };
}
