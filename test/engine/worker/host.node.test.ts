import assert from 'node:assert/strict';
import {afterEach, describe, it} from 'node:test';
import {WorkerHost} from '../../../src/engine/worker/host.js';
import {type NodeEngine, nodeEngine, workers} from '../node-engine.js';

const runtime = {
  device: 'wasm',
  threads: 1,
  runtime: {mjs: 'ort.mjs', wasm: 'ort.wasm', bytes: 1},
  cache: false,
} as const;

let home: NodeEngine;
afterEach(() => home.close());

describe('WorkerHost', () => {
  it('ends a script that is no worker of ours: it never answers', async () => {
    home = await nodeEngine();
    const host = new WorkerHost(`${home.origin}/other.js`, runtime, {connectTimeout: 30});
    await assert.rejects(
      host.call((api) => api.open(1, {url: home.pack('blocks')})),
      (error: Error & {code?: string}) =>
        error.code === 'worker-crashed' && error.message.includes('did not answer within 0.03 s'),
    );
    assert.equal(host.alive, false);
    assert.equal(workers.at(-1)!.alive, false);
  });
});
