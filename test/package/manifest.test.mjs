// The generated manifest is the reference page: it names all that the contract promises.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {dist} from '../../scripts/paths.mjs';

const manifest = JSON.parse(readFileSync(join(dist, 'custom-elements.json'), 'utf8'));
const elements = new Map(
  manifest.modules.flatMap(({declarations}) => declarations).map((each) => [each.tagName, each]),
);

const common = {
  attributes: ['model', 'device', 'loading', 'disabled', 'label'],
  members: ['state', 'error', 'ready'],
  events: ['latent-load', 'latent-progress', 'latent-error'],
  cssStates: ['loading', 'ready', 'busy', 'error'],
};

const contract = {
  'latent-interpolator': {
    attributes: [
      ...['from', 'to', 'value', 'interpolation', 'reconstruct', 'strength', 'steps', 'seed'],
      ...['autoplay', 'loop', 'duration', 'controls'],
    ],
    members: ['keyframes', 'play', 'pause', 'latentAt', 'frameAt', 'toBlob'],
    events: ['input', 'change', 'latent-frame'],
    slots: ['', 'poster'],
    cssParts: ['canvas', 'slider', 'play-button', 'progress', 'error'],
  },
  'latent-slider': {
    attributes: [
      ...['src', 'for', 'direction', 'min', 'max', 'step', 'value', 'name'],
      ...['reconstruct', 'strip'],
    ],
    members: [
      ...['latentAt', 'toBlob', 'learn', 'directionData', 'directionToBlob'],
      ...['value', 'valueAsNumber', 'defaultValue', 'name', 'type', 'form', 'labels'],
      ...['validity', 'validationMessage', 'willValidate', 'checkValidity', 'reportValidity'],
      ...['setCustomValidity', 'stepUp', 'stepDown'],
    ],
    events: ['input', 'change'],
    slots: ['positive', 'negative', 'poster'],
    cssParts: ['canvas', 'slider', 'label', 'value', 'strip', 'hint', 'progress', 'error'],
  },
  'latent-map': {
    attributes: ['for', 'projection', 'table'],
    members: ['items', 'selected', 'positionOf', 'latentAt'],
    events: ['change', 'latent-select', 'latent-point'],
    slots: [],
    cssParts: ['map', 'canvas', 'card', 'picture', 'controls', 'table', 'progress', 'error'],
  },
  'latent-image': {
    attributes: ['src', 'seed', 'reconstruct'],
    members: ['latent', 'editedLatent', 'toBlob'],
    events: [],
    slots: ['poster'],
    cssParts: ['canvas', 'progress', 'error'],
  },
};

for (const [tag, own] of Object.entries(contract)) {
  for (const key of ['attributes', 'members', 'events', 'slots', 'cssParts', 'cssStates']) {
    test(`<${tag}> documents its ${key}`, () => {
      const names = elements.get(tag)[key].map(({name}) => name);
      const missing = [...(common[key] ?? []), ...(own[key] ?? [])].filter(
        (name) => !names.includes(name),
      );
      assert.deepEqual(missing, []);
      assert.equal(new Set(names).size, names.length, `doubles in ${names.join(', ')}`);
    });
  }
}

for (const [tag, element] of elements) {
  test(`<${tag}> says something of everything`, () => {
    const lists = ['attributes', 'members', 'events', 'slots', 'cssParts', 'cssProperties'];
    const silent = lists.flatMap((key) => element[key].filter((each) => !each.description));
    assert.deepEqual(
      silent.map(({name}) => name),
      [],
    );
    assert.ok(element.description);
  });

  test(`<${tag}> shows nothing private, nothing inherited twice, no path of the sources`, () => {
    const [leak] =
      /"name":"[#_]|"private"|"protected"|inheritedFrom|\.ts"/.exec(JSON.stringify(element)) ?? [];
    assert.equal(leak, undefined);
  });

  test(`<${tag}> is defined where the package says`, () => {
    const path = `dist/components/${tag}/define.js`;
    const module = manifest.modules.find((each) => each.path === path);
    assert.equal(module.exports.find(({kind}) => kind === 'custom-element-definition').name, tag);
  });
}

test('editors know the tags and the values of their attributes', () => {
  const html = JSON.parse(readFileSync(join(dist, 'editor/vscode.html-custom-data.json'), 'utf8'));
  const tag = html.tags.find(({name}) => name === 'latent-interpolator');
  const values = (name) => tag.attributes.find((each) => each.name === name).values;
  assert.deepEqual(
    values('device').map(({name}) => name),
    ['auto', 'webgpu', 'wasm'],
  );
  const jetBrains = JSON.parse(readFileSync(join(dist, 'editor/web-types.json'), 'utf8'));
  assert.ok(jetBrains.contributions.html.elements.length >= elements.size);
});
