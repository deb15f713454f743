interface TrustedTypes {
  createPolicy(name: string, rules: {createScriptURL(url: string): string}): ScriptUrlPolicy;
}

interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}

let policy: ScriptUrlPolicy | undefined;

/**
 * A URL that `new Worker` takes under Trusted Types, where it wants what a named policy has passed:
 * pages allow it by `trusted-types latent-elements`. Elsewhere the URL itself.
 */
export function trustedScriptUrl(url: string): string {
  const types = (globalThis as {trustedTypes?: TrustedTypes}).trustedTypes;
  if (!types) return url;
  policy ??= types.createPolicy('latent-elements', {createScriptURL: (given) => given});
  return policy.createScriptURL(url);
}
