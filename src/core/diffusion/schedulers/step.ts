/**
 * One step of a sampler as the linear map that every one of them is, since the network's output
 * comes in only once. Coefficients are in the sampler's own scale of noise.
 */
export interface Step {
  /** What the network is told: a training timestep, or σ times the config's `timesteps`. */
  readonly timestep: number;
  /** Noise level before the step: σ of flow matching in 0..1, else √((1 − ᾱ)/ᾱ). */
  readonly sigma: number;
  /** The network is fed the sample times this. */
  readonly input: number;
  /** The sample made of an image and unit noise: image·x0 + noise·n. */
  readonly noisy: {readonly x0: number; readonly noise: number};
  /** The estimate of the image: sample·x + output·network(x). */
  readonly x0: {readonly sample: number; readonly output: number};
  /** The sample after the step: sample·x + output·network(x) + noise·n, n fresh unit noise. */
  readonly next: {readonly sample: number; readonly output: number; readonly noise: number};
}

/** What a scheduler is: its steps from much noise to none, and what sampling begins with. */
export interface StepTable {
  readonly steps: readonly Step[];
  /** Unit noise times this is the first sample. */
  readonly initialScale: number;
}
