import assert from 'node:assert/strict';
import {test} from 'node:test';
import {frameOf, nearestPoint, pointTowards, toFrame} from '../../../src/core/map/layout.js';
import {assertClose} from '../support.js';

const framed = (...positions: number[]) => {
  const given = Float32Array.from(positions);
  return toFrame(given, frameOf(given));
};

test('the longer side fills the square, the shorter one is in its middle', () => {
  assertClose(framed(-2, 0, 2, 0, 0, 1), [0, 0.375, 1, 0.375, 0.5, 0.625], 1e-6);
});

test('what is at one place comes to the middle, also where that is 0, 0', () => {
  assertClose(framed(3, 4, 3, 4), [0.5, 0.5, 0.5, 0.5], 1e-6);
  assertClose(framed(0, 0), [0.5, 0.5], 1e-6);
  assert.equal(framed().length, 0);
});

test('the nearest point is within reach, or none', () => {
  const positions = Float32Array.of(0, 0, 1, 0, 1, 1);
  assert.equal(nearestPoint(positions, 0.9, 0.2), 1);
  assert.equal(nearestPoint(positions, 0.9, 0.2, 0.1), -1);
  assert.equal(nearestPoint(new Float32Array(0), 0, 0), -1);
});

test('an arrow key leads to the nearest that way, straight ahead first', () => {
  //   3
  // 2 0 1   4
  const positions = Float32Array.of(0, 0, 1, 0, -1, 0.4, 0, -1, 3, 0);
  assert.equal(pointTowards(positions, 0, 'right'), 1);
  assert.equal(pointTowards(positions, 1, 'right'), 4);
  assert.equal(pointTowards(positions, 0, 'left'), 2);
  assert.equal(pointTowards(positions, 0, 'up'), 3);
  assert.equal(pointTowards(positions, 0, 'down'), -1);
});

test('of two as near, the one ahead wins over the one aside', () => {
  const positions = Float32Array.of(0, 0, 0.8, 0.6, 1, 0);
  assert.equal(pointTowards(positions, 0, 'right'), 2);
});

test('points at one place are gone through in order, and back', () => {
  const positions = Float32Array.of(0, 0, 0, 0, 0, 0, 1, 0);
  assert.equal(pointTowards(positions, 0, 'right'), 1);
  assert.equal(pointTowards(positions, 1, 'down'), 2);
  assert.equal(pointTowards(positions, 2, 'right'), 3);
  assert.equal(pointTowards(positions, 2, 'left'), 1);
  assert.equal(pointTowards(positions, 0, 'left'), -1);
});
