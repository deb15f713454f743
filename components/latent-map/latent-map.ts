import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {ref} from 'lit/directives/ref.js';
import type {ElementNeeds} from '../../src/controllers/consent.js';
import {MapController} from '../../src/controllers/map-controller.js';
import type {MapItem} from '../../src/controllers/map-pictures.js';
import {TargetController} from '../../src/controllers/target-controller.js';
import type {SignalOptions} from '../../src/controllers/to-blob.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {Projection} from '../../src/shared/map.js';
import {givenText} from '../internal/attributes.js';
import {LatentElement} from '../internal/latent-element.js';
import {renderConsent, renderError, renderProgress} from '../internal/stage.js';
import {mapStyles} from './latent-map.styles.js';
import type {MapView, PointDetail} from './map-view.js';

/** A place on a map, in the square that it fills: 0..1 from its left and from its top. */
export interface MapPosition {
  readonly x: number;
  readonly y: number;
}

/**
 * Draws items as a map where near means similar: those of a `<latent-search>`, or its own. What the
 * search finds lights up, and where a model decodes, one sees the picture that lies at any place.
 *
 * Drag to move and use the wheel or two fingers to zoom; where pictures lie between the items, drag to
 * see them, and hold Shift to move. Arrow keys lead from item to item, Enter chooses, `+`, `−` and `0`
 * zoom; with Shift, arrow keys go through what lies between. Methods wait for `ready`; on an element
 * outside of the document they do nothing and resolve to `undefined`.
 *
 * @example
 * ```html
 * <latent-search id="find" for="recipes"></latent-search>
 * <latent-map for="find"></latent-map>
 * ```
 *
 * @tag latent-map
 *
 * @csspart map - The map, a listbox.
 * @csspart canvas - What it is drawn on.
 * @csspart card - What is said of the item under the pointer.
 * @csspart picture - The picture that lies under the pointer, a canvas.
 * @csspart controls - The buttons.
 * @csspart table - The items as a table, which a button shows instead.
 *
 * @cssprop [--latent-map-ink=currentColor] - Colour of points that are in no cluster.
 * @cssprop [--latent-map-picture-size=8rem] - Size of the picture under the pointer.
 *
 * @fires {Event} change - The visitor has changed `selected`.
 * @fires {CustomEvent<SelectDetail>} latent-select - The visitor chooses an item: `{id, item}`. Cancel it,
 *   and nothing else happens; else it is selected, and its link opens.
 * @fires {CustomEvent<PointDetail>} latent-point - The visitor presses between items and sees what lies
 *   there: `{x, y, latent}`.
 */
export class LatentMap extends LatentElement {
  static override styles = [mapStyles];
  /** @internal */
  static override readonly needs: ElementNeeds = {
    model: 'words',
    parts: [],
    optional: ['textEncoder', 'imageEncoder', 'decoder'],
  };

  /** The id of a `<latent-search>`, whose items are drawn. */
  @property({attribute: 'for', converter: givenText}) htmlFor: string | undefined;

  /**
   * What is drawn, instead of what `for` names: texts and pictures, which `model` embeds or encodes
   * (default `words`, or the page's for pictures), or latents of one space.
   */
  @property({attribute: false}) items: readonly MapItem[] | undefined;

  /**
   * How vectors become places: `pca` (default) by the plane along which they differ most, `umap` by who
   * is near whom, which parts groups better and takes longer.
   */
  @property({converter: (text: string | null) => givenText(text) ?? 'pca'})
  projection: Projection = 'pca';

  /** The ids of the selected items. */
  @property({attribute: false}) selected: readonly string[] = [];

  /** Shows the items as a table instead. Default `false`. */
  @property({type: Boolean, reflect: true}) table = false;

  readonly #target = new TargetController(this, () => this.htmlFor);
  readonly #maps = new MapController(
    this,
    this.status,
    () => this.#target.target,
    () => {
      this.#view?.update();
      if (!this.#view) void this.#loadView();
    },
  );
  #view: MapView | undefined;
  #stage: Element | undefined;

  /** Where an item lies; undefined for one that is not on the map. */
  async positionOf(id: string, {signal}: SignalOptions = {}): Promise<MapPosition | undefined> {
    if (!this.isConnected) return undefined;
    const {items, positions} = await this.#maps.loaded(signal);
    const row = items.findIndex((item) => item.id === id);
    return row < 0 ? undefined : {x: positions[2 * row]!, y: positions[2 * row + 1]!};
  }

  /**
   * The latent that lies at a place of the square that the map fills (0..1); `unsupported` where no model
   * decodes what is on it.
   */
  async latentAt(x: number, y: number, {signal}: SignalOptions = {}): Promise<Latent | undefined> {
    if (!this.isConnected) return undefined;
    const map = await this.#maps.loaded(signal);
    return this.status.during(map.latentAt(x, y, {signal: this.#maps.until(signal)}));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#view?.disconnect();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.#stage) this.#view?.connect(this.#stage);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has('selected') || changed.has('table')) this.#view?.update();
  }

  protected override render(): TemplateResult {
    const {status, error} = this;
    const label =
      this.label === undefined || this.label === '' ? this.localize.term('map') : this.label;
    return html`
      <div class="frame">
        ${
          this.table
            ? nothing
            : html`<div class="stage" ${ref(this.#onStage)}>
                <canvas part="canvas" aria-hidden="true"></canvas>
                ${this.#view?.renderMap(label) ?? nothing}
              </div>`
        }
        ${this.#view?.renderOver(label) ?? nothing} ${renderConsent(this, status)}
        ${this.state === 'loading' ? renderProgress(this, status.progress?.ratio) : nothing}
        ${error ? renderError(this, error, this.#maps.retry) : nothing}
      </div>
    `;
  }

  async #loadView(): Promise<void> {
    // Drawing and zooming come with the first map that has something to draw.
    const {MapView: View} = await import('./map-view.js');
    if (this.#view) return;
    this.#view = new View(this, this.#maps);
    if (this.#stage && this.isConnected) this.#view.connect(this.#stage);
    this.requestUpdate();
  }

  readonly #onStage = (stage: Element | undefined): void => {
    this.#stage = stage;
    if (stage) this.#view?.connect(stage);
    else this.#view?.disconnect();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-map': LatentMap;
  }
  interface HTMLElementEventMap {
    'latent-point': CustomEvent<PointDetail>;
  }
}
