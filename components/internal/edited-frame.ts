import {moveAlong, type Direction} from '../../src/core/direction/direction.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {Model} from '../../src/engine/types.js';
import type {Frame} from '../../src/shared/inference.js';

/** What one slider asks for. */
export interface Edit {
  /** A direction of the pack by name, or one that was learned or read. */
  readonly direction: string | Direction;
  /** In units of the direction. */
  readonly amount: number;
}

/** What edits start from. */
export interface EditBase {
  readonly latent: Latent;
  /** Whether it was encoded from source 0 of the surface, whose pixels can be shown. */
  readonly isImage: boolean;
}

/**
 * The frame of a picture with edits, which add up: its own pixels where nothing is left of them,
 * else its pixels plus the decoded difference; with `reconstruct` decodes alone.
 */
export function editedFrame(
  {latent, isImage}: EditBase,
  edits: readonly Edit[],
  reconstruct: boolean,
): Frame {
  const sums = sumEdits(edits);
  const asked = sums.filter(([, amount]) => amount !== 0);
  const names = asked.filter((each): each is [string, number] => typeof each[0] === 'string');
  let moved = latent;
  for (const [direction, amount] of asked) {
    if (typeof direction !== 'string') moved = moveAlong(moved, direction, amount);
  }
  const frame: Frame = {
    latent: moved,
    ...(names.length > 0 && {edits: Object.fromEntries(names)}),
  };
  if (reconstruct || !isImage) return frame;
  return asked.length === 0 ? {...frame, source: 0} : {...frame, detail: {0: 1}};
}

// By direction, so that a step up on one slider and a step down on another leave nothing.
function sumEdits(edits: readonly Edit[]): [string | Direction, number][] {
  const sums = new Map<string | Direction, number>();
  for (const {direction, amount} of edits) {
    sums.set(direction, (sums.get(direction) ?? 0) + amount);
  }
  return [...sums];
}

/** The latent of an edited frame. */
export async function editedLatent(
  model: Model,
  {latent, edits}: Frame,
  signal: AbortSignal,
): Promise<Latent> {
  return edits ? model.edit(latent, edits, {signal}) : latent;
}
