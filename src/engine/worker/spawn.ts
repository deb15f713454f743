import {trustedScriptUrl} from '../../shared/trusted-types.js';

/**
 * Starts a module worker from any origin. A browser refuses a script of another origin as a worker,
 * so that one is imported by a few lines of our own, which keep the messages that come before it
 * listens.
 */
export function spawnWorker(url: string): Worker {
  // Not location.origin: a sandboxed frame has an origin of its own, "null".
  const {origin} = globalThis;
  const name = 'latent-elements';
  if (new URL(url).origin === origin)
    return new Worker(trustedScriptUrl(url), {type: 'module', name});
  const source = `
    const early = [];
    const keep = (event) => early.push(event);
    addEventListener('message', keep);
    import(${JSON.stringify(url)}).then(
      () => {
        removeEventListener('message', keep);
        for (const {data, ports} of early) dispatchEvent(new MessageEvent('message', {data, ports}));
      },
      (error) => setTimeout(() => { throw error; }),
    );`;
  const blob = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  // In a sandboxed frame Chromium starts no module from a blob; these lines need to be none.
  const worker = new Worker(trustedScriptUrl(blob), {
    type: origin === 'null' ? 'classic' : 'module',
    name,
  });
  // Not before the first message: a blob revoked earlier may never load.
  const revoke = (): void => {
    URL.revokeObjectURL(blob);
  };
  worker.addEventListener('message', revoke, {once: true});
  worker.addEventListener('error', revoke, {once: true});
  return worker;
}
