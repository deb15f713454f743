import type {
  Picture,
  PictureLender,
  PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import type {ImageSource} from '../../src/engine/types.js';
import type {Edit, EditBase} from './edited-frame.js';

/** One who edits a picture from outside: a slider. */
export interface PictureEditor extends Node {
  /** What it asks of this picture now; undefined for nothing. */
  editOf(picture: Picture): Edit | undefined;
  /** Whether it wants decodes alone. */
  readonly reconstruct: boolean;
  /** The picture was loaded anew, failed, or has gone. */
  pictureChanged(): void;
}

/** An element whose picture others edit. */
export interface Editable extends PictureLender {
  readonly editors: EditorRegistry;
  /** What edits start from. */
  base(picture: Picture): EditBase;
  /** The image itself, where there is one. */
  image(): ImageSource | undefined;
  /** The frame to show, as it would be with another edit `instead` of what `editor` asks now. */
  plan(picture: Picture, editor: PictureEditor, instead: Edit | undefined): PlannedFrame;
}

/** Everyone who edits a picture. What they ask depends on where they stand, not on who moved last. */
export class EditorRegistry {
  readonly #editors = new Set<PictureEditor>();

  add(editor: PictureEditor): void {
    this.#editors.add(editor);
  }

  remove(editor: PictureEditor): void {
    this.#editors.delete(editor);
  }

  get size(): number {
    return this.#editors.size;
  }

  get reconstruct(): boolean {
    return [...this.#editors].some(({reconstruct}) => reconstruct);
  }

  /** What is asked of the picture, in document order; `except` may ask for something else. */
  edits(picture: Picture, except?: PictureEditor, instead?: Edit): Edit[] {
    return [...this.#editors]
      .sort((a, b) => (follows(a, b) ? 1 : -1))
      .flatMap((editor) => (editor === except ? instead : editor.editOf(picture)) ?? []);
  }

  /** Tells every editor. */
  changed(): void {
    for (const editor of this.#editors) editor.pictureChanged();
  }
}

function follows(a: Node, b: Node): boolean {
  return (b.compareDocumentPosition(a) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}

const editables = new WeakMap<Element, Editable>();

/** Lets others edit the picture of `element`. */
export function letEdit(element: Element, editable: Editable): void {
  editables.set(element, editable);
}

/** How to edit the picture of an element; undefined where it cannot be. */
export function editableOf(element: Element): Editable | undefined {
  return editables.get(element);
}
