// Draws pictures of the docs with the built package: one element in several looks, its states, and a map with
// what lies on the way of a pointer. Run it when a style sheet changes: `node scripts/docs-images.mjs`.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {launch} from './browser.mjs';
import {dist, root} from './paths.mjs';
import {serve} from './serve.mjs';

const morph = (more = '') =>
  `<latent-interpolator interpolation="morph" from="/assets/leek.jpg" to="/assets/acanthus.jpg"
     loading="eager" value=".5" controls alt="" ${more}></latent-interpolator>`;

/** Pictures: file, and what stands in its columns, with the markup and the style of each. */
const pictures = {
  looks: [
    ['as it comes', morph(), ''],
    ['on a dark page', morph(), 'color-scheme: dark; background: #16161d; color: #eee'],
    [
      'custom properties',
      morph(),
      '--latent-accent: #b3541e; --latent-radius: 0; --latent-control-size: 3rem; --latent-gap: 0',
    ],
    ['right to left, a part grey', morph('class="grey"'), 'direction: rtl'],
  ],
  states: [
    [
      'asks first',
      '<latent-image src="/assets/leek.jpg" model="avatars" loading="eager" consent="ask"></latent-image>',
      '',
    ],
    ['ready', '<latent-image src="/assets/leek.jpg" loading="eager"></latent-image>', ''],
    ['an error', '<latent-image src="/assets/none.jpg" loading="eager"></latent-image>', ''],
  ],
  map: [
    [
      '256 drawn faces; the pointer went from the upper left to the lower right',
      '<latent-map model="avatars" projection="umap" label="Drawn faces" loading="eager"></latent-map>',
      'inline-size: 752px',
    ],
  ],
};

/** What happens on a page before its picture is taken. */
const actions = {map: dragOverFaces};

/** Presses on a map of 256 samples and moves, slowly enough for a picture at some places. */
async function dragOverFaces(page) {
  await page.evaluate(async () => {
    await customElements.whenDefined('latent-map');
    const map = document.querySelector('latent-map');
    map.items = Array.from({length: 256}, (_, seed) => ({
      id: `face ${seed}`,
      image: `seed:${seed}`,
    }));
    await map.ready;
  });
  const {x, y, width, height} = await page.locator('latent-map').boundingBox();
  const stops = 7;
  for (let i = 0; i < stops; i++) {
    const along = i / (stops - 1);
    await page.mouse.move(x + width * (0.2 + 0.6 * along), y + height * (0.3 + 0.4 * along));
    if (i === 0) await page.mouse.down();
    // Time for the picture of the place, and for those of more items.
    await page.waitForTimeout(700);
  }
}

const style = `
  body { margin: 0; display: inline-flex; font: 14px system-ui; background: white; }
  figure { margin: 0; padding: 16px; inline-size: 200px; box-sizing: border-box; }
  figcaption { margin-block-end: 8px; opacity: .7; }
  latent-image, latent-interpolator { inline-size: 100%; --latent-placeholder-size: 15rem; }
  .grey::part(canvas) { filter: grayscale(1); }`;

/** The page of a picture. */
function pageOf(columns) {
  const figures = columns.map(
    ([caption, markup, css]) =>
      `<figure style="${css}"><figcaption>${caption}</figcaption>${markup}</figure>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><style>${style}</style>
    <script type="module" src="/dist/cdn/latent-elements.js"></script>${figures.join('')}</html>`;
}

const server = await serve({
  root: {'/dist': dist, '/assets': join(root, 'stories/assets'), '/': join(root, 'stories/demo')},
  routes: Object.fromEntries(
    Object.entries(pictures).map(([file, columns]) => [
      `/${file}`,
      (_, response) => response.writeHead(200, {'content-type': 'text/html'}).end(pageOf(columns)),
    ]),
  ),
});
const browser = await launch();
const page = await browser.newPage({deviceScaleFactor: 2, viewport: {width: 820, height: 600}});

for (const file of Object.keys(pictures)) {
  await page.goto(`${server.url}/${file}`);
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('latent-image, latent-interpolator')].every(
        (element) => element.consent === 'ask' || ['ready', 'error'].includes(element.state),
      ),
    undefined,
    {timeout: 60_000},
  );
  await actions[file]?.(page);
  // One more frame than the last one painted.
  await page.waitForTimeout(500);
  const png = (await page.locator('body').screenshot()).toString('base64');
  const webp = await page.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const blob = await canvas.convertToBlob({type: 'image/webp', quality: 0.85});
    return btoa(
      Array.from(new Uint8Array(await blob.arrayBuffer()), (byte) =>
        String.fromCharCode(byte),
      ).join(''),
    );
  }, png);
  writeFileSync(join(root, `docs/images/${file}.webp`), Buffer.from(webp, 'base64'));
}
await browser.close();
await server.close();
