import {countOf, type Latent} from '../../src/core/latent/latent.js';
import {noiseAt, type NoisePlace, walk, walkNoise} from '../../src/core/diffusion/noise-walk.js';

/** Makes the noise of places, and keeps what is the same all over a walk. */
export class NoiseMaker {
  #key: readonly unknown[] = [];
  #noise: Float32Array = new Float32Array();
  #around: Float32Array = new Float32Array();

  /** The noise at a place, of the space and shape of `like`. */
  at(
    {seed, variations, position}: NoisePlace,
    {space, shape}: Pick<Latent, 'space' | 'shape'>,
  ): Latent {
    const count = countOf(shape);
    const key = [seed, variations, count];
    if (key.some((each, i) => each !== this.#key[i])) {
      this.#noise = noiseAt({seed, ...(variations && {variations})}, count);
      this.#around = walkNoise(seed, count);
      this.#key = key;
    }
    const data = position ? walk(this.#noise, this.#around, position) : this.#noise.slice();
    return {space, shape, data};
  }
}
