import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, test} from 'node:test';
import {findFiles} from '../../src/cli/glob.js';
import {throwsLatentError} from '../core/support.js';

const root = mkdtempSync(join(tmpdir(), 'latent-glob-'));
const files = ['a.html', 'b.htm', 'c.txt', 'x/a.html', 'x/y/z.html', '.git/a.html', 'x [1].html'];
for (const file of [...files, 'node_modules/p/a.html']) {
  mkdirSync(dirname(join(root, file)), {recursive: true});
  writeFileSync(join(root, file), '');
}
after(() => {
  rmSync(root, {recursive: true});
});

const below = (...patterns: string[]) =>
  findFiles(patterns.map((pattern) => pattern.replace(/^!?/, (not) => `${not}${root}/`))).map(
    (file) => file.below,
  );

test('patterns find files, hidden folders and node_modules excepted', () => {
  assert.deepEqual(below('**/*.html'), ['a.html', 'x [1].html', 'x/a.html', 'x/y/z.html']);
  assert.deepEqual(below('*.html'), ['a.html', 'x [1].html']);
  assert.deepEqual(below('*.{html,htm}'), ['a.html', 'b.htm', 'x [1].html']);
  assert.deepEqual(below('x/**/*.html'), ['a.html', 'y/z.html']);
  assert.deepEqual(below('?.htm*'), ['a.html', 'b.htm']);
  assert.deepEqual(below('[!a].htm'), ['b.htm']);
});

test('a path names itself, a folder its pages, and each file is found once', () => {
  assert.deepEqual(below('c.txt', 'c.txt', '*.txt'), ['c.txt']);
  assert.deepEqual(below('x'), ['a.html', 'y/z.html']);
  assert.deepEqual(below('x/y', 'x/y/z.html'), ['z.html']);
});

test('what follows a ! is left out, however it is written', () => {
  assert.deepEqual(below('**/*.html', '!x/**'), ['a.html', 'x [1].html']);
  assert.deepEqual(below('!./x/y/../a.html', 'x'), ['y/z.html']);
  assert.deepEqual(below('a.html', '!*.html'), []);
  throwsLatentError(() => below('*.html', '!missing.html'), 'not-found', /missing/);
});

test('what names nothing is an error that names it', () => {
  for (const pattern of ['missing.html', 'missing/**/*.html', '*.pdf']) {
    throwsLatentError(() => below(pattern), 'not-found', /matches .*(missing|pdf)/);
  }
});

test('a file whose name looks like a pattern names itself', () => {
  assert.deepEqual(below('x [1].html'), ['x [1].html']);
});
