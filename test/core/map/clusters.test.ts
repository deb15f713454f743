import assert from 'node:assert/strict';
import {test} from 'node:test';
import {clusterWords, findClusters} from '../../../src/core/map/clusters.js';
import {randomNormal} from '../../../src/core/random/noise.js';

/** Points around places, as many around each. */
function around(
  places: readonly (readonly [number, number])[],
  each: number,
  spread: number,
): Float32Array {
  const noise = randomNormal(5, 2 * places.length * each);
  return noise.map((value, i) => {
    const place = places[Math.floor(i / (2 * each))]!;
    return place[i % 2]! + spread * value;
  });
}

test('as many clusters as there are groups, each with its own points, peaks among them', () => {
  const places = [
    [0.15, 0.2],
    [0.8, 0.25],
    [0.5, 0.85],
  ] as const;
  const {clusters, memberships} = findClusters(around(places, 60, 0.04));
  assert.equal(clusters.length, 3);
  for (const [group, [x, y]] of places.entries()) {
    const own = memberships.subarray(60 * group, 60 * group + 60);
    assert.ok(
      own.every((cluster) => cluster === own[0] && cluster >= 0),
      own.join(),
    );
    const {x: peakX, y: peakY, size} = clusters[own[0]!]!;
    assert.ok(Math.hypot(peakX - x, peakY - y) < 0.06, `${peakX}, ${peakY}`);
    assert.equal(size, 60);
  }
});

test('one group is one cluster, not several', () => {
  assert.equal(findClusters(around([[0.5, 0.5]], 300, 0.12)).clusters.length, 1);
});

test('two and no points are in no cluster; identical ones are one', () => {
  assert.deepEqual([...findClusters(Float32Array.of(0.1, 0.1, 0.9, 0.9)).memberships], [-1, -1]);
  assert.deepEqual(findClusters(new Float32Array(0)).clusters, []);
  const same = findClusters(new Float32Array(40).fill(0.5));
  assert.equal(same.clusters.length, 1);
  assert.equal(same.clusters[0]!.size, 20);
});

test('the words of a cluster are those that the others do not have', () => {
  const texts = [
    'Tomato soup with bread',
    'Pumpkin soup and bread',
    'A soup of leek, with butter',
    'How to train a puppy',
    'The puppy learns to sit',
    'Puppies bite; train them with patience',
    'A train to Lisbon',
  ];
  const words = clusterWords(texts, [0, 0, 0, 1, 1, 1, -1], 2);
  assert.equal(words[0]![0], 'soup');
  assert.equal(words[1]![0], 'puppy');
  assert.ok(!words.flat().includes('with'), words.join());
  assert.ok(words[0]!.includes('bread'));
});

test('forms of a word count once, and a cluster without common words has no name', () => {
  const [first] = clusterWords(
    ['cooking cook pans', 'cook cooking pans', 'cooking cook', 'else', 'other'],
    [0, 0, 0, -1, -1],
    1,
  );
  assert.equal(first!.filter((word) => word.startsWith('cook')).length, 1);
  assert.deepEqual(clusterWords(['one thing', 'another matter'], [0, 0], 1), [[]]);
  assert.deepEqual(clusterWords(['', ''], [0, 0], 1), [[]]);
});
