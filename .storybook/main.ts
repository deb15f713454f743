import type {StorybookConfig} from '@storybook/web-components-vite';

const config: StorybookConfig = {
  stories: ['../stories/**/*.mdx', '../stories/**/*.stories.ts'],
  addons: ['@storybook/addon-docs'],
  framework: '@storybook/web-components-vite',
  // The worker, ONNX Runtime and the packs come from the build; the elements from their sources.
  staticDirs: [
    {from: '../dist', to: '/dist'},
    {from: '../stories/assets', to: '/assets'},
    {from: '../stories/measure', to: '/measure'},
    // This project's documentation, with the index of it that a story searches.
    {from: '../build/docs-site', to: '/docs-site'},
    {from: '../stories/never', to: '/'},
  ],
  core: {disableTelemetry: true, disableWhatsNewNotifications: true, enableCrashReports: false},
  viteFinal: (vite) => ({
    ...vite,
    // `sideEffects` of package.json speaks of dist/; by it the sources would register nothing here.
    build: {...vite.build, rolldownOptions: {treeshake: false}},
  }),
};

export default config;
