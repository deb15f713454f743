import type {Meta, StoryObj} from '@storybook/web-components-vite';
import {html} from 'lit';
import {ifDefined} from 'lit/directives/if-defined.js';
import {createRef, ref} from 'lit/directives/ref.js';
import type {LatentImage} from '../components/latent-image/latent-image.js';
import type {LatentMap} from '../components/latent-map/latent-map.js';
import type {PointDetail} from '../components/latent-map/map-view.js';
import type {MapItem} from '../src/controllers/map-pictures.js';
import type {Projection} from '../src/shared/map.js';
import {PRODUCTS} from './products.js';

interface Args {
  model: string;
  projection: Projection;
  label: string;
  items: readonly MapItem[];
  selected: readonly string[];
  table: boolean;
  disabled: boolean;
}

type Story = StoryObj<Partial<Args>>;

/** Made by `latent-elements index` when these stories are built. */
const DOCS = 'docs-site/docs.latents';

/** Samples of the space of drawn faces. */
const FACES: readonly MapItem[] = Array.from({length: 256}, (_, seed) => ({
  id: `face ${String(seed)}`,
  image: `seed:${String(seed)}`,
}));

const ITEMS: readonly MapItem[] = PRODUCTS.map(({name, about}) => ({
  id: name,
  title: name,
  text: about,
}));

const meta: Meta<Partial<Args>> = {
  title: 'latent-map',
  component: 'latent-map',
  decorators: [(story) => html`<div style="max-inline-size: 60rem">${story()}</div>`],
  render: (args) => html`
    <latent-map
      model=${ifDefined(args.model)}
      projection=${ifDefined(args.projection)}
      label=${ifDefined(args.label)}
      ?table=${args.table}
      ?disabled=${args.disabled}
      .selected=${args.selected ?? []}
      .items=${args.items}
    ></latent-map>
  `,
};

export default meta;

/**
 * 256 drawn faces, alike ones near each other. Press anywhere and drag: at every place lies a picture,
 * which is decoded while you move. Hold Shift to move the map.
 */
export const Faces: Story = {
  args: {model: 'avatars', projection: 'umap', label: '256 drawn faces', items: FACES},
};

/** The same faces in the plane along which they differ most. */
export const FacesPlane: Story = {
  args: {model: 'avatars', label: '256 drawn faces', items: FACES},
};

/** The documentation of this project, as its search has it: what the search finds lights up. */
export const Documentation: Story = {
  args: {projection: 'umap'},
  render: ({projection}) => html`
    <latent-search
      id="docs-search"
      index=${DOCS}
      limit="12"
      placeholder="Search the docs"
    ></latent-search>
    <latent-map
      for="docs-search"
      projection=${ifDefined(projection)}
      label="The documentation of this project"
      style="margin-block-start: 0.75rem"
    ></latent-map>
  `,
};

const PHOTOS = [
  ['alps', 'Peaks above a green valley'],
  ['leek', 'The round flower of a leek'],
  ['autumn', 'Golden larches below a ridge'],
  ['acanthus', 'An acanthus in bud'],
  ['boats', 'Boats in a harbour'],
  ['summer', 'Snow fields above a summer meadow'],
  ['dandelion', 'The clock of a dandelion'],
  ['canyon', 'Red rocks of a canyon'],
  ['sunset', 'Sunset over hills'],
] as const;

/** A folder of photographs, by how they look. Press between two of them. */
export const Photos: Story = {
  args: {
    model: 'photos',
    label: 'Nine photographs',
    items: PHOTOS.map(([id, title]) => ({id, title, image: `assets/${id}.jpg`})),
  },
};

/** A list of products; words of their own name the groups. */
export const Products: Story = {
  args: {label: 'Products', items: ITEMS, selected: ['Teapot', 'Espresso maker']},
};

/** What lies at a place is a latent like any other: here it goes on to an image with a slider. */
export const Point: Story = {
  render: () => {
    const image = createRef<LatentImage>();
    const show = ({detail}: CustomEvent<PointDetail>): void => {
      if (image.value) image.value.latent = detail.latent;
    };
    return html`
      <div style="display: grid; grid-template-columns: 2fr 1fr; gap: 1rem; align-items: center">
        <latent-map
          model="avatars"
          label="64 drawn faces"
          .items=${FACES.slice(0, 64)}
          @latent-point=${show}
        ></latent-map>
        <div>
          <latent-image
            id="edited"
            model="avatars"
            label="The face there"
            ${ref(image)}
          ></latent-image>
          <latent-slider for="edited" direction="smile"></latent-slider>
        </div>
      </div>
    `;
  },
};

/** For those who cannot see a map, and for anybody who prefers a list. */
export const Table: Story = {args: {label: 'Products', items: ITEMS, table: true}};

/** 50 000 points of no meaning. */
export const Many: Story = {
  render: () => {
    const map = createRef<LatentMap>();
    setTimeout(() => {
      if (map.value) map.value.items = cloud(50_000);
    });
    return html`<latent-map label="50 000 points" ${ref(map)}></latent-map>`;
  },
};

/** Nothing to draw. */
export const Empty: Story = {args: {items: []}};

/** A search that is not there. */
export const ErrorNoSearch: Story = {
  render: () => html`<latent-map for="nowhere"></latent-map>`,
};

/** Not to be used. */
export const Disabled: Story = {args: {items: ITEMS, disabled: true}};

/** On a dark page. */
export const Dark: Story = {
  args: {model: 'avatars', projection: 'umap', label: '256 drawn faces', items: FACES},
  globals: {scheme: 'dark'},
};

// Seven heaps, the same every time.
function cloud(count: number): MapItem[] {
  let state = 7;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(uniform() + 1e-9)) * Math.cos(2 * Math.PI * uniform());
  const centres = Array.from({length: 7}, () => [normal() * 3, normal() * 3, normal() * 3]);
  return Array.from({length: count}, (_, i) => ({
    id: String(i),
    latent: {
      space: 'heaps',
      shape: [3],
      data: Float32Array.from(centres[i % 7]!, (value) => value + normal() * 0.7),
    },
  }));
}
