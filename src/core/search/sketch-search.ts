import {MAX_BLOCK, type RowFilter} from './row-filter.js';
import {BLOCK, type Sketch} from './sketch.js';
import type {TopK} from './top-k.js';

/** So many more than are asked for are looked at first, because sketches put them in a rough order. */
const MARGIN = 6;
/** Blocks that are collected at once: few as long as there is nothing to compare with. */
const [FEW, MANY] = [16, MAX_BLOCK / BLOCK];

/** Some blocks of a sketch. */
export interface SketchBlocks {
  readonly sketch: Sketch;
  readonly blocks: Int32Array;
  /** The row in a slot, or a negative number where there is none. */
  readonly rowOf: (slot: number) => number;
}

/**
 * Looks at what may be among the best of the query that sketch and filter are aimed at; unless `exact`,
 * only at what is likely to.
 */
export function searchSketch(
  {sketch, blocks, rowOf}: SketchBlocks,
  filter: RowFilter,
  top: TopK,
  look: (row: number) => void,
  exact: boolean,
): void {
  const count = blocks.length;
  const rowAt = (place: number): number =>
    rowOf(blocks[place >> 4]! * BLOCK + (place & (BLOCK - 1)));
  sketch.sum(blocks);
  // The likeliest first: against their scores hardly anything else stands.
  const likely = sketch.likely(top.capacity + MARGIN);
  if (likely !== undefined) {
    for (const place of sketch.collect(0, count, likely)) {
      const row = rowAt(place);
      if (row >= 0) look(row);
      sketch.drop(place);
    }
  }
  const list = filter.list();
  let some = top.threshold > -Infinity ? MANY : FEW;
  for (let from = 0; from < count; from += some, some = Math.min(2 * some, MANY)) {
    const end = Math.min(count, from + some);
    let length = 0;
    for (const place of sketch.collect(from, end, sketch.least(top.threshold, exact))) {
      const row = rowAt(place);
      if (row >= 0) list[length++] = row;
    }
    for (const row of filter.scan(length, top.threshold)) look(row);
  }
}
