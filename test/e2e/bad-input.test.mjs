// Whatever a visitor or an author gives that cannot work: a clear error, seen and named, and the next
// good input works. And what is merely odd works.
import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {animatedGif, cmykJpeg, imageRoutes, png, scene, scenes, svg} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

const red = () => [255, 0, 0];
const images = imageRoutes({
  '/page.png.html': '<!doctype html><title>Not found</title>',
  '/text.png': 'This is no picture.',
  '/half.png': scene(1).subarray(0, 60),
  '/vast.png': png(1, 1, red, {claims: [20_000, 20_000]}),
  '/dot.png': png(1, 1, red),
  '/animated.gif': animatedGif,
  '/clear.png': png(16, 8, (x) => (x < 8 ? [255, 0, 0, 255] : [0, 0, 0, 0])),
  '/drawing.svg': svg,
  '/deep.png': png(8, 8, () => [65_535, 0, 0], {bits: 16}),
  '/inks.jpg': cmykJpeg([255, 0, 0, 255]),
});
const latent = (space) => ({space, shape: [3, 2, 2], data: new Float32Array(12)});
const model = (name) => ({from: '/a.png', to: '/b.png', model: pack(name)});

/** What is wrong, what is given, the code, and what the message names. */
const bad = (other) => [
  ['an image that is missing', {from: '/a.png', to: '/none.png'}, 'not-found', /\/none\.png/],
  ['a page as an image', {from: '/page.png.html', to: '/b.png'}, 'bad-image', /page\.png\.html/],
  ['text as an image', {from: '/text.png', to: '/b.png'}, 'bad-image', /\/text\.png/],
  ['half an image', {from: '/a.png', to: '/half.png'}, 'bad-image', /\/half\.png/],
  [
    '20 000 × 20 000 pixels',
    {from: '/vast.png', to: '/b.png'},
    'bad-image',
    /vast\.png.*20000×20000/,
  ],
  [
    'no CORS',
    {from: '/a.png', to: `${other}/a.png`},
    'tainted-image',
    new RegExp(`${other}/a.png`),
  ],
  ['from without to', {from: '/a.png'}, 'bad-argument', /\bfrom\b.*\bto\b/],
  ['one keyframe', {keyframes: ['/a.png']}, 'bad-argument', /keyframes has one/],
  ['keyframes that are no list', {keyframes: 5}, 'bad-argument', /keyframes must be a list/],
  [
    'a keyframe that is no picture',
    {keyframes: ['/a.png', 7], interpolation: 'morph'},
    'bad-argument',
    /keyframes\[1\] must be/,
  ],
  [
    'an unknown device',
    {from: '/a.png', to: '/b.png', device: 'quantum'},
    'bad-argument',
    /device "quantum"/,
  ],
  [
    'an unknown device for a morph',
    {from: '/a.png', to: '/b.png', device: 'quantum', interpolation: 'morph'},
    'bad-argument',
    /device "quantum"/,
  ],
  ['one <img>', {content: '<img src="/a.png" alt="">'}, 'bad-argument', /one <img>/],
  [
    'latents of two spaces',
    {keyframes: [latent('blocks-1'), latent('elsewhere')]},
    'space-mismatch',
    /elsewhere.*blocks-1|blocks-1.*elsewhere/,
  ],
  ['a pack that is missing', model('none'), 'not-found', /none\/pack\.json/],
  ['a page as a pack', model('html'), 'bad-pack', /html\/pack\.json.*HTML/],
  ['a truncated pack', model('truncated'), 'bad-pack', /truncated\/pack\.json/],
  ['a wrong schema', model('wrong-schema'), 'bad-pack', /wrong-schema\/pack\.json.*space\.shape/s],
  ['a wrong hash', model('wrong-hash'), 'integrity', /wrong-hash\/decoder\.onnx/],
  ['a file cut short', model('cut-short'), 'integrity', /cut-short\/decoder\.onnx/],
  ['other input names', model('wrong-names'), 'bad-pack', /wrong-names\/encoder\.onnx.*"pixels"/],
  ['a file that is no ONNX', model('not-onnx'), 'bad-pack', /not-onnx\/samples\.safetensors/],
];

/** What is odd, the file, and its first pixel as it must be shown. */
const odd = [
  ['a single pixel', '/dot.png', [1, 1], [255, 0, 0]],
  ['an animated GIF', '/animated.gif', [1, 1], [255, 0, 0]],
  ['a transparent PNG', '/clear.png', [16, 8], [255, 0, 0]],
  ['an SVG without a size', '/drawing.svg', undefined, [255, 0, 0]],
  ['a PNG of 16 bits', '/deep.png', [8, 8], [255, 0, 0]],
  ['a JPEG of CMYK', '/inks.jpg', [8, 8], [255, 0, 0]],
];

describe('bad input', () => {
  let home, other, browser, page, faults;

  before(async () => {
    // The other server knows nothing of CORS; an isolated page could not even embed its pictures.
    other = await site({routes: scenes, isolated: false});
    home = await site({routes: {...scenes, ...images}, pages: {'/': html('')}, isolated: false});
    browser = await launch();
    ({page, faults} = await openPage(browser, home.url));
  });

  afterEach(() => page.evaluate(() => document.body.replaceChildren()));

  after(async () => {
    await browser?.close();
    await home?.close();
    await other?.close();
  });

  const attempt = (given) =>
    page.evaluate(async ({content, ...rest}) => {
      const el = tools.element('latent-interpolator', rest, content);
      const failed = await tools.outcome(el);
      el.replaceChildren();
      for (const name of Object.keys(rest)) el.removeAttribute(name);
      tools.assign(el, {keyframes: undefined, from: '/a.png', to: '/b.png'});
      const mended = await tools.outcome(el);
      const exact = (await tools.difference(await el.frameAt(0), '/a.png')) === 0;
      return {failed, mended: {...mended, exact}};
    }, given);

  // The other server's address is known only when it runs, the table's length before.
  for (const [row, [what, , code]] of bad('').entries()) {
    it(`${what}: ${code}, and the next good input works`, async () => {
      const [, given, , named] = bad(other.url)[row];
      const {failed, mended} = await attempt(given);
      const {message, ...told} = failed;
      assert.match(message, named);
      const alert = message;
      assert.deepEqual(told, {state: 'error', code, rejected: code, alert, errors: [code]});
      assert.equal(mended.state, 'ready');
      assert.equal(mended.alert, undefined);
      assert.deepEqual(mended.errors, [code], 'no error more');
      assert.ok(mended.exact);
    });
  }

  for (const [what, from, size, colour] of odd) {
    it(`${what} works`, async () => {
      const seen = await page.evaluate(async (src) => {
        const el = tools.element('latent-interpolator', {from: src, to: '/b.png'});
        const {state, message} = await tools.outcome(el);
        const {width, height, data} = await tools.pixels(await el.frameAt(0));
        return {
          state,
          message,
          size: [width, height],
          first: [...data.slice(0, 4)],
          last: [...data.slice(-4)],
        };
      }, from);
      assert.equal(seen.state, 'ready', seen.message);
      if (size) assert.deepEqual(seen.size, size);
      // The shape of its viewBox, give or take the rounding to the pack's working size.
      else assert.ok(Math.abs(seen.size[0] - 2 * seen.size[1]) <= 1, seen.size.join('×'));
      assert.deepEqual(seen.first, [...colour, 255]);
      if (from === '/clear.png') assert.deepEqual(seen.last, [255, 255, 255, 255], 'on white');
    });
  }

  it('a value that is none of 0..1 shows the nearest end, or changes nothing', async () => {
    const seen = await page.evaluate(async () => {
      const el = tools.element('latent-interpolator', {from: '/a.png', to: '/b.png', value: '-1'});
      const {state, message} = await tools.outcome(el);
      const values = [el.value];
      const painted = tools.next(el, 'latent-frame');
      el.setAttribute('value', '2');
      await painted;
      values.push(el.value);
      for (const given of ['NaN', 'much']) {
        el.setAttribute('value', given);
        await el.updateComplete;
        values.push(el.value);
      }
      el.value = NaN;
      values.push(el.value);
      const frames = [];
      for (const t of [-1, 2]) {
        frames.push(await tools.difference(await el.frameAt(t), t < 0 ? '/a.png' : '/b.png'));
      }
      return {state, message, values, frames, after: el.state};
    });
    assert.equal(seen.state, 'ready', seen.message);
    assert.deepEqual(seen.values, [0, 1, 1, 1, 1]);
    assert.deepEqual(seen.frames, [0, 0]);
    assert.equal(seen.after, 'ready');
  });

  it('raises nothing in the page', () => assert.deepEqual(faults, []));
});
