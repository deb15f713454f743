import type {Meta, StoryObj} from '@storybook/web-components-vite';
import {html} from 'lit';
import {ifDefined} from 'lit/directives/if-defined.js';
import {createRef, type Ref, ref} from 'lit/directives/ref.js';
import type {LatentImage} from '../components/latent-image/latent-image.js';
import type {LatentSlider} from '../components/latent-slider/latent-slider.js';
import {add, average, subtract} from '../src/core/index.js';

interface Args {
  src: string;
  seed: number;
  model: string;
  label: string;
}

type Story = StoryObj<Partial<Args>>;

const meta: Meta<Partial<Args>> = {
  title: 'latent-image',
  component: 'latent-image',
  render: (args) => html`
    <latent-image
      src=${ifDefined(args.src)}
      seed=${ifDefined(args.seed)}
      model=${ifDefined(args.model)}
      label=${ifDefined(args.label)}
    ></latent-image>
  `,
};

export default meta;

/** A picture of one's own: shown as it is, and encoded, so that `latent` can be read. */
export const Src: Story = {args: {src: 'assets/dandelion.jpg', label: 'A dandelion'}};

/** A sample of the model's own space. */
export const Seed: Story = {args: {model: 'avatars', seed: 7, label: 'A face'}};

/** Any latent of the model's space can be shown: here the average of the three beside it. */
export const LatentAverage: Story = {
  render: () => {
    const faces = [1, 5, 8].map((seed) => ({seed, element: createRef<LatentImage>()}));
    const mean = createRef<LatentImage>();
    const show = async (): Promise<void> => {
      const elements = faces.flatMap(({element}) => element.value ?? []);
      await Promise.all(elements.map((each) => each.ready));
      if (mean.value) mean.value.latent = average(elements.flatMap((each) => each.latent ?? []));
    };
    // After this render the elements are there; what fails, they show.
    setTimeout(() => void show().catch(() => undefined));
    return html`
      ${faces.map(
        ({seed, element}) => html`
          <latent-image model="avatars" seed=${seed} ${ref(element)}></latent-image>
        `,
      )}
      <latent-image model="avatars" label="Their average" ${ref(mean)}></latent-image>
    `;
  },
};

/**
 * Latents can be added and subtracted: A − B + C. A is a face with glasses and B the same one without,
 * so that their difference is glasses; added to C, another face gets them.
 */
export const LatentAnalogy: Story = {
  render: () => {
    const [a, b, c, sum] = [1, 2, 3, 4].map(() => createRef<LatentImage>()) as [
      Ref<LatentImage>,
      Ref<LatentImage>,
      Ref<LatentImage>,
      Ref<LatentImage>,
    ];
    const slider = createRef<LatentSlider>();
    const show = async (): Promise<void> => {
      if (!a.value || !b.value || !c.value || !sum.value) return;
      await Promise.all([a.value.ready, b.value.ready, c.value.ready]);
      const glasses = await slider.value?.latentAt(3);
      if (!glasses || !b.value.latent || !c.value.latent) return;
      a.value.latent = glasses;
      sum.value.latent = add(c.value.latent, subtract(glasses, b.value.latent));
    };
    setTimeout(() => void show().catch(() => undefined));
    return html`
      <latent-image model="avatars" seed="15" label="A: with glasses" ${ref(a)}></latent-image>
      −
      <latent-image id="b" model="avatars" seed="15" label="B: without" ${ref(b)}></latent-image>
      +
      <latent-image model="avatars" seed="5" label="C: another face" ${ref(c)}></latent-image>
      =
      <latent-image model="avatars" label="C with glasses" ${ref(sum)}></latent-image>
      <latent-slider for="b" direction="glasses" hidden ${ref(slider)}></latent-slider>
    `;
  },
};

/** A picture that is not there. */
export const ErrorNotFound: Story = {args: {src: 'assets/no-such-picture.jpg'}};

/** A model that is not there. */
export const ErrorNoModel: Story = {args: {model: 'no-such-model', src: 'assets/dandelion.jpg'}};

/** While the model comes. */
export const Loading: Story = {args: {model: 'never/pack.json', src: 'assets/dandelion.jpg'}};

/** On a dark page. */
export const Dark: Story = {args: {model: 'avatars', seed: 7}, globals: {scheme: 'dark'}};
