// The shape of the source tree: how long and how many its files are, that no two import each other by
// any detour, and that an element is one class.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {test} from 'node:test';
import ts from 'typescript';
import {root} from '../../scripts/paths.mjs';

const LINES = 450;
/** Some 190 of the house, and 65 of what was built onto it: morph, map, and packs as modules. */
const FILES = 255;

const texts = new Map(
  ['src', 'components', 'workers']
    .flatMap((folder) =>
      readdirSync(join(root, folder), {recursive: true}).map((file) => join(root, folder, file)),
    )
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(file, 'utf8')]),
);
const short = (file) => relative(root, file).replaceAll('\\', '/');

/** What a file imports of this repository, types included, dynamically too. */
function imports(file) {
  return ts
    .preProcessFile(texts.get(file), true, true)
    .importedFiles.filter(({fileName}) => fileName.startsWith('.'))
    .map(({fileName}) => join(dirname(file), fileName.replace(/\.js(\?.*)?$/, '.ts')))
    .filter((target) => texts.has(target));
}

/** Groups of files that reach each other (Tarjan's strongly connected components). */
function cycles(files, next) {
  const order = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    for (const target of next(file)) {
      if (!order.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) < order.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || next(file).includes(file)) found.push(group);
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return found;
}

test('no import leads back to its file, types included', () => {
  const found = cycles([...texts.keys()], imports);
  assert.deepEqual(
    found.map((group) => group.map(short).sort()),
    [],
  );
});

test('the search for cycles finds them', () => {
  const graph = {a: ['b'], b: ['c'], c: ['a', 'd'], d: ['e'], e: [], f: ['f']};
  const found = cycles(Object.keys(graph), (name) => graph[name]);
  assert.deepEqual(
    found.map((group) => group.sort()),
    [['a', 'b', 'c'], ['f']],
  );
  assert.ok(
    [...texts.keys()].some(
      (file) => /\bimport type\b/.test(texts.get(file)) && imports(file).length,
    ),
  );
});

test(`no file has more than ${LINES} lines`, () => {
  const long = [...texts].map(([file, text]) => [short(file), text.split('\n').length - 1]);
  assert.deepEqual(
    long.filter(([, lines]) => lines > LINES),
    [],
  );
});

test(`there are no more than ${FILES} files`, () => {
  const lines = [...texts.values()].reduce((sum, text) => sum + text.split('\n').length - 1, 0);
  console.log(`${texts.size} source files, ${lines} lines`);
  assert.ok(texts.size <= FILES, `${texts.size} source files`);
});

test('at most two classes lie between LitElement and the class of a tag', () => {
  const bases = new Map();
  for (const [file, text] of texts) {
    if (!file.startsWith(join(root, 'components'))) continue;
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
    const visit = (node) => {
      const name = node.name?.text;
      if (ts.isClassLike(node) && name) bases.set(name, parents(node));
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  const tags = [...bases.keys()].filter((name) => texts.has(fileOf(name)));
  assert.ok(tags.length >= 5, tags.join(', '));
  for (const tag of tags) {
    const chain = [];
    // A mixin is a class like another: `RangeInput(LatentElement)` counts as both.
    for (let names = bases.get(tag); names?.length; names = bases.get(names.at(-1)))
      chain.push(...names);
    assert.equal(chain.at(-1), 'LitElement', `${tag}: ${chain.join(' → ')}`);
    assert.ok(chain.length - 1 <= 2, `${tag} → ${chain.join(' → ')}`);
  }
});

/** `A(B(C))` is A, B, C: mixins first, the class that they build on last. */
function parents(node) {
  const clause = node.heritageClauses?.find(({token}) => token === ts.SyntaxKind.ExtendsKeyword);
  const names = [];
  let each = clause?.types[0].expression;
  for (; each && ts.isCallExpression(each); each = each.arguments[0]) {
    names.push(each.expression.text);
  }
  return each ? [...names, each.text] : names;
}

function fileOf(name) {
  const tag = name.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return join(root, `components/${tag}/${tag}.ts`);
}
