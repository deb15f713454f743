import type {LoadCall} from '../inference/loaded-pack.js';

/** Calls for files that load side by side, which report to `call` as one download. */
export function joinDownloads(call: LoadCall): () => LoadCall {
  const loads: number[] = [];
  return () => {
    const index = loads.push(0) - 1;
    return {
      signal: call.signal,
      onProgress: (stage, loaded) => {
        if (stage === 'download') {
          loads[index] = loaded;
          call.onProgress(
            stage,
            loads.reduce((sum, each) => sum + each, 0),
          );
        } else call.onProgress(stage, loaded);
      },
    };
  };
}
