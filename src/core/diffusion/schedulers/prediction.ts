import type {DiffusionConfig} from './config.js';
import type {Step} from './step.js';

/**
 * The image estimated from a variance-preserving sample x = √ᾱ·x0 + √(1 − ᾱ)·noise and what the
 * network predicted (Ho 2020, eq. 15; Salimans 2022, appendix D).
 */
export function imageEstimate(
  prediction: DiffusionConfig['prediction'],
  alpha: number,
): Step['x0'] {
  const [signal, noise] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  switch (prediction) {
    case 'epsilon':
      return {sample: 1 / signal, output: -noise / signal};
    case 'v':
      return {sample: signal, output: -noise};
    case 'sample':
      return {sample: 0, output: 1};
  }
}
