import {LatestRun} from '../../src/controllers/latest-run.js';
import type {LoadedMap} from '../../src/controllers/load-map.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {MapLens, Place} from './map-lens.js';
import type {TrailStop} from './map-painter.js';

/** CSS pixels between two pictures of a trail. */
const TRAIL_STEP = 58;
const MAX_TRAIL = 24;
/** A picture that somebody waits for comes before those of items. */
const PRIORITY = 1;

/** What a probe looks at, and who hears of it. */
export interface ProbeHost {
  readonly map: () => LoadedMap | undefined;
  readonly lens: MapLens;
  /** Aborts when the element is gone. */
  readonly signal: () => AbortSignal;
  /** Settles when the canvas for the picture is there. */
  readonly rendered: () => Promise<unknown>;
  readonly point: (place: Place, latent: Latent) => void;
  readonly changed: () => void;
}

/** Looks at what lies between the items, the newest place first, and keeps a trail of pictures. */
export class MapProbe {
  readonly #host: ProbeHost;
  readonly #run = new LatestRun(() => this.#show());
  #place: Place | undefined;
  #trail: TrailStop[] = [];
  #canvas: HTMLCanvasElement | undefined;

  constructor(host: ProbeHost) {
    this.#host = host;
  }

  /** In the square of the map; undefined while it looks at nothing. */
  get place(): Place | undefined {
    return this.#place;
  }

  get trail(): readonly TrailStop[] {
    return this.#trail;
  }

  /** Where the picture is shown; a `ref` callback. */
  readonly attach = (canvas: Element | undefined): void => {
    this.#canvas = canvas as HTMLCanvasElement | undefined;
  };

  /** Looks at a place from now on. */
  look(place: Place): void {
    this.#place = place;
    this.#host.changed();
    this.#run.request().catch(() => {
      // Nothing decodes here, or the model is gone, which the next load says.
      this.#place = undefined;
      this.#host.changed();
    });
  }

  /** Begins another trail. */
  clearTrail(): void {
    for (const {image} of this.#trail) image.close();
    this.#trail = [];
  }

  /** Looks at nothing any more. */
  leave(): void {
    this.#place = undefined;
    this.clearTrail();
    this.#host.changed();
  }

  async #show(): Promise<void> {
    const {map: current, signal, point, rendered} = this.#host;
    const [map, place] = [current(), this.#place];
    if (!map?.pictures || !place) return;
    const options = {signal: signal(), priority: PRIORITY};
    const latent = await map.latentAt(place.x, place.y, options);
    if (map !== current()) return;
    point(place, latent);
    const image = await map.pictures.decode(latent, options);
    await rendered();
    const canvas = this.#canvas;
    if (canvas) {
      [canvas.width, canvas.height] = [image.width, image.height];
      canvas.getContext('2d')!.drawImage(image, 0, 0);
    }
    this.#keep({...place, image});
  }

  // A picture of every so many pixels stays, so that a way can be seen at once.
  #keep(stop: TrailStop): void {
    const {lens, changed} = this.#host;
    const last = this.#trail.at(-1);
    const [here, there] = [lens.toScreen(stop), last && lens.toScreen(last)];
    const isFar = !there || Math.hypot(here.x - there.x, here.y - there.y) >= TRAIL_STEP;
    if (!this.#place || !isFar) {
      stop.image.close();
      return;
    }
    this.#trail.push(stop);
    if (this.#trail.length > MAX_TRAIL) this.#trail.shift()!.image.close();
    changed();
  }
}
