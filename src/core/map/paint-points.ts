/** What points look like, and where the map is on the screen. */
export interface PointsView {
  /** Two numbers a point, in the unit square. */
  readonly positions: Float32Array;
  /** Number of the colour of each point. */
  readonly colours: Uint8Array;
  /** Colours as the words of an image (ABGR, little-endian RGBA), alpha included. */
  readonly palette: Int32Array;
  /** Pixels of the screen: `x · scale + left`. */
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  /** Pixels. */
  readonly radius: number;
}

/** Steps within a pixel at which a dot can stand, so that a moving map does not tremble. */
const STEPS = 4;

/**
 * Draws points as round dots into an image's words, which are cleared first: one pass over typed arrays,
 * with dots that were drawn beforehand. Where dots overlap, the more opaque pixel stays, so that an edge
 * never eats into a dot and there is nothing to blend.
 *
 * @param pixels - `width · height` words, as `new Int32Array(imageData.data.buffer)`.
 */
export function paintPoints(
  pixels: Int32Array,
  width: number,
  height: number,
  {positions, colours, palette, scale, left, top, radius}: PointsView,
): void {
  pixels.fill(0);
  const side = Math.ceil(2 * radius) + 2;
  const stamps = stampsOf(radius, side);
  const area = side * side;
  for (let i = 0; i < colours.length; i++) {
    const colour = palette[colours[i]!]!;
    const alpha = colour >>> 24;
    if (alpha === 0) continue;
    const x = positions[2 * i]! * scale + left - radius - 0.5;
    const y = positions[2 * i + 1]! * scale + top - radius - 0.5;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column <= -side || row <= -side || column >= width || row >= height) continue;
    const stepX = Math.floor((x - column) * STEPS);
    const stepY = Math.floor((y - row) * STEPS);
    const stamp = (stepY * STEPS + stepX) * area;
    const rgb = colour & 0xffffff;
    const lastRow = Math.min(side, height - row);
    const firstColumn = Math.max(0, -column);
    const lastColumn = Math.min(side, width - column);
    for (let dy = Math.max(0, -row); dy < lastRow; dy++) {
      const line = (row + dy) * width + column;
      const source = stamp + dy * side;
      for (let dx = firstColumn; dx < lastColumn; dx++) {
        const cover = stamps[source + dx]!;
        if (cover === 0) continue;
        const seen = (cover * alpha + 255) >> 8;
        if (seen > pixels[line + dx]! >>> 24) pixels[line + dx] = (seen << 24) | rgb;
      }
    }
  }
}

let known: {radius: number; stamps: Uint8Array} | undefined;

// Dots of one size at every step within a pixel, one after the other: how much of each pixel they cover.
function stampsOf(radius: number, side: number): Uint8Array {
  if (known?.radius === radius) return known.stamps;
  const stamps = new Uint8Array(STEPS * STEPS * side * side);
  let at = 0;
  for (let stepY = 0; stepY < STEPS; stepY++) {
    for (let stepX = 0; stepX < STEPS; stepX++) {
      const centreX = radius + 0.5 + (stepX + 0.5) / STEPS;
      const centreY = radius + 0.5 + (stepY + 0.5) / STEPS;
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const distance = Math.hypot(x + 0.5 - centreX, y + 0.5 - centreY);
          stamps[at++] = Math.round(255 * Math.max(0, Math.min(1, radius + 0.5 - distance)));
        }
      }
    }
  }
  known = {radius, stamps};
  return stamps;
}
