// tsc has compiled everything to build/js; rollup lays out dist/:
//   dist/src, dist/components   modules, one file each, npm dependencies left to the consumer
//   dist/cdn                    one file for <script type="module">, dependencies included
//   dist/workers                the worker with ONNX Runtime's glue, a chunk per backend
import {readdirSync} from 'node:fs';
import path from 'node:path';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';

const js = 'build/js';
const tags = readdirSync('components').filter((folder) => folder.startsWith('latent-'));

// ml-matrix exports a CommonJS file under a thin .mjs; its ES modules lie beside it.
const mlMatrix = {
  name: 'ml-matrix-es',
  resolveId: (id) => (id === 'ml-matrix' ? path.resolve('node_modules/ml-matrix/src/index.js') : null),
};

// ORT's own switch to load its .mjs and .wasm from wasmPaths instead of carrying the glue inline.
const bundle = [
  mlMatrix,
  resolve({browser: true, exportConditions: ['onnxruntime-web-use-extern-wasm', 'production']}),
  terser({module: true, ecma: 2022}),
];

export default [
  {
    input: [
      `${js}/src/index.js`,
      `${js}/src/core/index.js`,
      `${js}/components/all.js`,
      ...tags.map((tag) => `${js}/components/${tag}/define.js`),
    ],
    external: (id) => !/^[./]/.test(id),
    output: {dir: 'dist', format: 'es', preserveModules: true, preserveModulesRoot: js},
  },
  {
    input: {'latent-elements': `${js}/src/cdn.js`},
    plugins: bundle,
    output: {dir: 'dist/cdn', format: 'es', chunkFileNames: '[name]-[hash].js', sourcemap: true},
  },
  {
    input: `${js}/workers/inference.worker.js`,
    plugins: bundle,
    output: {dir: 'dist/workers', format: 'es', chunkFileNames: '[name]-[hash].js', sourcemap: true},
  },
];
