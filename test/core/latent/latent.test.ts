import assert from 'node:assert/strict';
import {test} from 'node:test';
import {assertSameSpace, createLatent, isLatent} from '../../../src/core/latent/latent.js';
import {latent, throwsLatentError} from '../support.js';

test('createLatent keeps the numbers and copies the shape', () => {
  const shape = [2, 3];
  const data = new Float32Array(6);
  const made = createLatent('a', shape, data);
  shape[0] = 9;
  assert.deepEqual(made, {space: 'a', shape: [2, 3], data});
  assert.equal(made.data, data);
});

test('createLatent says what is wrong', () => {
  const six = new Float32Array(6);
  const make = (space: string, shape: readonly number[], data = six) => {
    return () => createLatent(space, shape, data);
  };
  throwsLatentError(make('a', [2, 4]), 'bad-argument', /\[2, 4\] holds 8/, /data holds 6/);
  throwsLatentError(make('a', [0, 6]), 'bad-argument', /shape/, /\[0,6\]/);
  throwsLatentError(make('a', [1.5, 4]), 'bad-argument', /shape/, /1\.5/);
  throwsLatentError(make('a', [-2, -3]), 'bad-argument', /shape/);
  throwsLatentError(make('', [6]), 'bad-argument', /space/);
  throwsLatentError(
    make('a', [3], Float32Array.of(1, NaN, 2)),
    'bad-argument',
    /number 1 of data is NaN/,
  );
  throwsLatentError(make('a', [1], Float32Array.of(Infinity)), 'bad-argument', /Infinity/);
  throwsLatentError(make('a', [6], [1, 2, 3, 4, 5, 6] as never), 'bad-argument', /Float32Array/);
});

test('isLatent tells latents from image sources', () => {
  assert.equal(isLatent(latent([1, 2])), true);
  assert.equal(isLatent({...latent([1, 2])}), true);
  assert.equal(isLatent({...latent([1, 2]), shape: [3]}), false);
  for (const value of [undefined, null, 'ada.png', new Blob(), {space: 'a'}]) {
    assert.equal(isLatent(value), false);
  }
});

test('assertSameSpace names both spaces and the remedy', () => {
  throwsLatentError(
    () => assertSameSpace(latent([1]), latent([2]), latent([3], 'other')),
    'space-mismatch',
    /'test'/,
    /'other'/,
    /fitAlignment/,
  );
});

test('assertSameSpace names both shapes', () => {
  const flat = latent([1, 2, 3, 4]);
  const square = createLatent('test', [2, 2], flat.data);
  throwsLatentError(() => assertSameSpace(flat, square), 'bad-argument', /\[4\]/, /\[2, 2\]/);
  throwsLatentError(
    () => assertSameSpace(flat, {...flat, data: new Float32Array(3)}),
    'bad-argument',
    /4 numbers/,
    /3 numbers/,
  );
});

test('assertSameSpace accepts what belongs together, also nothing', () => {
  assertSameSpace();
  assertSameSpace(latent([1]));
  assertSameSpace(latent([1]), latent([2]), latent([3]));
});
