// Diffusion from plain HTML: the engine as the README has it, and morphs that are repaired.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {imageRoutes, scene} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

const ENTRY = '/dist/cdn/latent-elements.js';
const morph = (attributes) =>
  html(`<latent-interpolator model="avatars" from="/a.png" to="/b.png" ${attributes}
    style="inline-size: 300px"></latent-interpolator>`);

const pages = {
  '/': html(''),
  '/repaired': morph('strength="0.6" steps="1" controls'),
  '/photos': morph('strength="0.6"').replace('model="avatars"', 'model="photos"'),
};

describe('diffusion in a page', () => {
  let home, browser;

  before(async () => {
    home = await site({
      pages,
      routes: imageRoutes({'/a.png': scene(1, 128, 128), '/b.png': scene(2, 128, 128)}),
    });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  const open = (path) => openPage(browser, `${home.url}${path}`);

  it('generates, repairs and decodes without any element, the same for the same seed', async () => {
    const {page, context, faults} = await open('/');
    const seen = await page.evaluate(async (entry) => {
      const {createEngine, lerp} = await import(entry);
      const engine = createEngine({device: 'wasm'});
      const stages = new Set();
      const model = await engine.load('avatars');
      const options = {prompt: 'smiling, round glasses', seed: 7, steps: 8};
      const steps = [];
      const face = await model.generate({
        ...options,
        onStep: ({step, steps: all, preview}) => steps.push([step, all, preview?.width]),
        onProgress: ({stage}) => stages.add(stage),
      });
      const latent = await model.generateLatent(options);
      const again = await model.generateLatent(options);
      const other = await model.generateLatent({...options, seed: 8});
      const [a, b] = [await model.sample(51), await model.sample(15)];
      const line = lerp(a, b, 0.5);
      const repaired = await model.denoise(line, {strength: 0.4, steps: 4, seed: 7});
      const apart = (p, q) => Math.hypot(...p.data.map((value, i) => value - q.data[i]));
      const result = {
        size: [face.width, face.height],
        difference: await tools.difference(face, await model.decode(latent)),
        steps,
        stages: [...stages],
        same: apart(latent, again),
        other: apart(latent, other),
        moved: apart(line, repaired),
        space: repaired.space,
        shape: repaired.shape,
      };
      await engine.dispose();
      return result;
    }, ENTRY);
    assert.deepEqual(seen.size, [128, 128]);
    assert.equal(seen.difference, 0);
    assert.deepEqual(
      seen.steps.map(([step, all]) => [step, all]),
      Array.from({length: 8}, (_, i) => [i + 1, 8]),
    );
    // How many there are in between is a matter of time; the last is the image.
    assert.equal(seen.steps[0][2], 128);
    assert.equal(seen.steps[7][2], 128);
    for (const stage of ['download', 'denoise', 'decode']) assert.ok(seen.stages.includes(stage));
    assert.equal(seen.same, 0);
    assert.ok(seen.other > 1);
    assert.ok(seen.moved > 1);
    assert.deepEqual([seen.space, seen.shape], ['avatars-2', [128]]);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('repairs what lies between two pictures, and neither of them', async () => {
    const {page, context, faults} = await open('/repaired');
    const seen = await page.evaluate(async () => {
      const el = document.querySelector('latent-interpolator');
      const plain = tools.element('latent-interpolator', {
        model: 'avatars',
        from: '/a.png',
        to: '/b.png',
      });
      await Promise.all([el.ready, plain.ready]);
      return {
        state: el.state,
        ends: [
          await tools.difference(await el.frameAt(0), '/a.png'),
          await tools.difference(await el.frameAt(1), '/b.png'),
        ],
        middle: await tools.difference(await el.frameAt(0.5), await plain.frameAt(0.5)),
        blob: (await el.toBlob()).type,
        gif: (await el.toBlob({type: 'image/gif', frames: 3})).size,
      };
    });
    assert.equal(seen.state, 'ready');
    assert.deepEqual(seen.ends, [0, 0]);
    assert.ok(seen.middle > 10);
    assert.equal(seen.blob, 'image/png');
    assert.ok(seen.gif > 1000);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('says which parts a model has where it cannot repair, and goes on without', async () => {
    const {page, context} = await open('/photos');
    const seen = await page.evaluate(async () => {
      const el = document.querySelector('latent-interpolator');
      el.events = [];
      const failed = await tools.outcome(el);
      el.strength = 0;
      await el.ready;
      return {failed, state: el.state};
    });
    assert.equal(seen.failed.code, 'unsupported');
    assert.match(seen.failed.alert, /photos has no denoiser.*encoder, decoder/);
    assert.equal(seen.state, 'ready');
    await context.close();
  });

  it('takes a pack from elsewhere by its manifest, with the words of another', async () => {
    const {page, context, faults} = await open('/');
    const shapes = await page.evaluate(
      async ([entry, url]) => {
        const {createEngine} = await import(entry);
        const model = await createEngine({device: 'wasm'}).load(url);
        const latents = [{}, {prompt: 'cat'}, {prompt: 'cat', guidanceScale: 1}];
        const made = [];
        for (const options of latents) made.push(await model.generateLatent(options));
        return made.map(({data}) => [...data.slice(0, 3)]);
      },
      [ENTRY, pack('blocks-flow')],
    );
    assert.notDeepEqual(shapes[0], shapes[1]);
    assert.notDeepEqual(shapes[1], shapes[2]);
    assert.deepEqual(faults, []);
    await context.close();
  });
});
