// A test that no suite runs cannot fail.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {suiteFiles, testFiles} from '../../scripts/files.mjs';

test('every test file runs in one suite', () => {
  const run = ['node', 'browser', 'e2e', 'apps', 'more-apps'].flatMap(suiteFiles);
  assert.deepEqual(run.sort(), testFiles());
});
