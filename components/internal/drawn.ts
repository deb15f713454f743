import {ref} from 'lit/directives/ref.js';

const shown = new WeakMap<Element, ImageBitmap>();

/** Draws an image on the canvas whose tag it stands in, at its own size. */
export function drawn(image: ImageBitmap): unknown {
  return ref((element) => {
    const canvas = element as HTMLCanvasElement | undefined;
    if (!canvas || shown.get(canvas) === image) return;
    shown.set(canvas, image);
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d')?.drawImage(image, 0, 0);
  });
}
