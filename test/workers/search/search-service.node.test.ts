import assert from 'node:assert/strict';
import {mock, test} from 'node:test';
import {SearchService} from '../../../workers/search/search-service.js';

test('has the process format a number before the page has results to count', async () => {
  const format = mock.method(Intl, 'NumberFormat');
  // As in a worker without locks.
  if (!('navigator' in globalThis)) Object.assign(globalThis, {navigator: {}});
  await new SearchService().connect({cache: false, lifeLock: 'test'}, () => undefined);
  assert.equal(format.mock.callCount(), 1);
});
