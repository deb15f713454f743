import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  nearestQuestion,
  parseCollection,
  parseFound,
} from '../../../src/search/stores/chroma-store.js';
import {assertClose, throwsLatentError} from '../../core/support.js';

const collection = (change = {}) =>
  parseCollection({id: 'c0ffee', dimension: 3, metadata: null, ...change}, 'here');

test('a collection: its metric from either kind of index, squared distances by default', () => {
  assert.deepEqual(collection(), {
    id: 'c0ffee',
    dimension: 3,
    metric: 'euclidean',
    space: undefined,
  });
  const metric = (configuration: unknown) => collection({configuration_json: configuration}).metric;
  assert.equal(metric({hnsw: {space: 'cosine'}, spann: null}), 'cosine');
  assert.equal(metric({hnsw: null, spann: {space: 'ip'}}), 'dot');
  assert.equal(metric({}), 'euclidean');
  assert.equal(collection({dimension: null}).dimension, undefined);
  assert.equal(collection({metadata: {'latent-elements:space': 'words-1'}}).space, 'words-1');
  assert.equal(collection({metadata: {'latent-elements:space': 4}}).space, undefined);
});

test('what is found is scored as Metric says', () => {
  const answer = {ids: [['a', 'b']], distances: [[0.25, 4]]};
  const scores = (space: string) =>
    parseFound(answer, collection({configuration_json: {hnsw: {space}}}), 'here').map(
      ({score}) => score,
    );
  assertClose(scores('l2'), [-0.5, -2], 1e-15);
  assertClose(scores('cosine'), [0.75, -3], 1e-15);
  assertClose(scores('ip'), [0.75, -3], 1e-15);
  assert.deepEqual(parseFound(answer, collection(), 'here')[0]?.item, {});
  assert.deepEqual(parseFound({ids: [[]], distances: [[]]}, collection(), 'here'), []);
  // Rounding on the server can make a distance negative.
  const [nearest] = parseFound({ids: [['a']], distances: [[-1e-9]]}, collection(), 'here');
  assert.equal(Math.abs(nearest?.score ?? 1), 0);
});

test('the question is the vector and a count', () => {
  assert.deepEqual(JSON.parse(nearestQuestion(Float32Array.of(0.5, -1), 7)), {
    query_embeddings: [[0.5, -1]],
    n_results: 7,
    include: ['distances', 'documents', 'metadatas'],
  });
});

test('any other answer is refused with its fault, the server named', () => {
  const refuse = (answer: unknown, pattern: RegExp) => {
    throwsLatentError(
      () => parseFound(answer, collection(), 'here'),
      'bad-index',
      /^here/,
      pattern,
    );
  };
  refuse(null, /answer/);
  refuse({ids: [['a']]}, /distances/);
  refuse({ids: [], distances: []}, /ids/);
  refuse({ids: [['']], distances: [[1]]}, /ids/);
  refuse({ids: [['a']], distances: [[null]]}, /distances/);
  refuse({ids: [['a']], distances: [[1, 2]]}, /lengths/);
  refuse({ids: [['a']], distances: [[1]], documents: [[7]]}, /documents/);
  throwsLatentError(() => collection({id: 'a/b'}), 'bad-index', /UUID/);
  throwsLatentError(() => collection({dimension: -1}), 'bad-index', /dimension/);
});
