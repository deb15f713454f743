/** The greatest code of an int8. */
export const CODE_MAX = 127;

/** Encodes the numbers from `offset` on as codes of −127..127; `scale` decodes them. */
export function quantize(
  numbers: Float32Array,
  offset: number,
  codes: Int8Array,
): {readonly scale: number; readonly residual: number} {
  let most = 0;
  for (let i = 0; i < codes.length; i++) {
    const size = Math.abs(numbers[offset + i]!);
    if (size > most) most = size;
  }
  // As float32, which is how a file and the kernel hold it.
  const scale = Math.fround(most / CODE_MAX);
  if (scale === 0) {
    codes.fill(0);
    return {scale, residual: most * Math.sqrt(codes.length)};
  }
  const steps = 1 / scale;
  let sum = 0;
  for (let i = 0; i < codes.length; i++) {
    const value = numbers[offset + i]!;
    // Rounds to the nearest, which is never past ±127; Math.round takes three times as long.
    const code = Math.trunc(value * steps + (value < 0 ? -0.5 : 0.5));
    const error = value - code * scale;
    codes[i] = code;
    sum += error * error;
  }
  return {scale, residual: Math.sqrt(sum)};
}
