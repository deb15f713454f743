/** A picture: `width`·`height` pixels of straight (not premultiplied) RGBA bytes, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A place of the first picture and where it is in the second, in fractions (0..1) of the picture. */
export interface PointPair {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

/** How well two pictures were brought together. */
export interface MorphAlignment {
  /** Mean structure similarity (−1..1) at 128² before any movement. */
  readonly before: number;
  /** The same with both pictures brought to the halfway domain. */
  readonly after: number;
  /** How well the aligned pictures fit: 0 unlike, 1 alike. */
  readonly fit: number;
  /** How drawn the pictures are: 0 photographs, 1 flat illustrations. */
  readonly drawn: number;
  /** The longest way that a place travels from one picture to the other, in frame widths. */
  readonly travel: number;
}

/** Points along each side of `MorphPlan.flow`, corners included. */
export const FLOW_POINTS = 65;

/** Cells along each side of `MorphPlan.order` and `disagreement`. */
export const CELLS = 128;

/** Cells along each side of the first level of `MorphPlan.lowA` and `lowB`. */
export const LOW_CELLS = CELLS / 2;

/** Entries of `MorphPlan.pace`. */
export const PACE_STEPS = 65;

/**
 * Everything that a morph of two pictures needs beside their pixels, for any size of frame: typed
 * arrays and numbers only, so that it can be posted and stored.
 *
 * All grids cover the **halfway domain** p ∈ [0, 1]² (fractions of width and height; Liao et al.
 * 2014): the place p shows the first picture at p − v(p) and the second at p + v(p).
 * - *Point grids* (`flow`): point (i, j) lies at p = (i, j) / (FLOW_POINTS − 1); as a texture, read
 *   it linearly at (p·(FLOW_POINTS − 1) + ½) / FLOW_POINTS.
 * - *Cell grids* of n² cells (all others): cell (i, j) is centred at p = (i + ½, j + ½) / n; as a
 *   texture, read it linearly at p, clamped to the edge.
 *
 * A frame at t is made in two steps, see `frameFields` (per frame, on grids) and `composeFrame`
 * (per pixel).
 */
export interface MorphPlan {
  readonly version: 1;
  /** v(p): FLOW_POINTS² points of (x, y), in fractions of width and height. */
  readonly flow: Float32Array;
  /** When the front gets to a cell: its rank, 0 first, 1 last; CELLS² numbers. */
  readonly order: Float32Array;
  /** How much both pictures disagree at a cell, 0..1: 0 dissolves, 1 is switched by the front. */
  readonly disagreement: Float32Array;
  /**
   * The colours of both pictures where they agree, carried on smoothly to where they do not:
   * LOW_CELLS² cells of premultiplied RGBA. They dissolve evenly, so that the front switches shapes
   * and leaves no halo of the old ground around them.
   */
  readonly toneA: Float32Array;
  readonly toneB: Float32Array;
  /**
   * Laplacian pyramids, less their tones, of both pictures in the halfway domain, premultiplied RGBA (0..1), levels of
   * 64², 32² and 16² cells; the last level is what remains (Burt & Adelson 1983).
   */
  readonly lowA: readonly Float32Array[];
  readonly lowB: readonly Float32Array[];
  /** Of each pyramid level, the share (0..1) that dissolves evenly instead of with the front. */
  readonly dissolve: readonly number[];
  /** How wide the front is, as a share of the way. */
  readonly frontWidth: number;
  readonly palette: Palette;
  /** Raw t at even pace: entry i for t = i / (PACE_STEPS − 1), from 0 to 1, increasing. */
  readonly pace: Float32Array;
  readonly alignment: MorphAlignment;
}

/**
 * The two colour maps between both pictures' palettes (Gaussian optimal transport): row by row a
 * 3×3 matrix and an offset, `toB` for colours of the first picture, `toA` for those of the second.
 */
export interface Palette {
  readonly toB: readonly number[];
  readonly toA: readonly number[];
  /** How much of it is used, 0..1. */
  readonly strength: number;
}
