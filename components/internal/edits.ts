import type {
  Picture,
  PictureController,
  PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {
  detailLeft,
  moveAlong,
  type Direction,
  type Edits,
} from '../../src/core/direction/direction.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {FrameSize} from '../../src/core/pack/image-size.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import type {ImageSource, Model} from '../../src/engine/types.js';
import type {Frame} from '../../src/shared/inference.js';

/** One edit of a picture. */
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

/** An element that edits a picture: a slider. */
export interface Editor extends Node {
  /** Its edit of the picture at this moment; undefined for none. */
  editOf(picture: Picture): Edit | undefined;
  /** Whether it wants decodes alone. */
  readonly reconstruct: boolean;
  requestUpdate(): void;
}

/** The picture that an `EditStack` edits. */
export interface EditedPicture {
  /** Throws `LatentError` for a latent that does not belong to the model. */
  base(picture: Picture): EditBase;
  /** The image that was encoded, where there is one. */
  image(): ImageSource | undefined;
  /** Whether decodes alone are shown. */
  reconstruct(): boolean;
  /** Size of the frames; default: the picture's. */
  size?(picture: Picture): FrameSize;
}

/**
 * The edits of one picture by any number of sliders. They add up in document order, so that the frame
 * depends on where the sliders stand, not on which was moved last.
 */
export class EditStack {
  /** Loads and paints the picture. */
  readonly picture: PictureController;
  readonly #edited: EditedPicture;
  readonly #editors = new Set<Editor>();

  constructor(picture: PictureController, edited: EditedPicture) {
    this.picture = picture;
    this.#edited = edited;
  }

  add(editor: Editor): void {
    this.#editors.add(editor);
  }

  remove(editor: Editor): void {
    this.#editors.delete(editor);
    this.picture.repaint();
  }

  /** What the edits of a picture start from. */
  base(picture: Picture): EditBase {
    return this.#edited.base(picture);
  }

  /** The image that was encoded, where there is one. */
  image(): ImageSource | undefined {
    return this.#edited.image();
  }

  /** The frame with all edits; that of `editor`, where given, is `instead`. */
  plan(picture: Picture, editor?: Editor, instead?: Edit): PlannedFrame {
    const base = this.base(picture);
    const editors = [...this.#editors];
    const edits = editors
      .sort((a, b) => (follows(a, b) ? 1 : -1))
      .flatMap((each) => (each === editor ? instead : each.editOf(picture)) ?? []);
    const reconstruct = this.#edited.reconstruct() || editors.some((each) => each.reconstruct);
    const size = this.#edited.size?.(picture);
    const {manifest} = picture.model;
    return {frame: editedFrame(base, edits, reconstruct, manifest), ...(size && {size})};
  }

  /** Updates every editor: the picture was loaded anew, failed, or went. */
  changed(): void {
    for (const editor of this.#editors) editor.requestUpdate();
  }
}

function follows(a: Node, b: Node): boolean {
  return (b.compareDocumentPosition(a) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}

/**
 * The frame of a picture with edits, which add up: its own pixels where nothing is left of them,
 * else the decode plus what of the picture's own detail the directions leave (all of it is the picture
 * plus the decoded difference); with `reconstruct` decodes alone.
 */
export function editedFrame(
  {latent, isImage}: EditBase,
  edits: readonly Edit[],
  reconstruct: boolean,
  pack: Pick<PackManifest, 'directions'> = {},
): Frame {
  const nonZero = sumEdits(edits).filter(([, amount]) => amount !== 0);
  const named = nonZero.filter((each): each is [string, number] => typeof each[0] === 'string');
  let moved = latent;
  for (const [direction, amount] of nonZero) {
    if (typeof direction !== 'string') moved = moveAlong(moved, direction, amount);
  }
  const edited: Edits = Object.fromEntries(named);
  const frame: Frame = {latent: moved, ...(named.length > 0 && {edits: edited})};
  if (reconstruct || !isImage) return frame;
  if (nonZero.length === 0) return {...frame, source: 0};
  return {...frame, detail: {0: detailLeft(pack, edited)}};
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
