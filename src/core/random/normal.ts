// Wichura 1988, algorithm AS 241 (PPND16): numerators and denominators, highest power first, rounded
// to float64. Its third region (√−ln p > 5) is left out: p ≥ 2⁻³³ gives 4.8 at most.
const CENTRE = 0.425;
const CENTRE_SQUARED = 0.180625;
const CENTRE_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
] as const;
const CENTRE_BOTTOM = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
] as const;
const TAIL_SHIFT = 1.6;
const TAIL_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
  3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
] as const;
const TAIL_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
  0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
] as const;

const LN_2 = 0.6931471805599453;
const SQRT_HALF = 0.7071067811865476;
// 2/(2k + 1), k = 9 … 0: ln m = 2·artanh(s); s² ≤ 0.0295, so the next term is below 1e-17.
const ARTANH = [2 / 19, 2 / 17, 2 / 15, 2 / 13, 2 / 11, 2 / 9, 2 / 7, 2 / 5, 2 / 3, 2];

/**
 * The standard normal deviate below which a share `p` lies, 2⁻³³ ≤ p ≤ 1 − 2⁻³³, to about 1e-15
 * (Wichura 1988, AS 241); only + − × ÷ √, hence the same bits on every platform.
 */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= CENTRE) {
    const r = CENTRE_SQUARED - q * q;
    return (q * polynomial(CENTRE_TOP, r)) / polynomial(CENTRE_BOTTOM, r);
  }
  const r = Math.sqrt(-logarithm(q < 0 ? p : 1 - p)) - TAIL_SHIFT;
  const deviate = polynomial(TAIL_TOP, r) / polynomial(TAIL_BOTTOM, r);
  return q < 0 ? -deviate : deviate;
}

// Math.log differs between engines in the last bit, this does not.
function logarithm(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent--;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  return exponent * LN_2 + s * polynomial(ARTANH, s * s);
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}
