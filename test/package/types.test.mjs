// The types as a consumer's compiler sees them: strict, through the exports map, JSX included.
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import ts from 'typescript';
import {build, dist} from '../../scripts/paths.mjs';

const consumer = `
import {createEngine, configure, lerp, LatentInterpolator, type Latent} from 'latent-elements';
import {average} from 'latent-elements/core';
import 'latent-elements/all';
import 'latent-elements/latent-image';
import type {CustomElements} from 'latent-elements/jsx';

configure({model: 'avatars', device: 'wasm'});
const element: LatentInterpolator = document.createElement('latent-interpolator');
const model = await createEngine({device: 'auto'}).load('photos');
const a: Latent = await model.encode('a.png');
const half: Latent = average([a, lerp(a, a, 0.5)]);
const image: ImageBitmap = await model.decode(half);
const blob: Blob | undefined = await element.toBlob({type: 'image/gif', frames: 12});
const props: CustomElements['latent-interpolator'] = {from: 'a.png', controls: true};
// @ts-expect-error No such device.
element.device = 'cpu';
// @ts-expect-error No such value of an attribute.
const wrong: CustomElements['latent-interpolator'] = {interpolation: 'cubic'};
export {image, blob, props, wrong};
`;

test('a strict consumer compiles, and its mistakes do not', () => {
  // Inside of the package, so that its own name leads through its exports.
  const folder = join(build, 'consumer');
  const file = join(folder, 'consumer.ts');
  mkdirSync(folder, {recursive: true});
  writeFileSync(file, consumer);
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
  });
  const ours = program
    .getSourceFiles()
    .filter(({fileName}) => fileName === file || fileName.startsWith(join(dist, 'types')));
  assert.ok(ours.length > 5, 'the types were found');
  const complaints = ours
    .flatMap((each) => [
      ...program.getSyntacticDiagnostics(each),
      ...program.getSemanticDiagnostics(each),
    ])
    .map(({messageText, file: at, start}) => {
      const {line} = at.getLineAndCharacterOfPosition(start);
      return `${at.fileName}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  assert.deepEqual(complaints, []);
});
