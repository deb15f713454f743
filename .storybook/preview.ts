import {type Preview, setCustomElementsManifest} from '@storybook/web-components-vite';
import manifest from '../dist/custom-elements.json';
import {configure} from '../src/engine/config.js';
import {forStorybook} from './manifest.js';
import '../components/all.js';
import './preview.css';

setCustomElementsManifest(forStorybook(manifest));

// The frame of a story lies beside dist/, wherever Storybook is served from.
configure({base: new URL('dist/', document.baseURI).href});

const preview: Preview = {
  tags: ['autodocs'],
  parameters: {
    controls: {expanded: true, sort: 'requiredFirst'},
    options: {storySort: {order: ['Overview', 'latent-interpolator', 'latent-image']}},
    docs: {toc: true, story: {inline: true}},
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
  },
  initialGlobals: {scheme: 'light'},
  decorators: [
    (story, {globals}) => {
      document.documentElement.dataset.scheme = String(globals.scheme);
      return story();
    },
  ],
};

export default preview;
