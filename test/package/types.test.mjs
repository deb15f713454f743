// The types as a consumer's compiler sees them: installed beside its dependencies and nothing else, with
// `strict` and without `skipLibCheck`.
import assert from 'node:assert/strict';
import {cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import ts from 'typescript';
import {publicPart} from '../../scripts/declarations.mjs';
import {build, dist, root} from '../../scripts/paths.mjs';

const plain = `
import {
  average,
  configure,
  createEngine,
  lerp,
  LatentElement,
  LatentInterpolator,
  type ElementState,
  type ErrorCode,
  type Frame,
  type Latent,
  type FrameSize,
  type PaintReport,
  type Progress,
  type Surface,
} from 'latent-elements';
import {average as pure, type Latent as PureLatent} from 'latent-elements/core';
import 'latent-elements/all';
import 'latent-elements/latent-image';
import type {CustomElements} from 'latent-elements/jsx';

configure({model: 'avatars', device: 'wasm'});
const element = document.createElement('latent-interpolator');
const found: LatentInterpolator | null = document.querySelector('latent-interpolator');
const every: LatentElement[] = [element, document.createElement('latent-search')];
const state: ElementState = element.state;
const code: ErrorCode | undefined = element.error?.code;

export async function headless(signal: AbortSignal): Promise<Blob | undefined> {
  const onProgress = ({stage, ratio}: Progress) => console.log(stage, ratio.toFixed(2));
  const model = await createEngine({device: 'auto'}).load('photos', {signal, onProgress});
  const a: Latent = await model.encode('a.png');
  const half: PureLatent = pure([average([a]), lerp(a, a, 0.5)]);
  const image: ImageBitmap = await model.decode(half);
  console.log(image.width, state, code, found, every);
  return element.toBlob({type: 'image/gif', frames: 12});
}

export async function paint(surface: Surface, frame: Frame, size: FrameSize): Promise<PaintReport> {
  return surface.paint(frame, size);
}

// Events are typed by their names, on every element.
element.addEventListener('latent-frame', ({detail}) => detail.value.toFixed() + detail.milliseconds);
element.addEventListener('latent-progress', ({detail}) => detail.ratio.toFixed());
element.addEventListener('latent-load', ({detail}) => detail.space.length + detail.milliseconds);
element.addEventListener('latent-error', ({detail}) => detail.code === 'network' && detail.message);
const search = document.createElement('latent-search');
search.addEventListener('latent-results', ({detail}) => detail.results[0]?.score.toFixed());
search.addEventListener('latent-select', (event) => {
  event.preventDefault();
  return event.detail.item.href?.length;
});
const map = document.createElement('latent-map');
map.items = [{id: 'a', text: 'A red boat'}];
map.projection = 'umap';
map.addEventListener('latent-point', ({detail}) => detail.latent.space.length + detail.x);
// @ts-expect-error No such projection.
map.projection = 'tsne';
const generator = document.createElement('latent-generator');
generator.addEventListener('latent-step', ({detail}) => detail.preview?.width);
generator.addEventListener('latent-image', ({detail}) => detail.seed + detail.milliseconds);

const props: CustomElements['latent-interpolator'] = {from: 'a.png', controls: true};
// @ts-expect-error No such device.
element.device = 'cpu';
// @ts-expect-error No such event detail.
element.addEventListener('latent-frame', ({detail}) => detail.nothing);
// @ts-expect-error What elements have for themselves is not for others.
element.internals;
// @ts-expect-error No such value of an attribute.
const wrong: CustomElements['latent-interpolator'] = {interpolation: 'cubic'};
export {props, wrong};
`;

const react = `
import {useRef, type ReactElement} from 'react';
import type {LatentInterpolator} from 'latent-elements';
import 'latent-elements/latent-interpolator';
import type {} from 'latent-elements/jsx';

export function Morph(): ReactElement {
  const morph = useRef<LatentInterpolator>(null);
  return (
    <form id="settings">
      <latent-interpolator
        ref={morph}
        from="a.png"
        to="b.png"
        controls
        className="wide"
        style={{'--latent-accent': 'teal'}}
        suppressHydrationWarning
        onClick={(event) => event.currentTarget.play()}
        onlatent-frame={(event) => event.detail.value.toFixed()}
        aria-describedby="legend"
      />
      <latent-slider form="settings" name="warmth" src="a.png" direction="warmth" key={1} />
      {/* @ts-expect-error No such value of an attribute. */}
      <latent-interpolator interpolation="cubic" />
    </form>
  );
}
`;

/** A consumer's folder with what npm would install for it: `packages`, and what these depend on. */
function consumer(name, packages, files) {
  const folder = join(build, 'consumers', name);
  rmSync(folder, {recursive: true, force: true});
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'latent-elements'), {recursive: true});
  cpSync(join(root, 'package.json'), join(modules, 'latent-elements/package.json'));
  symlinkSync(dist, join(modules, 'latent-elements/dist'));
  const install = (name) => {
    const target = join(modules, name);
    mkdirSync(dirname(target), {recursive: true});
    try {
      symlinkSync(join(root, 'node_modules', name), target);
    } catch {
      return;
    }
    dependencies(join(target, 'package.json')).forEach(install);
  };
  [...dependencies(join(root, 'package.json')), ...packages].forEach(install);
  // Its own package, or the name `latent-elements` would mean the one around it.
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return Object.keys(files).map((file) => join(folder, file));
}

const dependencies = (manifest) =>
  Object.keys(JSON.parse(readFileSync(manifest, 'utf8')).dependencies ?? {});

/** All that a compiler has against it, the declarations of others included. */
function complaints(files, options) {
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    strict: true,
    skipLibCheck: false,
    preserveSymlinks: true,
    noEmit: true,
    ...options,
  });
  return ts.getPreEmitDiagnostics(program).map(({messageText, file, start}) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

const resolutions = {
  bundler: {
    module: ts.ModuleKind.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  },
  node16: {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
  },
};

test('a strict consumer compiles with moduleResolution node16, and its mistakes do not', () => {
  const files = consumer('node16', [], {'page.mts': plain});
  assert.deepEqual(complaints(files, resolutions.node16), []);
});

// One program: most of what it costs is to check the declarations of others.
test('with moduleResolution bundler so do the same page, React with its own attributes, refs and handlers, and the TSX of the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const shown = [...readme.matchAll(/```tsx\n(.*?)```/gs)].map(([, code]) => code);
  assert.ok(shown.length > 0);
  const files = consumer('bundler', ['react', '@types/react'], {
    'page.mts': plain,
    'morph.tsx': react,
    ...Object.fromEntries(shown.map((code, i) => [`shown-${i}.tsx`, code])),
  });
  const options = {...resolutions.bundler, jsx: ts.JsxEmit.ReactJSX};
  assert.deepEqual(complaints(files, options), []);
});

test('the declarations hold nothing protected, nothing internal, no path of the sources', () => {
  for (const file of ['index', 'core', 'core-internals', 'jsx']) {
    const text = readFileSync(join(dist, `types/${file}.d.ts`), 'utf8');
    assert.doesNotMatch(text, /^\s+(protected|private) /m, file);
    assert.doesNotMatch(text, /@internal|\.ts['"]|['"][./]*(src|components|workers)\//, file);
  }
});

test('what is cut from declarations is what is not for users', () => {
  const text = `
/** @internal */
export declare function forUs(): void;
/** For all. */
export declare class Both extends Base implements Sibling {
    #private;
    /** Stays. */
    a: string;
    /** @internal What a sibling asks. */
    b: string;
    protected c: string;
    private d;
    static protected readonly e: number;
}
export interface Options {
    /** @internal */
    f?: string;
    g?: string;
}
`;
  assert.equal(
    publicPart(text),
    `
/** For all. */
export declare class Both extends Base {
    #private;
    /** Stays. */
    a: string;
}
export interface Options {
    g?: string;
}
`,
  );
});
