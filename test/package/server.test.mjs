// Every element is rendered on a server, where there is no window, no canvas and no worker.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {render} from '@lit-labs/ssr';
import {collectResult} from '@lit-labs/ssr/lib/render-result.js';
import {html, unsafeStatic} from 'lit/static-html.js';
import {dist} from '../../scripts/paths.mjs';

await import('latent-elements/all');

const {modules} = JSON.parse(readFileSync(join(dist, 'custom-elements.json'), 'utf8'));

/** A tag as a server writes it: its attributes, its shadow tree and what lies in it. */
async function onServer(tag, attributes) {
  const written = attributes.map(({name, value}) => `${name}="${value}"`).join(' ');
  const start = unsafeStatic(`${tag} ${written}`);
  const text = await collectResult(
    render(html`<${start}><img src="a.png" alt="A"></${unsafeStatic(tag)}>`),
  );
  const form = `<${tag}([^>]*)><template shadowroot="open"[^>]*>(.*)</template>(.*)</${tag}>`;
  const found = new RegExp(form, 's').exec(text.replace(/<!--.*?-->/g, ''));
  assert.ok(found, text);
  return {attributes: found[1], shadow: found[2], light: found[3]};
}

for (const {tagName, attributes} of modules.flatMap(({declarations}) => declarations)) {
  test(`<${tagName}> is rendered on a server`, async () => {
    const {shadow, light} = await onServer(tagName, []);
    assert.match(shadow, /<style>/, 'its styles come with it');
    assert.match(shadow, /<slot|<canvas|<input/);
    assert.match(light, /<img src="a.png" alt="A">/, 'what the page shows without scripts');
  });

  test(`<${tagName}> is rendered on a server with every attribute that it has`, async () => {
    const samples = {boolean: '', number: '1'};
    const all = attributes.map(({name, type}) => ({name, value: samples[type.text] ?? 'words'}));
    const written = await onServer(tagName, all);
    for (const {name} of all) assert.match(written.attributes, new RegExp(` ${name}\\b`));
    assert.match(written.shadow, /<style>/);
  });
}
