// A third party's autoencoder (the FLUX.2 tiny one: 32 channels, dynamic size, names of its own) runs
// by a manifest alone, and gives the numbers of the original network.
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {data, DATA_REASON, float32, openPage, site, taef2Manifest} from './support.mjs';

const folder = join(data, 'taef2');
const skip = DATA_REASON || (existsSync(folder) ? false : `needs ${folder}`);

/** Planar [0,1] → the nearest 8-bit RGBA. */
function quantise(planes, width, height) {
  const area = width * height;
  return Array.from({length: 4 * area}, (_, i) =>
    i % 4 === 3
      ? 255
      : Math.round(255 * Math.min(1, Math.max(0, planes[(i % 4) * area + (i >> 2)]))),
  );
}

const largest = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
const mean = (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

describe('the FLUX.2 tiny autoencoder by a manifest alone', {skip}, () => {
  let server, browser, page, faults;

  before(async () => {
    server = await site({
      pages: {'/': '<!doctype html><title>foreign</title>'},
      routes: {
        '/data/taef2/pack.json': (_, response) => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify(taef2Manifest()));
        },
      },
    });
    browser = await launch({webgpu: true});
    ({page, faults} = await openPage(browser, server.url));
    await page.evaluate(async () => {
      const {createEngine} = await import('/dist/cdn/latent-elements.js');
      globalThis.models = {};
      const engine = createEngine();
      globalThis.model = async (device) =>
        (globalThis.models[device] ??= await engine.load('/data/taef2/pack.json', {device}));
      globalThis.pixels = (bitmap) => {
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        context.drawImage(bitmap, 0, 0);
        return [...context.getImageData(0, 0, bitmap.width, bitmap.height).data];
      };
      globalThis.encode = async (device, rgba, width) => {
        const image = new ImageData(Uint8ClampedArray.from(rgba), width);
        return (await globalThis.model(device)).encode(image);
      };
      globalThis.decode = async (device, shape, numbers) => {
        const latent = {space: 'flux2', shape, data: Float32Array.from(numbers)};
        return globalThis.pixels(await (await globalThis.model(device)).decode(latent));
      };
    });
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const decode = (device, shape, numbers) =>
    page.evaluate(([...given]) => globalThis.decode(...given), [device, shape, [...numbers]]);
  const encode = (device, rgba, width) =>
    page.evaluate(
      async ([...given]) => {
        const {shape, data} = await globalThis.encode(...given);
        return {shape, data: [...data]};
      },
      [device, rgba, width],
    );

  for (const [name, rows, columns] of [
    ['dec32', 32, 32],
    ['dec16x24', 16, 24],
  ]) {
    it(`decodes ${name} to the reference image on WASM`, async () => {
      const latent = float32(join(folder, `ref_${name}_in.f32`));
      const reference = float32(join(folder, `ref_${name}_out.f32`));
      const decoded = await decode('wasm', [32, rows, columns], latent);
      // Eight bits round by half a step; one step is room for ties.
      assert.ok(largest(decoded, quantise(reference, columns * 8, rows * 8)) <= 1);
    });
  }

  it('encodes the reference image to the reference latent on WASM', async () => {
    const image = float32(join(folder, 'ref_enc32_in.f32'));
    const reference = float32(join(folder, 'ref_enc32_out.f32'));
    const {shape, data: latent} = await encode('wasm', quantise(image, 256, 256), 256);
    assert.deepEqual(shape, [32, 32, 32]);
    // The reference was encoded from float pixels; ours have been rounded to eight bits, an error of
    // 1e-3 on average, which the network hands on.
    assert.ok(mean(latent, reference) < 5e-3, `mean error ${mean(latent, reference)}`);
  });

  it('gives the same numbers on WebGPU', async () => {
    // Small: the software adapter is some hundred times slower than WASM.
    const image = float32(join(folder, 'ref_enc32_in.f32'));
    const rgba = quantise(image, 256, 256).slice(0, 4 * 16 * 16);
    const [wasm, webgpu] = [await encode('wasm', rgba, 16), await encode('webgpu', rgba, 16)];
    assert.deepEqual(webgpu.shape, [32, 2, 2]);
    assert.ok(largest(webgpu.data, wasm.data) < 1e-3, `${largest(webgpu.data, wasm.data)}`);
    const images = [];
    for (const device of ['wasm', 'webgpu'])
      images.push(await decode(device, [32, 2, 2], wasm.data));
    assert.ok(largest(images[0], images[1]) <= 1);
  });

  it('raises nothing in the page', () => {
    assert.deepEqual(faults, []);
  });
});
