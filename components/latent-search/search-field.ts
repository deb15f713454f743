import {html, nothing, type TemplateResult} from 'lit';
import {live} from 'lit/directives/live.js';
import type {LocalizeController} from '../../src/controllers/localize-controller.js';
import {onServer} from '../../src/controllers/server.js';
import type {PictureQuery} from './picture-query.js';
import {optionId} from './results-list.js';

/** What the field shows, and whom it tells. */
export interface SearchField {
  readonly localize: LocalizeController;
  readonly query: string;
  readonly label: string;
  readonly placeholder: string | undefined;
  readonly disabled: boolean;
  readonly pictures: PictureQuery;
  /** Of the popup with the results; undefined where they are shown in the page. */
  readonly popup: {readonly open: boolean; readonly active: number | undefined} | undefined;
  readonly progress: TemplateResult | typeof nothing;
  readonly input: (event: Event) => void;
  readonly change: () => void;
  readonly keydown: (event: KeyboardEvent) => void;
  readonly focus: () => void;
  readonly blur: () => void;
  readonly removePicture: () => void;
}

/** The field: a text, or a picture that was dropped on it or pasted into it. */
export function renderField(field: SearchField): TemplateResult {
  const {popup, pictures, disabled} = field;
  return html`<div
    class="field ${pictures.dropping ? 'dropping' : ''}"
    @dragover=${pictures.dragOver}
    @dragleave=${pictures.dragLeave}
    @drop=${pictures.drop}
  >
    ${LENS} ${renderPicture(field)}
    <input
      part="input"
      type="search"
      autocomplete="off"
      spellcheck="false"
      enterkeyhint="search"
      dir="auto"
      role=${popup ? 'combobox' : nothing}
      aria-label=${field.label}
      aria-autocomplete=${popup ? 'list' : nothing}
      aria-haspopup=${popup ? 'listbox' : nothing}
      aria-expanded=${popup ? String(popup.open) : nothing}
      aria-controls=${popup ? 'list' : nothing}
      aria-activedescendant=${popup?.open && popup.active !== undefined ? optionId(popup.active) : nothing}
      placeholder=${field.placeholder ?? nothing}
      .value=${live(field.query)}
      ?disabled=${disabled}
      @input=${field.input}
      @change=${field.change}
      @keydown=${field.keydown}
      @paste=${pictures.paste}
      @focus=${field.focus}
      @blur=${field.blur}
    />
    ${field.progress}
  </div>`;
}

function renderPicture(field: SearchField): unknown {
  const {localize, pictures, disabled, removePicture} = field;
  const {picture} = pictures;
  if (!picture) return nothing;
  return html`<button
    class="picture"
    ?disabled=${disabled}
    aria-label=${localize.term('remove-picture')}
    @click=${removePicture}
  >
    <img src=${picture.url} alt="" />
  </button>`;
}

const LENS = onServer
  ? nothing
  : html`<svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      aria-hidden="true"
    >
      <circle cx="10.5" cy="10.5" r="6.5" />
      <path d="m15.5 15.5 5 5" stroke-linecap="round" />
    </svg>`;
