// A link of the documentation leads to a file that is there.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {root} from '../../scripts/paths.mjs';

/** Paths that a page of Markdown links to; addresses, headings and what stands in code are none. */
function linkedFiles(markdown) {
  const prose = markdown.replace(/```[^]*?```/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link)
    .filter((link) => !/^(\w+:|#)/.test(link))
    .map((link) => decodeURI(link.split('#')[0]));
}

test('the search for links finds them', () => {
  const page = '[a](b.md#c) ![d](e/f.png) [g](https://h.example/) [i](#j)\n```\n[k](l.md)\n```\n';
  assert.deepEqual(linkedFiles(page), ['b.md', 'e/f.png']);
});

test('every link between files leads somewhere', () => {
  const pages = execFileSync('git', ['ls-files', '*.md'], {cwd: root, encoding: 'utf8'});
  const broken = pages
    .trim()
    .split('\n')
    .flatMap((page) =>
      linkedFiles(readFileSync(join(root, page), 'utf8'))
        .filter((file) => !existsSync(join(root, dirname(page), file)))
        .map((file) => `${page}: ${file}`),
    );
  assert.deepEqual(broken, []);
});
