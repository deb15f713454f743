// What the networks of test/fixtures/diffusion.mjs compute, and what samplers make of it: written from
// the published equations, with none of the code under test.

/** CLIP's numbers for the prompt of apple/ml-stable-diffusion's tests, and for an empty one. */
export const PROMPT = 'a photo of an astronaut riding a horse on mars';
export const PROMPT_IDS = [49406, 320, 1125, 539, 550, 18376, 6765, 320, 4558, 525, 7496, 49407];
export const EMPTY_IDS = [49406, 49407];
/** openai/CLIP's notebook. */
export const OTHER = 'Hello World!';
export const OTHER_IDS = [49406, 3306, 1002, 256, 49407];

const TOKENS = 77;
const WIDTH = 1024;

/** A way of rounding: what a tensor goes through on its way into or out of a network. */
export type Round = (value: number) => number;
export const exact: Round = (value) => value;
/** To the nearest float16, by the browser itself. */
export const half: Round = (value) =>
  (Math as unknown as {readonly f16round: Round}).f16round(value);

/** Token numbers, filled up to 77. */
export function filled(ids: readonly number[], pad: number): number[] {
  return Array.from({length: TOKENS}, (_, t) => ids[t] ?? pad);
}

/** last_hidden_state [77 · 1024]. */
export function statesOf(ids: readonly number[], round = exact): Float32Array {
  const states = new Float32Array(TOKENS * WIDTH);
  for (let i = 0; i < states.length; i++) {
    const [t, c] = [Math.floor(i / WIDTH), i % WIDTH];
    states[i] = round(Math.sin((ids[t]! * (c + 1)) / 1_024_000 + t / 100));
  }
  return states;
}

/** What the UNet adds to each channel for these states. */
export function toldBy(states: Float32Array): number[] {
  return [0, 1, 2, 3].map((o) => {
    let sum = 0;
    states.forEach((state, i) => (sum += (state * Math.cos((i % WIDTH) / 10 + o)) / 64));
    return sum / TOKENS;
  });
}

/** out_sample of the UNet. */
export function unet(
  sample: ArrayLike<number>,
  timestep: number,
  told: readonly number[],
  round = exact,
): number[] {
  const plane = sample.length / 4;
  return Array.from({length: sample.length}, (_, at) => {
    const [o, place] = [Math.floor(at / plane), at % plane];
    let sum = told[o]! + (timestep * (o + 1)) / 10_000;
    for (let i = 0; i < 4; i++) {
      sum += (o === i ? 0.6 : (o - i) / 20) * round(sample[i * plane + place]!);
    }
    return round(sum);
  });
}

/** Pixels of the VAE decoder: [height · width · 4], 0..255, not rounded. */
export function decoded(
  latent: ArrayLike<number>,
  [height, width]: readonly [number, number],
  round = exact,
): number[] {
  const plane = height * width;
  const pixels: number[] = [];
  for (let y = 0; y < 8 * height; y++) {
    for (let x = 0; x < 8 * width; x++) {
      const place = Math.floor(y / 8) * width + Math.floor(x / 8);
      for (let o = 0; o < 3; o++) {
        let sum = 0;
        for (let i = 0; i < 4; i++) {
          sum += ((o + 1) / 10 - i / 20) * round(latent[i * plane + place]! / 0.18215);
        }
        pixels.push(255 * ((round(Math.tanh(sum)) + 1) / 2));
      }
      pixels.push(255);
    }
  }
  return pixels;
}

/** ᾱ of Stable Diffusion's 1000 timesteps: √β runs evenly from √0.00085 to √0.012. */
export const ALPHAS = (() => {
  const [first, last] = [Math.sqrt(0.00085), Math.sqrt(0.012)];
  let product = 1;
  return Array.from({length: 1000}, (_, t) => {
    product *= 1 - (first + (t / 999) * (last - first)) ** 2;
    return product;
  });
})();

/** Numbers that look like noise, and are the same everywhere. */
export function someNoise(length: number): Float32Array {
  return Float32Array.from({length}, (_, i) => 2 * Math.sin(i * i + 3 * i + 1));
}

/** v₁·(1 − w) + v₂·w: guidance, from without to with. */
export function guide(without: readonly number[], having: readonly number[], scale: number) {
  return without.map((value, i) => value + scale * (having[i]! - value));
}

/** One step of DDIM (Song 2020, eq. 12, σ = 0): from ᾱ to ᾱ′. */
export function ddimStep(
  x: readonly number[],
  noise: readonly number[],
  alpha: number,
  next: number,
): number[] {
  return x.map((value, i) => {
    const image = (value - Math.sqrt(1 - alpha) * noise[i]!) / Math.sqrt(alpha);
    return Math.sqrt(next) * image + Math.sqrt(1 - next) * noise[i]!;
  });
}

/** One step of a consistency model (Luo 2023, eq. 9 and algorithm 3); `fresh` noise but for the last. */
export function lcmStep(
  x: readonly number[],
  noise: readonly number[],
  timestep: number,
  next: {readonly alpha: number; readonly fresh: ArrayLike<number>} | undefined,
): number[] {
  const alpha = ALPHAS[timestep]!;
  const scaled = 10 * timestep;
  const skip = 0.25 / (scaled ** 2 + 0.25);
  const out = scaled / Math.sqrt(scaled ** 2 + 0.25);
  return x.map((value, i) => {
    const image = (value - Math.sqrt(1 - alpha) * noise[i]!) / Math.sqrt(alpha);
    const consistent = skip * value + out * image;
    if (!next) return consistent;
    return Math.sqrt(next.alpha) * consistent + Math.sqrt(1 - next.alpha) * next.fresh[i]!;
  });
}
