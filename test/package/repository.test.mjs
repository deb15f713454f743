// What is published and what is committed: no path of a machine, no registry's host, nothing by
// accident.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {publint} from 'publint';
import {formatMessage} from 'publint/utils';
import {root} from '../../scripts/paths.mjs';

const MEGABYTE = 1e6;
const TEXT = /\.(ts|mjs|js|json|md|mdx|css|html|svg|py|sh|yml|yaml|txt|wat)$|\/(run|\.\w+)$/;
// Spelled in pieces, so that this file may say them.
const machine = ['/wo' + 'rk/', '/ro' + 'ot/', '/ho' + 'me/'];
const registry = [
  /\bregistry\.[\w-]+\.\w+/,
  /\b(?:deb|ftp)\.debian\.\w+/,
  /\/\/[\w.-]*artifactory/,
];
// In a worktree .git is a file, with a path of this machine in it.
const skipped = new Set(['node_modules', '.git', 'dist', 'build']);

function* files(folder = '') {
  for (const entry of readdirSync(join(root, folder), {withFileTypes: true})) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (skipped.has(entry.name)) continue;
    if (entry.isDirectory()) yield* files(path);
    else if (TEXT.test(`/${path}`)) yield path;
  }
}

test('no file names a path of a machine or a registry', () => {
  const found = [];
  for (const path of files()) {
    const text = readFileSync(join(root, path), 'utf8');
    for (const word of machine) if (text.includes(word)) found.push(`${path}: ${word}`);
    for (const host of registry) if (host.test(text)) found.push(`${path}: ${host.exec(text)[0]}`);
  }
  assert.deepEqual(found, []);
});

test('npm pack ships dist and nothing else', () => {
  const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{files: packed, size, unpackedSize}] = JSON.parse(text);
  const outside = packed.map(({path}) => path).filter((path) => !path.startsWith('dist/'));
  assert.deepEqual(
    outside.filter((path) => !/^(package\.json|README\.md|LICENSE)$/.test(path)),
    [],
  );
  const junk = packed
    .map(({path}) => path)
    .filter((path) => /\.(map|tsbuildinfo|py|pt)$/.test(path));
  assert.deepEqual(junk, []);
  const biggest = packed.toSorted((a, b) => b.size - a.size).slice(0, 8);
  for (const {path, size: bytes} of biggest) {
    console.log(`${(bytes / MEGABYTE).toFixed(2).padStart(7)} MB  ${path}`);
  }
  const megabytes = (bytes) => (bytes / MEGABYTE).toFixed(1);
  console.log(
    `${packed.length} files: ${megabytes(size)} MB packed, ${megabytes(unpackedSize)} MB`,
  );
});

test('publint has nothing against it', async () => {
  const {messages, pkg} = await publint({pkgDir: root, strict: false});
  const serious = messages
    .filter(({type}) => type !== 'suggestion')
    // The glue of ONNX Runtime is an ES module that mentions `require`, for Node.
    .filter((message) => !/ort-wasm[\w.-]*\.mjs/.test(formatMessage(message, pkg) ?? ''));
  assert.deepEqual(
    serious.map((message) => formatMessage(message, pkg)),
    [],
  );
});
