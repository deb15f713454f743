import type {DiffusionConfig} from './config.js';

/** Keeps the squared cosine from ending in a singularity (Nichol 2021, section 3.2). */
const MAX_BETA = 0.999;
const COSINE_OFFSET = 0.008;

/** ᾱ of every training timestep: the share of the image in a noisy one's variance, falling. */
export function alphasCumprod(config: DiffusionConfig): Float64Array {
  const alphas = new Float64Array(config.timesteps);
  let product = 1;
  for (let t = 0; t < alphas.length; t++) {
    product *= 1 - betaAt(config, t);
    alphas[t] = product;
  }
  return alphas;
}

function betaAt({timesteps, betaStart, betaEnd, betaSchedule}: DiffusionConfig, t: number): number {
  const along = t / (timesteps - 1);
  switch (betaSchedule) {
    case 'linear':
      return betaStart + along * (betaEnd - betaStart);
    case 'scaled-linear':
      return (Math.sqrt(betaStart) + along * (Math.sqrt(betaEnd) - Math.sqrt(betaStart))) ** 2;
    case 'squared-cosine':
      return Math.min(MAX_BETA, 1 - cosine((t + 1) / timesteps) / cosine(t / timesteps));
  }
}

function cosine(share: number): number {
  return Math.cos((((share + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * Math.PI) / 2) ** 2;
}

/** √((1 − ᾱ)/ᾱ): the deviation of the noise beside an image of full strength. */
export function sigmaOf(alpha: number): number {
  return Math.sqrt((1 - alpha) / alpha);
}

/** A value of a table at a real index, on the straight line between its neighbours. */
export function interpolate(table: Float64Array, index: number): number {
  const below = Math.floor(index);
  const share = index - below;
  return share === 0 ? table[below]! : (1 - share) * table[below]! + share * table[below + 1]!;
}
