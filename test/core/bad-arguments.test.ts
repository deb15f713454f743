import {test} from 'node:test';
import * as core from '../../src/core/index.js';
import {latent, throwsLatentError} from './support.js';

// As a caller without types makes them: each is a mistake that TypeScript would have found.
const a = latent([1, 2]);
const calls: readonly [argument: RegExp, call: (wrong: never) => unknown, wrong: unknown][] = [
  [/^a must/, (wrong) => core.lerp(wrong, a, 0.5), 'a'],
  [/^b must/, (wrong) => core.slerp(a, wrong, 0.5), undefined],
  [/^b must/, (wrong) => core.add(a, wrong), null],
  [/^a must/, (wrong) => core.add(wrong, a), null],
  [/^a must/, (wrong) => core.subtract(wrong, a), 7],
  [/^latent must/, (wrong) => core.scale(wrong, 2), {}],
  [/^k must/, (wrong) => core.scale(a, wrong), '2'],
  [/^latents must/, (wrong) => core.average(wrong), undefined],
  [/^latents\[1\] must/, (wrong) => core.average([a, wrong]), null],
  [/^weights must/, (wrong) => core.average([a], wrong), 'x'],
  [/^a must/, (wrong) => core.distance(wrong, a), []],
  [/^b must/, (wrong) => core.cosineSimilarity(a, wrong), 'x'],
  [/^keyframes must/, (wrong) => core.pathAt(wrong, 0), undefined],
  [/^t must/, (wrong) => core.segmentAt(2, wrong), 'x'],
  [/^positives must/, (wrong) => core.fitDirection(wrong, []), undefined],
  [/^negatives must/, (wrong) => core.fitDirection([], wrong), undefined],
  [/^latent must/, (wrong) => core.moveAlong(wrong, a, 1), null],
  [/^direction must/, (wrong) => core.moveAlong(a, wrong, 1), undefined],
  [/^fromLatents must/, (wrong) => core.fitAlignment(wrong, []), undefined],
  [/^toLatents must/, (wrong) => core.fitAlignment([], wrong), 5],
  [/^data must/, (wrong) => core.createAlignment(wrong), undefined],
  [/^data\.shape must/, (wrong) => core.createAlignment(wrong), {}],
  [/^latents must/, (wrong) => core.toSafetensors(wrong), null],
  [/^file must/, (wrong) => core.fromSafetensors(wrong), 'x'],
  [/^file must/, (wrong) => core.readTensors(wrong), undefined],
  [/^file must/, (wrong) => core.fromDirectionFile(wrong), undefined],
  [/^config must/, (wrong) => core.createSchedule(wrong), {}],
  [/^config must/, (wrong) => core.createSchedule(wrong), undefined],
  [/^shape must/, (wrong) => core.noise('x', wrong, 1), undefined],
  [/^seed must/, (wrong) => core.randomNormal(wrong, 3), Symbol('seed')],
  [/^place must/, (wrong) => core.noiseAt(wrong, 4), undefined],
  [/^prompt must/, (wrong) => core.splitPrompt(wrong), undefined],
];

for (const [argument, call, wrong] of calls) {
  test(`${String(call).replace(/^\(wrong\) ?=> ?/, '')} of ${String(wrong)} names the argument`, () => {
    throwsLatentError(() => call(wrong as never), 'bad-argument', argument);
  });
}
