// The custom elements manifest, and what editors and JSX learn from it: all of it from the JSDoc of
// the classes in components/.
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {join, relative} from 'node:path';
import {pathToFileURL} from 'node:url';
// The analyzer's own TypeScript: the syntax trees of another version hang it.
import {create, ts} from '@custom-elements-manifest/analyzer';
import {litPlugin} from '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js';
import {generateJsxTypes} from '@wc-toolkit/jsx-types';
import {generateJetBrainsWebTypes} from 'custom-element-jet-brains-integration';
import {generateVsCodeCustomElementData} from 'custom-element-vs-code-integration';
import {dist, root} from './paths.mjs';

// What a class has for Lit, the browser or its own parts, and not for its users.
const plumbing = /^(#|_|render|handleEvent$|form\w+Callback$|createRenderRoot$)/;

/**
 * Writes dist/custom-elements.json, dist/editor/ (VS Code, JetBrains) and dist/types/jsx.d.ts.
 *
 * @returns {Promise<object>} The manifest.
 */
export async function generateManifest() {
  const manifest = publicPart(await analyze(), await literalTypes(), await propertyTypes());
  const editor = join(dist, 'editor');
  const types = join(dist, 'types');
  await Promise.all([editor, types].map((folder) => mkdir(folder, {recursive: true})));
  await writeFile(join(dist, 'custom-elements.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const {version} = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  generateVsCodeCustomElementData(manifest, {outdir: editor, hideLogs: true});
  generateJetBrainsWebTypes(manifest, {
    outdir: editor,
    webTypesFileName: 'web-types.json',
    packageJson: false,
    excludeHtml: false,
    hideLogs: true,
    version,
  });
  generateJsxTypes(manifest, {
    outdir: types,
    fileName: 'jsx.d.ts',
    stronglyTypedEvents: true,
    hideLogs: true,
  });
  const jsx = join(types, 'jsx.d.ts');
  await writeFile(jsx, jsxDeclarations(await readFile(jsx, 'utf8'), manifest));
  // The entry has types alone, and is a module all the same, for bundlers that follow the import.
  await writeFile(join(types, 'jsx.js'), 'export {};\n');
  return manifest;
}

/**
 * The generated JSX types with the imports of this package, with refs that are objects too, and with
 * React's own attributes on its elements (`ref`, `onClick`, `suppressHydrationWarning`, …).
 */
function jsxDeclarations(text, manifest) {
  const imports = /^import type \{([^}]*)\} from [^;]+;\n/gm;
  const names = new Set(
    [...text.matchAll(imports)].flatMap(([, list]) => list.match(/\w+/g) ?? []),
  );
  const foreign = /^declare module "react(?:-native|\/[\w-]+)?" \{\n(?:.*\n)*?\}\n/gm;
  const ref = 'ref?: (T | ((e: T) => void)) | undefined;';
  if (!text.includes(ref) || !foreign.test(text))
    throw new Error('The generator writes otherwise.');
  const mended = text
    .replace(imports, '')
    .replace(ref, 'ref?: T | ((e: T | null) => void) | {current: T | null} | null | undefined;')
    .replace(foreign, '');
  return `import type {${[...names].join(', ')}} from './index.js';\n${mended}\n${reactTypes(manifest)}`;
}

// Inside of the augmentation React's own types have their names. Without React they have none, and
// nobody asks for what they would say: hence `@ts-ignore`.
function reactTypes({modules}) {
  const tags = modules
    .flatMap(({declarations}) => declarations)
    .map(({tagName, name}) => `      '${tagName}': LatentAttributes<${name}, ${name}Props>;\n`);
  return `declare module 'react' {
  type LatentAttributes<Element, Props> = Partial<Props> &
    // @ts-ignore
    Omit<HTMLAttributes<Element>, keyof Props> &
    // @ts-ignore
    RefAttributes<Element> & {class?: string | undefined};
  namespace JSX {
    interface IntrinsicElements {
${tags.join('')}    }
  }
  interface CSSProperties extends CustomCssProperties {}
}
`;
}

async function analyze() {
  const files = await sources('components');
  const modules = await Promise.all(
    files.map(async (file) =>
      ts.createSourceFile(
        file,
        await readFile(join(root, file), 'utf8'),
        ts.ScriptTarget.ES2022,
        true,
      ),
    ),
  );
  return create({modules, plugins: litPlugin()});
}

/** The manifest of the elements alone, with base classes folded into them. */
function publicPart(manifest, literals, properties) {
  const modules = manifest.modules
    .filter(({path}) => /^components\/latent-/.test(path))
    .map((module) => ({
      ...module,
      path: published(module.path),
      declarations: module.declarations
        .filter((each) => each.customElement)
        .map((each) => element(each, literals, properties)),
      exports: module.exports
        .filter(({name}) => /^Latent/.test(name))
        .map((each) => ({
          ...each,
          declaration: {...each.declaration, module: published(each.declaration.module)},
        })),
    }))
    .filter(({exports}) => exports.length);
  for (const module of modules) {
    const [tag] = /latent-\w+(?=\/define\.js$)/.exec(module.path) ?? [];
    if (tag) module.exports.push(definition(tag, module));
  }
  return {...manifest, modules};
}

function definition(tag, {exports: [{name}], path}) {
  return {
    kind: 'custom-element-definition',
    name: tag,
    declaration: {name, module: path.replace('define.js', `${tag}.js`)},
  };
}

// The browser's own attributes of a form control, which no class declares.
const formAttributes = [
  {name: 'name', description: 'The name under which a form submits the value.'},
  {
    name: 'form',
    description: 'The id of the form that it belongs to, where it lies outside of it.',
  },
].map((each) => ({...each, type: {text: 'string'}}));

const has = ({attributes}, name) => attributes.some((each) => each.name === name);

function element(declaration, literals, properties) {
  const clean = (list = []) =>
    list
      .filter(({name, privacy}) => !plumbing.test(name) && (privacy ?? 'public') === 'public')
      .filter((each) => !each.static)
      .map(({inheritedFrom: _, default: initial, ...each}) => ({
        ...each,
        ...typed(each, literals, properties),
        // The name of a constant says nothing to a reader.
        ...(initial && !/^[A-Z_]+$/.test(initial) ? {default: initial} : {}),
      }));
  const unique = (list) => [...new Map(list.map((each) => [each.name, each])).values()];
  // An attribute is text, whatever the property takes besides.
  const asText = ({type, ...each}) => ({
    ...each,
    type: type && /^('|string|number|boolean)/.test(type.text) ? type : {text: 'string'},
  });
  const described = {
    ...declaration,
    superclass: {name: 'LitElement', package: 'lit'},
    members: clean(declaration.members),
    attributes: clean(declaration.attributes).map(asText),
    // The analyzer also finds `new Event(type)`; what is documented is what there is.
    events: unique(clean(declaration.events).filter((each) => each.description)),
    slots: unique(declaration.slots ?? []),
    cssParts: unique(declaration.cssParts ?? []),
    cssProperties: unique(declaration.cssProperties ?? []),
    cssStates: unique(declaration.cssStates ?? []),
  };
  if (declaration.members?.some(({name}) => name === 'formAssociated')) {
    described.attributes.push(...formAttributes.filter(({name}) => !has(described, name)));
  }
  for (const key of ['slots', 'cssParts', 'cssProperties', 'cssStates']) {
    described[key] = described[key].map(({inheritedFrom: _, ...each}) => each);
  }
  return described;
}

function typed({kind, name, type}, literals, properties) {
  const text = type ? spelledOut(type.text, literals) : properties.get(name);
  return text && kind !== 'method' ? {type: {text}} : {};
}

/** Editors offer the values of an attribute only where its type spells them out. */
function spelledOut(text, literals) {
  const bare = text.replace(/\s*\|\s*undefined\b/, '').trim();
  return literals.get(bare) ?? bare;
}

/** Properties whose initial value is a constant, which the analyzer does not follow: by how Lit reads them. */
async function propertyTypes() {
  const texts = await Promise.all(
    (await sources('components')).map((file) => readFile(join(root, file), 'utf8')),
  );
  const pattern =
    /@property\(\{[^}]*?\b(?:type: (Boolean)|type: Number|converter: number\w*)\b[^}]*\}\)\s+(\w+) =/g;
  return new Map(
    texts.flatMap((text) =>
      [...text.matchAll(pattern)].map(([, boolean, name]) => [
        name,
        boolean ? 'boolean' : 'number',
      ]),
    ),
  );
}

/** The exported types that are unions of string literals, by name. */
async function literalTypes() {
  const files = [...(await sources('src')), ...(await sources('components'))];
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  const found = new Map(
    texts.flatMap((text) =>
      [...text.matchAll(/^export type (\w+) =([^;{}()<>]+);/gm)].map(([, name, union]) => [
        name,
        union
          .split('|')
          .map((each) => each.trim())
          .filter(Boolean),
      ]),
    ),
  );
  const flat = (name, depth = 0) =>
    (found.get(name) ?? []).flatMap((each) =>
      each.startsWith("'") || depth > 4 ? [each] : flat(each, depth + 1),
    );
  return new Map(
    [...found.keys()]
      .map((name) => [name, flat(name)])
      .filter(([, union]) => union.length > 0 && union.every((each) => each.startsWith("'")))
      .map(([name, union]) => [name, union.join(' | ')]),
  );
}

async function sources(folder) {
  const entries = await readdir(join(root, folder), {recursive: true, withFileTypes: true});
  return entries
    .filter((entry) => entry.isFile() && /(?<!\.styles|\.d)\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

function published(path) {
  return `dist/${path.replace(/^\//, '').replace(/\.ts$/, '.js')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const {modules} = await generateManifest();
  const tags = modules.flatMap((each) => each.declarations.map(({tagName}) => tagName));
  console.log(`dist/custom-elements.json: ${tags.join(', ') || 'no elements'}`);
}
