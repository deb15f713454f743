// The import boundaries of the repository fire: one refused and one accepted import a room.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {Linter} from 'eslint';
import tseslint from 'typescript-eslint';
import {permissions, rooms, rule} from '../../scripts/rooms.mjs';
import {root} from '../../scripts/paths.mjs';

const linter = new Linter({cwd: root});
const config = {
  files: ['**/*.ts'],
  languageOptions: {parser: tseslint.parser},
  plugins: {house: {rules: {rooms: rule}}},
  rules: {'house/rooms': ['error', root]},
};

const complaints = (file, code) =>
  linter.verify(code, config, join(root, file)).map((each) => each.message);

const refused = [
  ['src/core/x.ts', `import {a} from '../shared/errors.js';`],
  ['src/core/x.ts', `import {html} from 'lit';`],
  ['src/core/x.ts', `import {wrap} from 'comlink';`],
  ['src/core/x.ts', `import 'onnxruntime-web';`],
  ['src/core/x.ts', `import 'node:fs';`],
  ['src/shared/x.ts', `import {a} from '../engine/config.js';`],
  ['src/shared/x.ts', `import {html} from 'lit';`],
  ['src/engine/x.ts', `import {Service} from '../../workers/inference/inference-service.js';`],
  ['src/engine/x.ts', `import {html} from 'lit';`],
  ['src/engine/x.ts', `export * from '../controllers/lease.js';`],
  ['src/engine/x.ts', `const ort = await import('onnxruntime-web/wasm');`],
  [
    'src/controllers/x.ts',
    `import {LatentImage} from '../../components/latent-image/latent-image.js';`,
  ],
  ['src/controllers/x.ts', `import {wrap} from 'comlink';`],
  ['components/latent-x/x.ts', `import {createEngine} from '../../src/engine/engine.js';`],
  ['components/latent-x/x.ts', `import {fromErrorMessage} from '../../src/shared/errors.js';`],
  ['components/latent-x/x.ts', `import '../../workers/inference.worker.js';`],
  ['components/latent-x/x.ts', `import {wrap} from 'comlink';`],
  ['workers/x.ts', `import {settings} from '../src/engine/config.js';`],
  ['workers/x.ts', `import {html} from 'lit';`],
  ['workers/x.ts', `import {InferenceSession} from 'onnxruntime-web';`],
  ['workers/x.ts', `let x: import('onnxruntime-web').Tensor;`],
  ['workers/x.ts', `import pack from '../models/photos/pack.json';`],
  ['src/index.ts', `export * from '../workers/inference/loaded-pack.js';`],
  ['src/cli/x.ts', `import {settings} from '../engine/config.js';`],
  ['src/engine/x.ts', `import {findFiles} from '../cli/glob.js';`],
  ['models/photos/x.ts', `import {a} from '../../src/engine/config.js';`],
  ['stories/x.stories.ts', `import {a} from '../workers/inference/loaded-pack.js';`],
];

const accepted = [
  ['src/core/x.ts', `import {lerp} from './arithmetic.js'; import * as v from 'valibot';`],
  ['src/shared/x.ts', `import {LatentError} from '../core/errors.js';`],
  ['src/engine/x.ts', `import {wrap} from 'comlink'; import {a} from '../shared/errors.js';`],
  ['src/engine/x.ts', `import type {Service} from '../../workers/inference/inference-service.js';`],
  [
    'src/controllers/x.ts',
    `import {Task} from '@lit/task'; import {a} from '../engine/config.js';`,
  ],
  ['components/latent-x/x.ts', `import {html} from 'lit'; import 'lit/decorators.js';`],
  ['components/latent-x/x.ts', `import type {ImageSource} from '../../src/engine/types.js';`],
  ['components/latent-x/x.ts', `import {a} from '../internal/a.js';`],
  [
    'workers/x.ts',
    `import {expose} from 'comlink'; import {Runtime} from './inference/ort-runtime.js';`,
  ],
  ['workers/inference/ort-runtime.ts', `const ort = await import('onnxruntime-web/wasm');`],
  ['src/cli/x.ts', `import {parse} from 'parse5'; import 'node:fs'; import '../core/index.js';`],
  ['src/index.ts', `export * from './core/index.js'; export {a} from '../components/all.js';`],
  ['stories/x.stories.ts', `import '../components/all.js'; import {html} from 'lit';`],
  [
    'test/engine/x.ts',
    `import 'onnxruntime-web'; import '../../workers/inference/ort-runtime.js';`,
  ],
];

for (const [file, code] of refused) {
  test(`refused in ${file}: ${code}`, () => {
    assert.equal(complaints(file, code).length, 1);
  });
}

for (const [file, code] of accepted) {
  test(`accepted in ${file}: ${code}`, () => {
    assert.deepEqual(complaints(file, code), []);
  });
}

test('docs/rooms.md says what the rule says', () => {
  const rows = readFileSync(join(root, 'docs/rooms.md'), 'utf8').matchAll(
    /^\| `([^`]+)` +\|[^|]+\| (.*?) +\|$/gm,
  );
  const said = Object.fromEntries(
    [...rows].map(([, room, text]) => [
      room.replace(/^src\/\*\.ts$/, 'src').replace(/\/(<pack>\/)?$/, ''),
      text,
    ]),
  );
  const judged = Object.fromEntries(Object.keys(rooms).map((room) => [room, permissions(room)]));
  const free = {scripts: 'anything', test: 'anything'};
  assert.deepEqual(said, {...judged, ...free});
});
