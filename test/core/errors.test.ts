import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isAbort, LatentError} from '../../src/core/errors.js';

test('a LatentError carries its code, message and cause', () => {
  const cause = new TypeError('offline');
  const error = new LatentError('network', 'Cannot load it.', {cause});
  assert.ok(error instanceof Error);
  assert.equal(error.code, 'network');
  assert.equal(error.name, 'LatentError');
  assert.equal(String(error), 'LatentError: Cannot load it.');
  assert.equal(error.cause, cause);
});

test('an aborted LatentError is named like the platform names it', () => {
  assert.equal(new LatentError('aborted', 'Stopped.').name, 'AbortError');
});

test('isAbort knows both kinds of abort and nothing else', () => {
  assert.equal(isAbort(new LatentError('aborted', 'Stopped.')), true);
  assert.equal(isAbort(new DOMException('Stopped.', 'AbortError')), true);
  assert.equal(isAbort(AbortSignal.abort().reason), true);
  assert.equal(isAbort(new LatentError('network', 'Offline.')), false);
  assert.equal(isAbort(new DOMException('Late.', 'TimeoutError')), false);
  for (const value of [undefined, null, 'AbortError', 0, {}]) assert.equal(isAbort(value), false);
});
