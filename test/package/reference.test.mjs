// dist/llms.txt: one file with all that the manifest says of every element, and the pages beside it.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {dist} from '../../scripts/paths.mjs';

const text = readFileSync(join(dist, 'llms.txt'), 'utf8');
const manifest = JSON.parse(readFileSync(join(dist, 'custom-elements.json'), 'utf8'));
const elements = manifest.modules.flatMap(({declarations}) => declarations);

for (const {tagName, ...element} of elements) {
  test(`the reference says of <${tagName}> all that the manifest says`, () => {
    const from = text.indexOf(`## <${tagName}>`);
    assert.ok(from > 0);
    const own = text.slice(from, text.indexOf('\n## ', from + 1));
    const lists = ['attributes', 'members', 'events', 'slots', 'cssParts', 'cssProperties'];
    const names = lists.flatMap((list) => element[list].map(({name}) => name)).filter(Boolean);
    const missing = names.filter((name) => !own.includes(name));
    assert.deepEqual(missing, []);
    assert.ok(own.includes(element.description.slice(0, 60)));
  });
}

test('the reference has the pages, and no link that leads nowhere', () => {
  for (const title of [
    'Installing',
    'Words in any language',
    'Privacy',
    'Looks',
    'Without elements',
  ]) {
    assert.match(text, new RegExp(`^##+ ${title}$`, 'm'));
  }
  const prose = text.replace(/```[^]*?```/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  assert.deepEqual(
    links.filter((link) => !/^https:/.test(link)),
    [],
  );
  assert.ok(text.length < 150_000, `${text.length} characters`);
});
