import type {Meta, StoryObj} from '@storybook/web-components-vite';
import {html} from 'lit';
import {ifDefined} from 'lit/directives/if-defined.js';
import {createRef, ref} from 'lit/directives/ref.js';
import type {LatentSearch} from '../components/latent-search/latent-search.js';
import type {SearchItem} from '../src/search/types.js';
import {PRODUCTS} from './products.js';
import './latent-search.stories.css';

interface Args {
  query: string;
  placeholder: string;
  label: string;
  limit: number;
  model: string;
  index: string;
  disabled: boolean;
}

/** Made by `latent-elements index` when these stories are built. */
const DOCS = 'docs-site/docs.latents';

const ITEMS: readonly SearchItem[] = PRODUCTS.map(({name, about, price}) => ({
  id: name,
  title: name,
  text: about,
  price,
}));

type Story = StoryObj<Partial<Args>>;

const meta: Meta<Partial<Args>> = {
  title: 'latent-search',
  component: 'latent-search',
  decorators: [(story) => html`<div class="search-story">${story()}</div>`],
  render: (args) => html`
    <latent-search
      query=${ifDefined(args.query)}
      placeholder=${ifDefined(args.placeholder)}
      label=${ifDefined(args.label)}
      limit=${ifDefined(args.limit)}
      model=${ifDefined(args.model)}
      index=${ifDefined(args.index)}
      ?disabled=${args.disabled}
      .items=${args.index === undefined ? ITEMS : undefined}
    ></latent-search>
  `,
};

export default meta;

/**
 * The documentation of this project: a folder of HTML pages, whose index the command line made. A result
 * leads to its heading.
 */
export const Documentation: Story = {
  args: {index: DOCS, query: 'what happens while I drag', placeholder: 'Search the docs'},
};

/** Nothing typed yet. */
export const Empty: Story = {args: {index: DOCS, placeholder: 'Search the docs'}};

/** A list that is in the page anyway: only what is found stays, the nearest first. */
export const Products: Story = {
  args: {query: 'something warm for my feet', limit: 6},
  render: ({query, limit}) => html`
    <latent-search
      for="products"
      filter
      query=${ifDefined(query)}
      limit=${ifDefined(limit)}
      placeholder="Search 30 products"
    ></latent-search>
    <ul id="products" class="products">
      ${PRODUCTS.map(
        ({name, about, price}) =>
          html`<li><b>${name}</b> <span>${about}</span> <i>${price}</i></li>`,
      )}
    </ul>
  `,
};

const PICTURES = [
  ['alps', 'Peaks above a green valley'],
  ['leek', 'The round flower of a leek'],
  ['autumn', 'Golden larches below a ridge'],
  ['acanthus', 'An acanthus in bud'],
  ['boats', 'Boats in a harbour'],
  ['summer', 'Snow fields above a summer meadow'],
  ['dandelion', 'The clock of a dandelion'],
  ['canyon', 'Red rocks of a canyon'],
  ['sunset', 'Sunset over hills'],
];

/**
 * Pictures, found by the words of their captions, or by how they look: drag one of them onto the field,
 * drop or paste a picture of your own, or ask for more like one.
 */
export const Pictures: Story = {
  render: () => {
    const search = createRef<LatentSearch>();
    const order = async (id: string, list: HTMLElement): Promise<void> => {
      const alike = (await search.value?.similarTo(id)) ?? [];
      const ranks = new Map(alike.map((result, place) => [result.id, place + 1]));
      for (const item of list.querySelectorAll<HTMLElement>('li')) {
        item.style.order = String(ranks.get(item.id) ?? 0);
      }
    };
    const more = (event: Event): void => {
      const item = (event.target as HTMLElement).closest('li')!;
      void order(item.id, item.parentElement!).catch(() => undefined);
    };
    return html`
      <latent-search
        ${ref(search)}
        for="pictures"
        model="photos"
        filter
        loading="eager"
        placeholder="A word, or a picture dropped here"
      ></latent-search>
      <ul id="pictures" class="pictures">
        ${PICTURES.map(
          ([id, caption]) =>
            html`<li id=${ifDefined(id)}>
              <img src="assets/${id}.jpg" alt="" />
              <span>${caption}</span>
              <button @click=${more}>More like this</button>
            </li>`,
        )}
      </ul>
    `;
  },
};

/** The author's own template of a result. */
export const Template: Story = {
  args: {query: 'camping in the woods'},
  render: ({query}) => html`
    <latent-search query=${ifDefined(query)} limit="5" .items=${ITEMS}>
      <template slot="result">
        <style>
          .offer {
            display: grid;
            grid-template-columns: 1fr auto;
            column-gap: 1rem;
          }
        </style>
        <div class="offer">
          <b data-field="title"></b><span data-field="price"></span>
          <small data-field="text"></small>
        </div>
      </template>
    </latent-search>
  `,
};

/** Below every article those that are most like it. */
export const Similar: Story = {
  render: () => {
    const search = createRef<LatentSearch>();
    const show = async (id: string, into: HTMLElement): Promise<void> => {
      const alike = (await search.value?.similarTo(id, {limit: 3}).catch(() => undefined)) ?? [];
      into.replaceChildren(...alike.map(({item}) => listItem(item)));
    };
    const shown = ['Two-person tent', 'Espresso maker', 'Picture book'];
    return html`
      <latent-search ${ref(search)} hidden loading="eager" .items=${ITEMS}></latent-search>
      <div class="columns">
        ${shown.map(
          (id) =>
            html`<section>
              <h3>${id}</h3>
              <p>Others like it:</p>
              <ul
                ${ref((list) => list && setTimeout(() => void show(id, list as HTMLElement)))}
              ></ul>
            </section>`,
        )}
      </div>
    `;
  },
};

const TICKETS = [
  'I cannot log in to my account',
  'Where is my parcel?',
  'The app crashes when I open a photo',
  'I can’t log into my account any more',
  'My package has not arrived yet, where is it?',
  'How do I cancel my subscription?',
  'Opening a photo crashes the app',
  'Please send me an invoice',
];

/** Tickets that say the same, found before anybody answers twice. */
export const Duplicates: Story = {
  render: () => {
    const search = createRef<LatentSearch>();
    const groups = createRef<HTMLElement>();
    const show = async (): Promise<void> => {
      const found = (await search.value?.duplicates({threshold: 0.8})) ?? [];
      groups.value?.replaceChildren(
        ...found.map((ids) => {
          const list = document.createElement('ul');
          list.append(...ids.map((id) => listItem({id, text: id})));
          return list;
        }),
      );
    };
    setTimeout(() => void show().catch(() => undefined));
    return html`
      <latent-search
        ${ref(search)}
        hidden
        loading="eager"
        .items=${TICKETS.map((text) => ({id: text, text}))}
      ></latent-search>
      <div class="columns">
        <section>
          <h3>Tickets</h3>
          <ul>
            ${TICKETS.map((text) => html`<li>${text}</li>`)}
          </ul>
        </section>
        <section>
          <h3>Nearly the same</h3>
          <div ${ref(groups)}></div>
        </section>
      </div>
    `;
  },
};

const DEPARTMENTS = [
  'delivery and shipping',
  'payment and invoices',
  'technical problem',
  'job application',
];

/** Which department a message is for, by nothing but the names of the departments. */
export const Classify: Story = {
  render: () => {
    const search = createRef<LatentSearch>();
    const output = createRef<HTMLElement>();
    const sort = async (text: string): Promise<void> => {
      const scores = text.trim() ? ((await search.value?.classify(text, DEPARTMENTS)) ?? []) : [];
      output.value?.replaceChildren(
        ...scores.map(({label, score}) => {
          const meter = document.createElement('label');
          const bar = document.createElement('meter');
          bar.value = Math.max(0, score);
          meter.append(label, bar);
          return meter;
        }),
      );
    };
    const first = 'The courier left my parcel at the wrong address.';
    setTimeout(() => void sort(first).catch(() => undefined));
    return html`
      <latent-search ${ref(search)} hidden loading="eager" .items=${[]}></latent-search>
      <label class="message">
        Message
        <textarea
          rows="3"
          .value=${first}
          @input=${(event: Event) => void sort((event.target as HTMLTextAreaElement).value)}
        ></textarea>
      </label>
      <div class="meters" ${ref(output)}></div>
    `;
  },
};

/** Words answer while the model is on its way. */
export const Loading: Story = {args: {model: 'never/pack.json', query: 'warm'}};

/** The model is not there: words still find. */
export const ErrorNoModel: Story = {args: {model: 'no-such-model', query: 'warm'}};

/** An index that is not there. */
export const ErrorNoIndex: Story = {args: {index: 'no-such-file.latents', query: 'canvas'}};

/** Not to be used. */
export const Disabled: Story = {args: {disabled: true, placeholder: 'Search the docs'}};

/** From right to left. */
export const RightToLeft: Story = {
  args: {index: DOCS, query: 'canvas', limit: 4},
  decorators: [(story) => html`<div dir="rtl">${story()}</div>`],
};

/** On a dark page. */
export const Dark: Story = {
  args: {index: DOCS, query: 'share one worker'},
  globals: {scheme: 'dark'},
};

function listItem({title, text, id}: SearchItem): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = title ?? text ?? id;
  return item;
}
