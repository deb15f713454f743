// What a tag must agree with before it is published.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {releaseFaults} from '../../scripts/check-release.mjs';

const changelog = '# Changelog\n\n## [Unreleased]\n\n## [1.2.0]\n\n- More.\n';

test('a tag that agrees with the version, the lock and the changelog may go out', () => {
  assert.deepEqual(releaseFaults('v1.2.0', {version: '1.2.0', lock: '1.2.0', changelog}), []);
});

test('every disagreement is named', () => {
  const faults = releaseFaults('v1.3.0', {
    version: '1.4.0',
    lock: '1.2.0',
    changelog: changelog.replace('[Unreleased]\n', '[Unreleased]\n\n- Not yet.\n'),
  });
  assert.equal(faults.length, 4);
  for (const word of ['v1.3.0', 'package-lock.json', '[1.4.0]', 'Unreleased']) {
    assert.ok(
      faults.some((fault) => fault.includes(word)),
      word,
    );
  }
});
