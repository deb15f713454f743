import {expect} from '@open-wc/testing';
import type {LatentInterpolator} from '../../components/latent-interpolator/latent-interpolator.js';
import {column, scene} from '../components/support.js';

describe('MorphController', () => {
  it('solves the morph nearest the middle of the screen first', async function () {
    this.timeout(60_000);
    const {elements, distances} = await column(
      6,
      (i) => [scene(i, 64, 48), scene(i + 1, 64, 48)],
      'morph',
    );
    const loaded: LatentInterpolator[] = [];
    for (const el of elements) el.addEventListener('latent-load', () => loaded.push(el));
    await Promise.all(elements.map((el) => el.ready));
    // Whichever was there first has begun before the others asked.
    const order = loaded.slice(1).map((el) => distances.get(el)!);
    expect(order).to.deep.equal([...order].sort((a, b) => a - b));
  });
});
