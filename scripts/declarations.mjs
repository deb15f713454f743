// The declarations that are shipped: what tsc wrote for every source, without what is not for users
// (`@internal`, `protected`, `private`), gathered into one file an entry and what the entries share.
import {cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {rollup} from 'rollup';
import {dts} from 'rollup-plugin-dts';
import ts from 'typescript';
import {build, dist, root} from './paths.mjs';

const compiled = join(build, 'js');
const stripped = join(build, 'types');

/**
 * The text of a declaration file without members and statements that are marked `@internal`, and
 * without members that are `protected` or `private`, and without `implements`.
 *
 * tsc's own `stripInternal` would hide them from the other projects of this repository too, and it
 * keeps `protected` members, which drag the types of every controller into the public face.
 *
 * @param {string} text
 * @returns {string}
 */
export function publicPart(text) {
  const source = ts.createSourceFile('x.d.ts', text, ts.ScriptTarget.ES2022, true);
  const cuts = [];
  const visit = (node) => {
    if (isInternal(node, text) || isHidden(node) || isImplements(node))
      cuts.push([node.getFullStart(), node.end]);
    else ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  let rest = text;
  for (const [from, to] of cuts.reverse()) rest = rest.slice(0, from) + rest.slice(to);
  return rest;
}

/** `#private` stays: it says, without a name, that two classes of the same form are not the same. */
function isHidden(node) {
  if (!ts.isClassElement(node)) return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (ts.getCombinedModifierFlags(node) & hidden) !== 0;
}

/** What a class implements is there member by member, and may be for siblings only. */
function isImplements(node) {
  return ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword;
}

function isInternal(node, text) {
  if (!ts.isClassElement(node) && !ts.isTypeElement(node) && !ts.isStatement(node)) return false;
  return (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []).some(({pos, end}) =>
    /^\/\*\*[^]*@internal\b/.test(text.slice(pos, end)),
  );
}

/** Writes dist/types: one declaration file an entry of the package, and chunks that they share. */
export async function writeDeclarations() {
  rmSync(stripped, {recursive: true, force: true});
  for (const folder of ['src', 'components']) {
    cpSync(join(compiled, folder), join(stripped, folder), {
      recursive: true,
      filter: (path) => !/\.(js|map|tsbuildinfo)$/.test(path),
    });
  }
  for (const file of readdirSync(stripped, {recursive: true})) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(stripped, file);
    writeFileSync(path, publicPart(readFileSync(path, 'utf8')));
  }
  const bundle = await rollup({
    input: {index: join(stripped, 'src/index.d.ts'), core: join(stripped, 'src/core/index.d.ts')},
    external: (id) => !/^[./]/.test(id),
    plugins: [dts({tsconfig: join(root, 'tsconfig.base.json')})],
    onwarn,
  });
  await bundle.write({
    dir: join(dist, 'types'),
    format: 'es',
    entryFileNames: '[name].d.ts',
    // What the core has and does not export.
    manualChunks: (id) =>
      id.startsWith(join(stripped, 'src/core')) ? 'core-internals' : undefined,
    chunkFileNames: '[name].d.ts',
    hoistTransitiveImports: false,
  });
  await bundle.close();
  // The other entries register elements, or export the same from another file.
  const tags = readdirSync(join(root, 'components')).filter((name) => name.startsWith('latent-'));
  const entries = {
    cdn: `export * from './index.js';\n`,
    all: `import './index.js';\n`,
    ...Object.fromEntries(
      tags.map((tag) => [tag, `export {${className(tag)}} from './index.js';\n`]),
    ),
  };
  for (const file of readdirSync(join(dist, 'strings'))) {
    const language = file.replace(/\.js$/, '');
    const text = `import type {Strings} from '../index.js';\n\nexport declare const ${language}: Strings;\n`;
    entries[`strings/${language}`] = text;
  }
  mkdirSync(join(dist, 'types/strings'));
  for (const [name, text] of Object.entries(entries)) {
    writeFileSync(join(dist, `types/${name}.d.ts`), text);
  }
}

// Without the protected members their imports are unused.
function onwarn(warning, warn) {
  if (warning.code !== 'UNUSED_EXTERNAL_IMPORT') warn(warning);
}

const className = (tag) => tag.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
