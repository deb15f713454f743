import type {Meta, StoryObj} from '@storybook/web-components-vite';
import {html, type TemplateResult} from 'lit';
import {ifDefined} from 'lit/directives/if-defined.js';

interface Args {
  src: string;
  direction: string;
  model: string;
  value: number;
  min: number;
  max: number;
  step: number;
  strip: number;
  reconstruct: boolean;
  disabled: boolean;
  label: string;
}

type Story = StoryObj<Partial<Args>>;

const WIDTH = 'inline-size: 20rem';

const meta: Meta<Partial<Args>> = {
  title: 'latent-slider',
  component: 'latent-slider',
  args: {src: 'assets/autumn.jpg', direction: 'warmth'},
  render: (args) => html`
    <latent-slider
      style=${WIDTH}
      src=${ifDefined(args.src)}
      direction=${ifDefined(args.direction)}
      model=${ifDefined(args.model)}
      value=${ifDefined(args.value)}
      min=${ifDefined(args.min)}
      max=${ifDefined(args.max)}
      step=${ifDefined(args.step)}
      strip=${ifDefined(args.strip)}
      label=${ifDefined(args.label)}
      ?reconstruct=${args.reconstruct}
      ?disabled=${args.disabled}
    ></latent-slider>
  `,
};

export default meta;

/** A picture and a direction. At 0 it is the picture itself, pixel for pixel. */
export const Photo: Story = {};

/** Moved: the picture plus the decoded difference, so that nothing gets softer. */
export const Moved: Story = {args: {value: 2}};

/** A face of the model's own, more and less of a smile. */
export const Smile: Story = {
  args: {model: 'avatars', src: 'seed:15', direction: 'smile', value: 2},
};

/** The same face drawn by another hand: style is a direction, too. It goes one way only. */
export const Style: Story = {
  args: {model: 'avatars', src: 'seed:15', direction: 'style-toon-head', min: 0, value: 2},
};

/** Four sliders for one portrait. What they do adds up, in whatever order they are moved. */
export const FourSliders: Story = {
  render: () => html`
    <div style="display: grid; gap: 0.75rem; ${WIDTH}">
      <latent-image id="portrait" model="avatars" src="seed:15" label="A drawn face"></latent-image>
      <latent-slider for="portrait" direction="smile" value="2"></latent-slider>
      <latent-slider for="portrait" direction="glasses" value="2"></latent-slider>
      <latent-slider for="portrait" direction="hair"></latent-slider>
      <latent-slider for="portrait" direction="grey"></latent-slider>
    </div>
  `,
};

/** The same for a photograph. */
export const PhotoSliders: Story = {
  render: () => html`
    <div style="display: grid; gap: 0.75rem; inline-size: 24rem">
      <latent-image id="mountains" src="assets/summer.jpg" label="Snow fields"></latent-image>
      ${['brightness', 'contrast', 'saturation', 'warmth'].map(
        (direction) => html`<latent-slider for="mountains" direction=${direction}></latent-slider>`,
      )}
    </div>
  `,
};

const styles = [
  ...['cinematic', 'vintage', 'painting', 'sketch', 'watercolour'],
  ...['night', 'golden-hour', 'haze', 'bokeh'],
];

/** A style: at 0 the photograph itself, at 1 natural, at 2 plainly the style. */
export const Painting: Story = {
  args: {src: 'assets/summer.jpg', direction: 'painting', min: 0, value: 2},
};

/** Every style of `photos` for one photograph; they add up. */
export const Styles: Story = {
  render: () => html`
    <div style="display: grid; gap: 0.75rem; inline-size: 24rem">
      <latent-image id="styled" src="assets/summer.jpg" label="Snow fields"></latent-image>
      ${styles.map(
        (direction) =>
          html`<latent-slider for="styled" direction=${direction} min="0"></latent-slider>`,
      )}
    </div>
  `,
};

const examples = (slot: string, names: readonly string[], type = 'jpg'): TemplateResult[] =>
  names.map((name) => html`<img slot=${slot} src="assets/${name}.${type}" alt="" />`);

const faces = (kind: string): string[] =>
  [1, 2, 3, 4, 5, 6].map((number) => `faces/${kind}-${number}`);

/**
 * Four pictures teach a direction, in the page: two of what it leads to, two of what it leads away
 * from. So few cannot tell how far they can be trusted, and the element says so.
 */
export const FourPicturesTeach: Story = {
  render: () => html`
    <latent-slider model="avatars" src="seed:15" value="2" label="Glasses" style=${WIDTH}>
      ${examples('negative', faces('plain').slice(0, 2), 'webp')}
      ${examples('positive', faces('glasses').slice(0, 2), 'webp')}
    </latent-slider>
  `,
};

/** Photographs that differ in everything teach nothing, which is said, too. */
export const NothingToLearn: Story = {
  render: () => html`
    <latent-slider src="assets/dandelion.jpg" value="1" label="Golden" style=${WIDTH}>
      ${examples('negative', ['summer', 'alps', 'boats'])}
      ${examples('positive', ['autumn', 'sunset', 'leek'])}
    </latent-slider>
  `,
};

/** More pictures teach better, and best the same ones twice: here six faces, with glasses and without. */
export const FacesTeach: Story = {
  render: () => html`
    <latent-slider model="avatars" src="seed:15" value="2" label="Glasses" style=${WIDTH}>
      ${examples('negative', faces('plain'), 'webp')}
      ${examples('positive', faces('glasses'), 'webp')}
    </latent-slider>
  `,
};

/** Whole steps; with five frames above them. */
export const Steps: Story = {args: {min: -2, max: 2, step: 1, strip: 5, value: -1}};

/** Without the strip. */
export const NoStrip: Story = {args: {strip: 0}};

/** Pure decodes: only what went through the latent. */
export const Reconstruct: Story = {args: {reconstruct: true}};

/** Named by a label of the page, which focuses it. */
export const Labelled: Story = {
  render: () => html`
    <form>
      <label for="warm">How warm should it be?</label><br />
      <latent-slider
        id="warm"
        name="warmth"
        src="assets/autumn.jpg"
        direction="warmth"
        style=${WIDTH}
      ></latent-slider>
    </form>
  `,
};

/** Nobody may move it. */
export const Disabled: Story = {args: {value: 1, disabled: true}};

/** While the model comes; it can be moved meanwhile. */
export const Loading: Story = {args: {model: 'never/pack.json'}};

/** It has a picture, and waits to be told where to go. */
export const NoDirection: Story = {
  render: () => html`<latent-slider src="assets/leek.jpg" style=${WIDTH}></latent-slider>`,
};

/** A direction that the model does not know: the message lists those that it does. */
export const ErrorDirection: Story = {args: {direction: 'smile'}};

/** A picture that is not there. */
export const ErrorNotFound: Story = {args: {src: 'assets/no-such-picture.jpg'}};

/** Examples of one kind alone. */
export const ErrorOneKind: Story = {
  render: () => html`
    <latent-slider src="assets/leek.jpg" style=${WIDTH}>
      ${examples('positive', ['autumn', 'sunset'])}
    </latent-slider>
  `,
};

/** The image is not there (yet): it connects as soon as one comes. */
export const ErrorFor: Story = {
  render: () =>
    html`<latent-slider for="nothing" direction="warmth" style=${WIDTH}></latent-slider>`,
};

/** From right to left. */
export const RightToLeft: Story = {
  args: {value: -1},
  decorators: [(story) => html`<div dir="rtl">${story()}</div>`],
};

/** On a dark page. */
export const Dark: Story = {args: {value: 1}, globals: {scheme: 'dark'}};

/** A label that does not fit onto a line, in a narrow place. */
export const LongLabel: Story = {
  args: {label: 'How much warmer the light of this autumn afternoon should be', value: 1},
  decorators: [(story) => html`<div style="inline-size: 12rem">${story()}</div>`],
};

/** Its own colours and sizes. */
export const Styled: Story = {
  args: {value: 1},
  decorators: [
    (story) => html`
      <div style="--latent-accent: #b4442f; --latent-radius: 1.5rem; --latent-control-size: 3rem">
        ${story()}
      </div>
    `,
  ],
};
