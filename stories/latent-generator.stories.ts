import type {Meta, StoryObj} from '@storybook/web-components-vite';
import {html, type TemplateResult} from 'lit';
import {ifDefined} from 'lit/directives/if-defined.js';
import {createRef, type Ref, ref} from 'lit/directives/ref.js';
import type {LatentGenerator} from '../components/latent-generator/latent-generator.js';
import type {LatentImage} from '../components/latent-image/latent-image.js';
import type {LatentInterpolator} from '../components/latent-interpolator/latent-interpolator.js';

interface Args {
  prompt: string;
  negativePrompt: string;
  seed: number;
  steps: number;
  guidanceScale: number;
  src: string;
  strength: number;
  model: string;
  live: boolean;
  autoplay: boolean;
  controls: boolean;
  disabled: boolean;
  label: string;
}

type Story = StoryObj<Partial<Args>>;

const WIDTH = 'inline-size: 20rem';
const THREE =
  'display: grid; grid-template-columns: repeat(3, minmax(0, 13rem)); gap: 1rem; align-items: start';

const generator = (args: Partial<Args>, at?: Ref<LatentGenerator>): TemplateResult => html`
  <latent-generator
    style=${WIDTH}
    prompt=${ifDefined(args.prompt)}
    negative-prompt=${ifDefined(args.negativePrompt)}
    seed=${ifDefined(args.seed)}
    steps=${ifDefined(args.steps)}
    guidance-scale=${ifDefined(args.guidanceScale)}
    src=${ifDefined(args.src)}
    strength=${ifDefined(args.strength)}
    model=${ifDefined(args.model)}
    label=${ifDefined(args.label)}
    ?live=${args.live}
    ?autoplay=${args.autoplay}
    ?controls=${args.controls}
    ?disabled=${args.disabled}
    ${ref(at)}
  ></latent-generator>
`;

const meta: Meta<Partial<Args>> = {
  title: 'latent-generator',
  component: 'latent-generator',
  render: (args) => generator(args),
};

export default meta;

/** Nothing but a number: the face that is its. */
export const Seed: Story = {args: {seed: 7}};

/** What it should show, in words. The model knows some by heart, and others by what they mean. */
export const Prompt: Story = {args: {seed: 7, prompt: 'smiling, round spectacles, long red hair'}};

/** What it should not show. */
export const NegativePrompt: Story = {
  args: {seed: 7, prompt: 'smiling', negativePrompt: 'glasses, beard'},
};

/** Prompt, seed, variations, and chips that say what this small model knows. */
export const Controls: Story = {args: {seed: 7, prompt: 'smiling, glasses', controls: true}};

/** Its words are those of the nearest `lang`, for which the page gave a table: `configure({strings: de})`. */
export const German: Story = {
  args: {seed: 7, prompt: 'smiling, glasses', controls: true, live: true},
  decorators: [(story) => html`<div lang="de">${story()}</div>`],
};

/** Drag on the face, or use the arrow keys; a double click or Escape leads back. */
export const Live: Story = {args: {seed: 21, live: true, controls: true}};

/** It walks by itself, on and on. */
export const Autoplay: Story = {args: {seed: 21, autoplay: true, live: true, controls: true}};

/** An image to begin with, half of which is made anew. */
export const ImageToImage: Story = {
  args: {src: 'seed:15', seed: 3, strength: 0.7, prompt: 'sunglasses', controls: true},
};

/** The neighbours of an image, to choose from. */
export const Vary: Story = {
  render: () => {
    const at = createRef<LatentGenerator>();
    // After this render the element is there.
    setTimeout(() => {
      void at.value?.updateComplete.then(() => {
        at.value?.shadowRoot?.querySelector<HTMLElement>('[part=vary-button]')?.click();
      });
    });
    return generator({seed: 7, prompt: 'smiling', controls: true}, at);
  },
};

const sheet = (
  rows: readonly Partial<Args>[],
  columns: readonly Partial<Args>[],
): TemplateResult => {
  const titleOf = (args: Partial<Args>): string => Object.values(args).join(' ') || 'nothing asked';
  return html`
    <table style="border-spacing: 0.25rem; font: 0.75rem system-ui">
      <tr>
        <td></td>
        ${columns.map((column) => html`<th scope="col">${titleOf(column)}</th>`)}
      </tr>
      ${rows.map(
        (row) =>
          html`<tr>
            <th scope="row" style="inline-size: 7rem; text-align: start">${titleOf(row)}</th>
            ${columns.map((column) => {
              const {prompt, seed, steps} = {...row, ...column};
              return html`<td>
                <latent-generator
                  style="inline-size: 4.75rem; aspect-ratio: 1; --latent-placeholder-size: 4.75rem"
                  prompt=${ifDefined(prompt)}
                  seed=${ifDefined(seed)}
                  steps=${ifDefined(steps)}
                ></latent-generator>
              </td>`;
            })}
          </tr>`,
      )}
    </table>
  `;
};

const SEEDS = [1, 2, 3, 4, 5, 6];

/** Contact sheet: what more steps do. One is enough for a face, four for a good one. */
export const SeedsBySteps: Story = {
  render: () =>
    sheet(
      [1, 2, 4, 8, 32].map((steps) => ({steps})),
      SEEDS.map((seed) => ({seed})),
    ),
};

/** Contact sheet: the same seeds, asked for other things. */
export const PromptsBySeeds: Story = {
  render: () =>
    sheet(
      [
        '',
        'smiling',
        'sad, bald',
        'spectacles',
        'long red hair',
        'bearded old man',
        'cartoon, blue background',
        'no glasses, no beard',
      ].map((prompt) => ({prompt})),
      SEEDS.map((seed) => ({seed})),
    ),
};

/** Its latent goes on: to an image that sliders edit, and to a morph. */
export const Onward: Story = {
  render: () => {
    const face = createRef<LatentGenerator>();
    const image = createRef<LatentImage>();
    const morph = createRef<LatentInterpolator>();
    const pass = (): void => {
      const latent = face.value?.latent;
      if (!latent || !image.value || !morph.value) return;
      image.value.latent = latent;
      morph.value.keyframes = [latent, 'seed:15'];
    };
    return html`
      <div style=${THREE}>
        <latent-generator
          seed="7"
          prompt="smiling"
          live
          @latent-image=${pass}
          ${ref(face)}
        ></latent-generator>
        <div>
          <latent-image
            style="inline-size: 100%"
            id="onward"
            model="avatars"
            label="The same face"
            ${ref(image)}
          ></latent-image>
          <latent-slider for="onward" direction="glasses" value="2"></latent-slider>
        </div>
        <latent-interpolator model="avatars" controls ${ref(morph)}></latent-interpolator>
      </div>
    `;
  },
};

/** Nobody may change it. */
export const Disabled: Story = {args: {seed: 7, controls: true, live: true, disabled: true}};

/** While the model comes: one can give up. */
export const Loading: Story = {args: {model: 'never/pack.json', controls: true}};

/** A pack that makes no images says which parts it has. */
export const ErrorNoDenoiser: Story = {args: {model: 'photos'}};

/** A seed that is none: what is wrong, and what would be right. */
export const ErrorSeed: Story = {args: {seed: -1, controls: true}};

/** A picture that is not there. */
export const ErrorNotFound: Story = {args: {src: 'assets/no-such-picture.jpg'}};

/** In a narrow place. */
export const Narrow: Story = {
  args: {seed: 7, prompt: 'smiling', controls: true, live: true},
  decorators: [(story) => html`<div style="inline-size: 11rem">${story()}</div>`],
};

/** From right to left. */
export const RightToLeft: Story = {
  args: {seed: 7, prompt: 'smiling', controls: true, live: true},
  decorators: [(story) => html`<div dir="rtl">${story()}</div>`],
};

/** On a dark page. */
export const Dark: Story = {
  args: {seed: 7, prompt: 'smiling', controls: true, live: true},
  globals: {scheme: 'dark'},
};

/** Its own colours and sizes. */
export const Styled: Story = {
  args: {seed: 7, controls: true, live: true},
  decorators: [
    (story) => html`
      <div
        style="--latent-accent: #b4442f; --latent-radius: 1.5rem; --latent-control-size: 2.75rem"
      >
        ${story()}
      </div>
    `,
  ],
};
