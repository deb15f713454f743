import {type Preview, setCustomElementsManifest} from '@storybook/web-components-vite';
import manifest from '../dist/custom-elements.json';
import {de} from '../src/core/strings/de.js';
import {fr} from '../src/core/strings/fr.js';
import {configure} from '../src/engine/config.js';
import {forStorybook, moreRows} from './manifest.js';
import '../components/all.js';
import './preview.css';

setCustomElementsManifest(forStorybook(manifest));

// The frame of a story lies beside dist/, wherever Storybook is served from.
configure({base: new URL('dist/', document.baseURI).href, strings: [de, fr]});

/** Settles once the service worker answers for what never arrives; without one those stories show an error. */
async function neverArrives(): Promise<void> {
  const {serviceWorker} = navigator as Partial<Navigator>;
  if (!serviceWorker || serviceWorker.controller) return;
  const controlled = new Promise<void>((resolve) => {
    serviceWorker.addEventListener('controllerchange', () => resolve(), {once: true});
  });
  await serviceWorker.register('never.js').then(
    () => controlled,
    () => undefined,
  );
}

const never = neverArrives();

const preview: Preview = {
  tags: ['autodocs'],
  parameters: {
    controls: {expanded: true},
    options: {
      storySort: {
        order: ['Overview', 'Docs', ['Getting started'], 'latent-interpolator', 'latent-slider'],
      },
    },
    docs: {toc: true},
  },
  globalTypes: {
    scheme: {
      description: 'Colour scheme',
      toolbar: {
        icon: 'contrast',
        items: [
          {value: 'light', title: 'Light'},
          {value: 'dark', title: 'Dark'},
        ],
      },
    },
    language: {
      description: 'Language of the interface',
      toolbar: {
        icon: 'globe',
        items: [
          {value: 'en', title: 'English'},
          {value: 'de', title: 'Deutsch'},
          {value: 'fr', title: 'Français'},
        ],
      },
    },
  },
  initialGlobals: {scheme: 'light', language: 'en'},
  decorators: [
    (story, {globals}) => {
      document.documentElement.dataset.scheme = String(globals.scheme);
      document.documentElement.lang = String(globals.language);
      return story();
    },
  ],
  loaders: [() => never],
  argTypesEnhancers: [
    ({argTypes, component}) => ({
      ...Object.fromEntries(
        // Only what HTML can say has a control.
        Object.entries(argTypes).map(([name, type]) => [
          name,
          type.table?.category === 'attributes' ? withChoice(type) : {...type, control: false},
        ]),
      ),
      ...moreRows(manifest, String(component)),
    }),
  ],
};

/** A choice where the type is a union of literals. */
function withChoice<T extends {table?: {type?: {summary?: string | undefined}}}>(type: T): T {
  const options = type.table?.type?.summary?.match(/(?<=')\w+(?=')/g);
  return options ? {...type, control: {type: 'inline-radio'}, options} : type;
}

export default preview;
