// The program as it is installed: what it prints, how it ends, what it makes.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {dist, root} from '../../scripts/paths.mjs';

const {bin, version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const {VectorIndex} = await import(`${dist}/src/core/index.js`);
const folder = mkdtempSync(join(tmpdir(), 'latent-cli-'));
cpSync(join(root, 'test/fixtures/site'), join(folder, 'site'), {recursive: true});
after(() => rmSync(folder, {recursive: true}));

function run(...given) {
  const program = join(root, bin['latent-elements']);
  const options = {cwd: folder, encoding: 'utf8'};
  const {status, stdout, stderr} = spawnSync(process.execPath, [program, ...given], options);
  return {status, stdout, stderr};
}
const made = (file = 'search.latents') => VectorIndex.from(readFileSync(join(folder, file)));

test('it tells what it can do, and its version', () => {
  const help = run('--help');
  assert.equal(help.status, 0);
  assert.match(
    help.stdout,
    /latent-elements index <files…>.*latent-elements pack <folder>.*--selector/s,
  );
  assert.deepEqual(run('-v'), {status: 0, stdout: `${version}\n`, stderr: ''});
});

test('a line that makes no sense ends with 2, and says what', () => {
  const lines = [
    [[], /No command/],
    [['make'], /"make"/],
    [['index'], /No files/],
    [['pack'], /No folder/],
    [['copy'], /No folder/],
    [['copy', 'a', '-b', '/'], /no option --base/],
    [['pack', 'a', 'b'], /not 2/],
    [['pack', 'a', '-m', 'words'], /no option --model/],
    [['index', 'x', '--speed', '3'], /--speed/],
    [['index', 'x', '-p', 'float16'], /"float16"/],
    [['index', 'x', '--split', 'twice'], /--split.*"twice"/],
  ];
  for (const [line, pattern] of lines) {
    const {status, stderr, stdout} = run(...line);
    assert.deepEqual([status, stdout], [2, ''], line.join(' '));
    assert.match(stderr, pattern);
    assert.match(stderr, /--help/);
  }
});

test('it copies what elements load while they run, for the models that are asked for', () => {
  const {status, stdout, stderr} = run('copy', 'public/latent', '--model', 'words');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /public\/latent.*configure\(\{base/);
  const copied = readdirSync(join(folder, 'public/latent'), {recursive: true});
  for (const file of [
    'workers/search.worker.js',
    'ort/ort-wasm-simd-threaded.wasm',
    'models/words/pack.json',
    'models/words/table.safetensors',
  ]) {
    assert.ok(copied.includes(file), file);
  }
  assert.deepEqual(
    copied.filter((file) => /\.map$|avatars/.test(file)),
    [],
  );
  assert.match(run('copy', 'x', '-m', 'wrods').stderr, /no model "wrods"/);
});

test('it makes an index of a folder of pages', () => {
  const {status, stdout, stderr} = run('index', 'site/**/*.{html,htm}', '--base', '/docs');
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /^6 passages of 3 files → search\.latents \(\d+ kB, model words [\d.]+\)\n$/,
  );
  assert.match(stderr, /^Nothing to find in .*empty\.html\n$/);
  const index = made();
  assert.deepEqual([index.space, index.model.name, index.metric], ['words-2', 'words', 'cosine']);
  assert.deepEqual(
    [...index.ids()],
    [
      ...['/docs/guide/fair%20winds.htm', '/docs/guide/', '/docs/'],
      ...['/docs/#prices', '/docs/#weather', '/docs/#contact'],
    ],
  );
  assert.deepEqual(index.item('/docs/#weather'), {
    title: 'When it rains',
    text: 'Bring a coat. Or stay at home.',
    href: '/docs/#weather',
    page: 'Harbour & Boats',
  });
  // Markup in a page's text is no word of it, which leaves the guide's knots: bowline, reef, cleat.
  const near = index.similarTo('/docs/guide/fair%20winds.htm', 2).map(({id}) => id);
  assert.deepEqual(near, ['/docs/guide/', '/docs/#weather'], 'wind is near to knots and weather');
  assert.ok(!readdirSync(folder).some((file) => file.includes('unfinished')));
});

test('selector, output and precision', () => {
  const line = ['index', 'site', '-s', '.story, footer', '-o', 'small.latents', '-p', 'int8'];
  assert.equal(run(...line).status, 0);
  assert.deepEqual(
    [...made('small.latents').ids()].map((id) => made('small.latents').item(id).text),
    ['Sailing before a fair wind is easy.', 'Imprint outside of main'],
  );
});

test('a split index is a head and a folder of parts, of one build only', () => {
  const line = ['index', 'site', '-o', 'split.latents', '--split', 'always'];
  const {status, stdout, stderr} = run(...line);
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /^6 passages of 3 files → split\.latents \(1 kB, .*\) and \d+ parts in split\.latents\.parts \(\d+ kB\)\n$/,
  );
  assert.throws(() => made('split.latents'), /head of an index in parts.*--split never/);
  const parts = () => readdirSync(join(folder, 'split.latents.parts')).sort();
  const first = parts();
  const kinds = first.map((name) => /^[0-9a-f]{16}-([a-z]+)-[\d-]+$/.exec(name)?.[1]);
  assert.deepEqual([...new Set(kinds)], ['cell', 'items', 'lists', 'words']);
  const head = readFileSync(join(folder, 'split.latents'));
  assert.equal(run(...line).status, 0);
  assert.deepEqual([parts(), readFileSync(join(folder, 'split.latents'))], [first, head]);
  // What is not a part stays; parts of other pages go.
  writeFileSync(join(folder, 'split.latents.parts/.htaccess'), '');
  assert.equal(run(...line, '-s', '.story').status, 0);
  const second = parts();
  assert.ok(second.includes('.htaccess'));
  assert.deepEqual(
    second.filter((name) => first.includes(name)),
    [],
  );
  assert.equal(run('index', 'site', '-o', 'whole.latents', '--split', 'never').status, 0);
  assert.equal(made('whole.latents').size, 6);
});

test('what goes wrong ends with 1, and leaves the last index alone', () => {
  run('index', 'site');
  const before = readFileSync(join(folder, 'search.latents'));
  writeFileSync(join(folder, 'pack.json'), '{}');
  const lines = [
    [['missing/**/*.html'], /No file matches missing/],
    [['site', '-m', 'nothing'], /nothing.*name of the model/],
    [['site', '-m', 'pack.json'], /pack\.json does not fit/],
    [['site', '-m', 'photos'], /photos.*words/],
    [['site', '-s', 'p['], /"p\["/],
    [['site', '-s', 'video'], /nothing to find.*"video"/],
    [['site', '-o', 'no/such/folder.latents'], /cannot be written/],
    [['site', '-o', 'pack.json/x', '--split', 'always'], /cannot be written/],
  ];
  for (const [line, pattern] of lines) {
    const {status, stdout, stderr} = run('index', ...line);
    assert.deepEqual([status, stdout], [1, ''], line.join(' '));
    assert.match(stderr, pattern);
    assert.doesNotMatch(stderr, /\n\s+at /, 'no trace');
  }
  assert.deepEqual(readFileSync(join(folder, 'search.latents')), before);
});
