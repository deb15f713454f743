import type {Meta, StoryObj} from '@storybook/web-components-vite';
import {html, type TemplateResult} from 'lit';
import {ifDefined} from 'lit/directives/if-defined.js';

interface Args {
  from: string;
  to: string;
  model: string;
  value: number;
  interpolation: 'morph' | 'lerp' | 'slerp';
  pairs: string;
  reconstruct: boolean;
  strength: number;
  steps: number;
  seed: number;
  autoplay: boolean;
  loop: boolean;
  duration: number;
  controls: boolean;
  disabled: boolean;
  label: string;
}

type Story = StoryObj<Partial<Args>>;

const morph = (args: Partial<Args>): TemplateResult => html`
  <latent-interpolator
    from=${ifDefined(args.from)}
    to=${ifDefined(args.to)}
    model=${ifDefined(args.model)}
    value=${ifDefined(args.value)}
    interpolation=${ifDefined(args.interpolation)}
    pairs=${ifDefined(args.pairs)}
    strength=${ifDefined(args.strength)}
    steps=${ifDefined(args.steps)}
    seed=${ifDefined(args.seed)}
    duration=${ifDefined(args.duration)}
    label=${ifDefined(args.label)}
    ?reconstruct=${args.reconstruct}
    ?autoplay=${args.autoplay}
    ?loop=${args.loop}
    ?controls=${args.controls}
    ?disabled=${args.disabled}
  ></latent-interpolator>
`;

/** Two faces unlike each other, half-way. */
const FACES: Partial<Args> = {
  model: 'avatars',
  from: 'seed:51',
  to: 'seed:15',
  controls: true,
};

const meta: Meta<Partial<Args>> = {
  title: 'latent-interpolator',
  component: 'latent-interpolator',
  args: {from: 'assets/summer.jpg', to: 'assets/autumn.jpg'},
  render: morph,
};

export default meta;

/** Two pictures and nothing else: the frame halfway. */
export const TwoPhotos: Story = {};

/** Points of one picture that must meet points of the other: the foot and the top of the stem. */
export const WithPoints: Story = {
  args: {
    from: 'assets/leek.jpg',
    to: 'assets/acanthus.jpg',
    pairs: '[{"from": [0.54, 0.98], "to": [0.5, 0.98]}, {"from": [0.54, 0.1], "to": [0.5, 0.08]}]',
    controls: true,
  },
};

/** Shapes that travel, beside the straight line in latent space, which is a cross-fade. */
export const LineBesideMorph: Story = {
  render: (args) => html`
    <div style="display: flex; flex-wrap: wrap; gap: 1rem">
      ${(['morph', 'lerp'] as const).map(
        (interpolation) => html`
          <figure style="margin: 0; inline-size: 22rem; max-inline-size: 100%">
            ${morph({...args, interpolation, controls: true})}
            <figcaption>${interpolation}</figcaption>
          </figure>
        `,
      )}
    </div>
  `,
};

/** A slider and a play button below the picture. */
export const Controls: Story = {args: {controls: true}};

/** At its ends the picture is the source itself, pixel for pixel. */
export const AtTheStart: Story = {args: {controls: true, value: 0}};

/** Two drawn faces, from pictures of the pack's own samples. */
export const Avatars: Story = {args: FACES};

/** Samples of the model's own space, along the arc around the origin. */
export const Slerp: Story = {
  args: {model: 'avatars', from: 'seed:5', to: 'seed:8', interpolation: 'slerp', controls: true},
};

/** In-between faces made real again: noised and denoised, most half-way, not at all at the ends. */
export const Repaired: Story = {
  args: {...FACES, strength: 0.6, steps: 1},
};

/** The straight line, which shows both faces at once half-way, beside the same line repaired. */
export const WithoutAndWithRepair: Story = {
  args: FACES,
  render: (args) => html`
    <div style="display: flex; flex-wrap: wrap; gap: 1rem">
      ${[0, 0.6].map(
        (strength) => html`
          <figure style="margin: 0; inline-size: 16rem; max-inline-size: 100%">
            ${morph({...args, strength, steps: 1})}
            <figcaption>strength ${strength}</figcaption>
          </figure>
        `,
      )}
    </div>
  `,
};

/** Pictures in the slot are keyframes, evenly spaced; they win over `from` and `to`. */
export const SlottedKeyframes: Story = {
  args: {controls: true, value: 0.25},
  render: ({controls, value}) => html`
    <latent-interpolator value=${ifDefined(value)} ?controls=${controls}>
      <img src="assets/summer.jpg" alt="Snow fields above a summer meadow" />
      <img src="assets/autumn.jpg" alt="Golden larches below a ridge" />
      <img src="assets/sunset.jpg" alt="Sunset over hills" />
    </latent-interpolator>
  `,
};

/** Upright pictures keep their shape. */
export const Portrait: Story = {
  args: {from: 'assets/leek.jpg', to: 'assets/acanthus.jpg', controls: true},
};

/** Plays there and back, unless the visitor prefers reduced motion; stops off-screen. */
export const AutoplayAndLoop: Story = {
  args: {autoplay: true, loop: true, controls: true, value: 0, duration: 3000},
};

/** Pure decodes: nothing of what the model could not keep is carried along. */
export const Reconstruct: Story = {args: {reconstruct: true, controls: true, value: 0}};

/** Takes no input and does not play by itself. */
export const Disabled: Story = {args: {disabled: true, controls: true}};

/** A picture that is not there: said once, in words, with a way to try again where that can help. */
export const ErrorNotFound: Story = {args: {to: 'assets/no-such-picture.jpg', controls: true}};

/** `from` without `to`. */
export const ErrorOneImage: Story = {
  args: {controls: true},
  render: () => html`<latent-interpolator from="assets/summer.jpg"></latent-interpolator>`,
};

/** A repair by a model without a denoiser: the error names the parts that there are. */
export const ErrorUnsupported: Story = {args: {strength: 0.4}};

/** While the model comes, the bar tells how far it is. */
export const Loading: Story = {args: {model: 'never/pack.json'}};

/** A poster holds the place until the first frame. */
export const Poster: Story = {
  render: () => html`
    <latent-interpolator
      model="never/pack.json"
      from="assets/summer.jpg"
      to="assets/autumn.jpg"
      controls
    >
      <img slot="poster" src="assets/summer.jpg" alt="Snow fields above a summer meadow" />
    </latent-interpolator>
  `,
};

/** From right to left, the slider begins at the right. */
export const RightToLeft: Story = {
  args: {controls: true, value: 0.2},
  decorators: [(story) => html`<div dir="rtl">${story()}</div>`],
};

/** On a dark page. */
export const Dark: Story = {args: {controls: true}, globals: {scheme: 'dark'}};

/** Its own colours and corners. */
export const Styled: Story = {
  args: {controls: true},
  decorators: [
    (story) => html`
      <div style="--latent-accent: #b4442f; --latent-radius: 2rem; --latent-control-size: 3rem">
        ${story()}
      </div>
    `,
  ],
};

/** As narrow as its place. */
export const Narrow: Story = {
  args: {controls: true},
  decorators: [(story) => html`<div style="inline-size: 9rem">${story()}</div>`],
};
