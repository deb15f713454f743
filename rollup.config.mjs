// tsc has compiled everything to build/js; rollup lays out dist/:
//   dist/src, dist/components   modules, one file each, npm dependencies left to the consumer
//   dist/cdn                    one file for <script type="module">, dependencies included
//   dist/strings                the words of the interface, one file a language, for any page
//   dist/cli                    the command line program, one file for Node
//   dist/workers                the workers, each one file that runs as a module and as a classic script
//   dist/THIRD-PARTY.md         whose code these three contain
import {readdirSync} from 'node:fs';
import path from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import {notices} from './scripts/notices.mjs';

const js = 'build/js';
const tags = readdirSync('components').filter((folder) => folder.startsWith('latent-'));
const languages = readdirSync('src/core/strings').flatMap(
  (file) => /^(\w\w)\.ts$/.exec(file)?.[1] ?? [],
);

const thirdParty = notices();

// Comments and indentation of style sheets are bytes for every visitor: css`…` is the only template that
// is touched, in which white space outside of strings means no more than one blank.
const compactStyles = {
  name: 'compact-styles',
  renderChunk: (code) =>
    code.replace(/(?<=\bcss `|\bcss`)[^`]*(?=`)/g, (sheet) =>
      sheet
        .replace(/\/\*[^]*?\*\//g, '')
        .replace(/\s+/g, ' ')
        .replace(/ ?([{};,]) ?/g, '$1')
        .replace(/: /g, ':'),
    ),
};

// Who watches waits for each build, and reads it.
const small = (options) => (process.env.ROLLUP_WATCH ? [] : [terser(options)]);

const bundle = [
  compactStyles,
  resolve({
    mainFields: ['module', 'main'],
    // ORT's own switch to load its .mjs and .wasm from wasmPaths instead of carrying the glue inline.
    exportConditions: ['onnxruntime-web-use-extern-wasm', 'browser', 'production'],
  }),
  ...small({
    module: true,
    ecma: 2022,
    // Where they stand, a bundler that reads a worker leaves its import() of ONNX Runtime's glue alone.
    format: {comments: /webpackIgnore|@vite-ignore/},
  }),
  thirdParty,
];

// What the modules name as files beside them lies elsewhere for the one file of the CDN.
const cdnUrls = {
  name: 'cdn-urls',
  transform: (code, id) => ({
    code: code.replace(/(?<=new URL\(')\.[^']+(?=', import\.meta\.url\))/g, (file) =>
      path.relative(path.resolve(js, 'cdn'), path.resolve(path.dirname(id), file)),
    ),
    map: null,
  }),
};

// A classic script has no `import.meta`. ONNX Runtime asks it where it is, and needs no answer: every
// URL comes by message.
const classicWorker = {name: 'classic-worker', resolveImportMeta: () => 'self.location.href'};

// TypeScript's decorator helper asks for a global `this`, and mediabunny's modules go round in circles;
// both work, and neither is ours to mend.
function onwarn(warning, warn) {
  if (warning.code === 'THIS_IS_UNDEFINED') return;
  if (warning.code === 'CIRCULAR_DEPENDENCY' && warning.message.includes('node_modules')) return;
  warn(warning);
}

export default [
  {
    input: [
      `${js}/src/index.js`,
      `${js}/src/core/index.js`,
      `${js}/components/all.js`,
      ...tags.map((tag) => `${js}/components/${tag}/define.js`),
    ],
    onwarn,
    external: (id) => !/^[./]/.test(id),
    plugins: [compactStyles],
    output: {dir: 'dist', format: 'es', preserveModules: true, preserveModulesRoot: js},
  },
  {
    input: {'latent-elements': `${js}/src/cdn.js`},
    // One file, not a facade over a chunk, though the engine's lazy parts share its code.
    preserveEntrySignatures: 'allow-extension',
    onwarn,
    plugins: [cdnUrls, ...bundle],
    output: {dir: 'dist/cdn', format: 'es', chunkFileNames: '[name]-[hash].js'},
  },
  {
    input: Object.fromEntries(languages.map((name) => [name, `${js}/src/core/strings/${name}.js`])),
    output: {dir: 'dist/strings', format: 'es'},
  },
  ...['inference', 'search', 'morph', 'map'].map((name) => ({
    input: `${js}/workers/${name}.worker.js`,
    onwarn,
    plugins: [classicWorker, ...bundle],
    output: {
      file: `dist/workers/${name}.worker.js`,
      format: 'iife',
      inlineDynamicImports: true,
    },
  })),
  {
    input: `${js}/src/cli/main.js`,
    onwarn,
    external: /^node:/,
    plugins: [
      resolve({preferBuiltins: true, exportConditions: ['node']}),
      commonjs(),
      ...small({module: true, ecma: 2022}),
      thirdParty,
    ],
    output: {file: 'dist/cli/latent-elements.js', format: 'es', banner: '#!/usr/bin/env node'},
  },
];
