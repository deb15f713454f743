import {expect, fixture, html, oneEvent} from '@open-wc/testing';
import {sendKeys, sendMouse} from '@web/test-runner-commands';
import type {LatentMap} from '../../components/latent-map/latent-map.js';
import type {PointDetail} from '../../components/latent-map/map-view.js';
import type {ResultsDetail, SelectDetail} from '../../components/latent-search/latent-search.js';
import type {MapItem} from '../../src/controllers/map-pictures.js';
import {errorOf, pack} from '../engine/support.js';
import {part, record, until} from './support.js';

const WORDS = pack('tiny-words');
const TEXTS: readonly MapItem[] = [
  {id: 'boat', text: 'a tiny red boat', href: '#boat'},
  {id: 'ship', text: 'a red ship'},
  {id: 'tree', title: 'Tree', text: 'an old tree'},
  {id: 'markup', text: '<img src=x onerror=alert(1)> a green tree'},
];

/** Latents in the space of the pack `blocks`, on a cross around the middle. */
const CROSS: readonly MapItem[] = [
  ['left', -2, 0],
  ['right', 2, 0],
  ['up', 0, -1],
  ['down', 0, 1],
  ['middle', 0, 0],
].map(([id, x, y]) => ({id: id as string, latent: at(x as number, y as number)}));

function at(x: number, y: number, space = 'blocks-1') {
  return {space, shape: [3, 1, 1], data: Float32Array.of(x, y, 0)};
}

/** A map in the page, 400 by 300 pixels. */
function map(
  items: readonly MapItem[] | undefined,
  attributes: Partial<Pick<LatentMap, 'model' | 'projection' | 'disabled' | 'label'>> = {},
): Promise<LatentMap> {
  const el = document.createElement('latent-map');
  Object.assign(el, {loading: 'eager', items, ...attributes});
  el.style.cssText = 'inline-size: 400px; block-size: 300px';
  return fixture<LatentMap>(html`${el}`);
}

async function ready(el: LatentMap): Promise<LatentMap> {
  await el.ready;
  await until(() => part(el, 'map') !== null, 'there is a map');
  await el.updateComplete;
  return el;
}

function isDrawn(el: LatentMap): boolean {
  const canvas = part(el, 'canvas') as HTMLCanvasElement;
  if (canvas.width === 0) return false;
  const {data} = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
}

const option = (el: Element) => el.shadowRoot!.querySelector('[role=option]')!;
const layer = (el: Element) => part(el, 'map')!;

/** Where an item is seen on the screen; the square lies in the middle of the map. */
async function press(el: LatentMap, id: string, init: MouseEventInit = {}): Promise<void> {
  const {x, y} = await onScreen(el, id);
  layer(el).dispatchEvent(
    new MouseEvent('click', {clientX: x, clientY: y, bubbles: true, composed: true, ...init}),
  );
  await el.updateComplete;
}

async function onScreen(el: LatentMap, id: string): Promise<{x: number; y: number}> {
  // Nobody presses what is not to be seen yet: points, in the size that the map has by now.
  await until(() => isDrawn(el), 'there are points');
  const canvas = part(el, 'canvas') as HTMLCanvasElement;
  const whole = () => Math.round(layer(el).clientWidth * devicePixelRatio);
  await until(() => Math.abs(canvas.width - whole()) <= 1, 'the canvas has the size of the map');
  const all = await Promise.all((el.items ?? []).map((item) => el.positionOf(item.id)));
  const {x, y} = (await el.positionOf(id))!;
  const {left, top, width, height} = layer(el).getBoundingClientRect();
  const [xs, ys] = [all.map((place) => place!.x), all.map((place) => place!.y)];
  const extent = (values: number[]) => Math.max(0.25, Math.max(...values) - Math.min(...values));
  const middle = (values: number[]) => (Math.max(...values) + Math.min(...values)) / 2;
  const scale = Math.min((width - 80) / extent(xs), (height - 80) / extent(ys));
  return {
    x: left + width / 2 + (x - middle(xs)) * scale,
    y: top + height / 2 + (y - middle(ys)) * scale,
  };
}

describe('latent-map', () => {
  it('puts near what is similar, in the unit square', async () => {
    const el = await map(TEXTS, {model: WORDS});
    await el.ready;
    expect(el.state).to.equal('ready');
    const [boat, ship, tree] = await Promise.all(
      ['boat', 'ship', 'tree'].map((id) => el.positionOf(id)),
    );
    const far = (a: typeof boat, b: typeof boat) => Math.hypot(a!.x - b!.x, a!.y - b!.y);
    expect(far(boat, ship)).to.be.below(far(boat, tree));
    for (const place of [boat, ship, tree]) {
      expect(place!.x).to.be.within(0, 1);
      expect(place!.y).to.be.within(0, 1);
    }
    expect(await el.positionOf('nobody')).to.equal(undefined);
  });

  it('draws something', async () => {
    const el = await map(CROSS);
    await el.ready;
    await until(() => part(el, 'canvas') !== null && isDrawn(el), 'there are points');
  });

  it('takes latents without a model, and keeps them where they are', async () => {
    const el = await map(CROSS);
    await el.ready;
    const places = await Promise.all(CROSS.map(({id}) => el.positionOf(id)));
    const flat = places.flatMap((place) => [place!.x, place!.y]);
    // Twice as wide as high; PCA may name the axes' signs.
    expect(Math.abs(flat[0]! - flat[2]!)).to.be.closeTo(1, 1e-4);
    expect(Math.abs(flat[5]! - flat[7]!)).to.be.closeTo(0.5, 1e-4);
    expect(flat.slice(8)).to.deep.equal([0.5, 0.5]);
    expect((await errorOf(el.latentAt(0.5, 0.5))).code).to.equal('unsupported');
  });

  it('leads from item to item by arrow keys, and chooses by Enter', async () => {
    const el = await ready(await map(CROSS));
    layer(el).focus();
    await sendKeys({press: 'ArrowRight'});
    await el.updateComplete;
    expect(layer(el).getAttribute('aria-activedescendant')).to.equal(option(el).id);
    expect(option(el).textContent.trim()).to.equal('middle');
    const seen = [];
    for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'Home', 'End']) {
      await sendKeys({press: key});
      await el.updateComplete;
      seen.push(option(el).textContent.trim());
    }
    const sides = seen.slice(0, 1).concat(seen.slice(2, 3)).sort();
    expect(['left', 'right']).to.include(sides[0]);
    expect(seen.slice(3)).to.deep.equal(['left', 'middle']);
    const events = record(el, 'change');
    const chosen = oneEvent(el, 'latent-select');
    await sendKeys({press: 'Enter'});
    const {detail} = (await chosen) as CustomEvent<SelectDetail>;
    expect(detail).to.deep.equal({id: 'middle', item: CROSS[4]});
    expect(el.selected).to.deep.equal(['middle']);
    expect(events).to.deep.equal(['change']);
    await expect(el).to.be.accessible();
  });

  it('chooses by a click, several with Ctrl, none beside all of them', async () => {
    const el = await ready(await map(CROSS));
    await press(el, 'left');
    expect(el.selected).to.deep.equal(['left']);
    await press(el, 'right', {ctrlKey: true});
    await press(el, 'up', {shiftKey: true});
    expect(el.selected).to.deep.equal(['left', 'right', 'up']);
    await press(el, 'right', {ctrlKey: true});
    expect(el.selected).to.deep.equal(['left', 'up']);
    const {left, top} = layer(el).getBoundingClientRect();
    layer(el).dispatchEvent(
      new MouseEvent('click', {clientX: left + 3, clientY: top + 3, bubbles: true}),
    );
    expect(el.selected).to.deep.equal([]);
  });

  it('does nothing more when a choice is canceled, and follows its link when not', async () => {
    const el = await ready(await map(TEXTS, {model: WORDS}));
    el.addEventListener('latent-select', (event) => event.preventDefault(), {once: true});
    await press(el, 'boat');
    expect(location.hash).to.equal('');
    expect(el.selected).to.deep.equal([]);
    await press(el, 'boat');
    await until(() => location.hash === '#boat', 'the link is followed');
    history.replaceState(null, '', location.pathname + location.search);
  });

  it('shows a card of safe text under the pointer', async () => {
    const el = await ready(await map(TEXTS, {model: WORDS}));
    const {x, y} = await onScreen(el, 'markup');
    await sendMouse({type: 'move', position: [Math.round(x), Math.round(y)]});
    await until(() => part(el, 'card') !== null, 'there is a card');
    expect(part(el, 'card')!.textContent).to.contain('<img src=x');
    expect(part(el, 'card')!.querySelector('img')).to.equal(null);
    await sendMouse({type: 'move', position: [0, 0]});
  });

  it('zooms by +, − and 0: other items are under the same place', async () => {
    const el = await ready(await map(CROSS));
    const {x, y} = await onScreen(el, 'left');
    const clickThere = () =>
      layer(el).dispatchEvent(new MouseEvent('click', {clientX: x, clientY: y, bubbles: true}));
    layer(el).focus();
    await sendKeys({press: '+'});
    clickThere();
    expect(el.selected).to.deep.equal([]);
    await sendKeys({press: '0'});
    clickThere();
    expect(el.selected).to.deep.equal(['left']);
  });

  it('writes no name over its edge, nor under its buttons', async () => {
    const {fillText} = CanvasRenderingContext2D.prototype;
    const written: [left: number, right: number, y: number][] = [];
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
      written.push([x, x + this.measureText(text).width, y]);
      fillText.call(this, text, x, y);
    };
    try {
      const items = CROSS.map((item) => ({...item, title: `${item.id} with a long name`}));
      const el = await ready(await map(items));
      await until(() => isDrawn(el) && written.length >= 4, 'names are written');
      expect(Math.min(...written.map(([left]) => left))).to.be.least(0);
      expect(Math.max(...written.map(([, right]) => right))).to.be.most(400);
      // A square, so that one of them is in the corner of the buttons.
      const corners = [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ];
      for (const dir of ['ltr', 'rtl']) {
        written.length = 0;
        const square = await map(
          corners.map(([x, y], i) => ({id: `corner ${String(i)}`, latent: at(x!, y!)})),
        );
        square.dir = dir;
        await ready(square);
        await until(() => isDrawn(square) && written.length >= 3, 'names are written');
        await new Promise((resolve) => setTimeout(resolve, 300));
        const frame = square.getBoundingClientRect();
        const buttons = part(square, 'controls')!.getBoundingClientRect();
        const [start, end] = [buttons.left - frame.left, buttons.right - frame.left];
        const below = buttons.bottom - frame.top;
        const isUnder = ([left, right, y]: (typeof written)[number]) =>
          left < end && right > start && y - 6 < below;
        expect(written.filter(isUnder).length, dir).to.equal(0);
      }
    } finally {
      CanvasRenderingContext2D.prototype.fillText = fillText;
    }
  });

  it('leaves a finger that swipes across the whole map to the page', async () => {
    // Else d3-zoom hears of no finger.
    Object.defineProperty(navigator, 'maxTouchPoints', {value: 2, configurable: true});
    const el = await ready(await map(CROSS));
    const stage = layer(el);
    const swipe = (fingers: number): boolean => {
      const touchAt = (y: number) =>
        Array.from(
          {length: fingers},
          (_, i) => new Touch({identifier: i, target: stage, clientX: 90 + 60 * i, clientY: y}),
        );
      const send = (type: string, touches: Touch[]) => {
        const init = {touches, changedTouches: touches, bubbles: true, cancelable: true};
        const event = new TouchEvent(type, {...init, composed: true});
        stage.dispatchEvent(event);
        return event;
      };
      send('touchstart', touchAt(100));
      const {defaultPrevented} = send('touchmove', touchAt(140));
      send('touchend', touchAt(140));
      return defaultPrevented;
    };
    const action = () => getComputedStyle(stage).touchAction;
    expect([swipe(1), swipe(2), action()]).to.deep.equal([false, true, 'pan-y']);
    stage.dispatchEvent(new KeyboardEvent('keydown', {key: '+', bubbles: true}));
    await el.updateComplete;
    expect([swipe(1), action()]).to.deep.equal([true, 'none']);
    el.disabled = true;
    await el.updateComplete;
    expect([swipe(1), action()]).to.deep.equal([false, 'auto']);
    Reflect.deleteProperty(navigator, 'maxTouchPoints');
  });

  it('lights up what the search finds whose items it draws', async () => {
    const root = await fixture<HTMLElement>(html`
      <div>
        <latent-search id="find" loading="eager" model=${WORDS} .items=${TEXTS}></latent-search>
        <latent-map for="find" loading="eager"></latent-map>
      </div>
    `);
    const [search, el] = [root.querySelector('latent-search')!, root.querySelector('latent-map')!];
    await ready(el);
    expect(await el.positionOf('tree')).not.to.equal(undefined);
    await search.ready;
    const results = oneEvent(search, 'latent-results');
    search.query = 'boat';
    const count = ((await results) as CustomEvent<ResultsDetail>).detail.results.length;
    expect(count).to.be.above(0);
    const note = () => el.shadowRoot!.querySelector('.note')?.textContent;
    await until(() => note() === `${count} of 4 found.`, 'the boat lights up');
    search.query = '';
    await until(() => note() === '', 'nothing does');
    search.items = TEXTS.slice(0, 2);
    await until(() => el.state === 'loading', 'it begins anew');
    await el.ready;
    expect(await el.positionOf('tree')).to.equal(undefined);
  });

  it('is a table for whoever prefers one', async () => {
    const el = await ready(await map(TEXTS, {model: WORDS, label: 'Things'}));
    const buttons = part(el, 'controls')!.querySelectorAll('button');
    buttons[buttons.length - 1]!.click();
    await el.updateComplete;
    const cells = [...part(el, 'table')!.querySelectorAll('tbody button')];
    expect(cells.map(({textContent}) => textContent.trim())).to.have.members([
      'a tiny red boat',
      'a red ship',
      'Tree',
      '<img src=x onerror=alert(1)> a green tree',
    ]);
    expect(el.table).to.equal(true);
    await expect(el).to.be.accessible();
    el.addEventListener('latent-select', (event) => event.preventDefault(), {once: true});
    const chosen = oneEvent(el, 'latent-select');
    (cells[1] as HTMLButtonElement).click();
    expect(((await chosen) as CustomEvent<SelectDetail>).detail.id).to.be.a('string');
  });

  it('is accessible while empty, loading, ready and failed', async () => {
    await expect(await map([])).to.be.accessible();
    await expect(await ready(await map(TEXTS, {model: WORDS}))).to.be.accessible();
    const el = await map(undefined);
    el.htmlFor = 'nowhere';
    await errorOf(el.ready);
    await el.updateComplete;
    await expect(el).to.be.accessible();
  });
});

describe('latent-map between its items', () => {
  it('has a latent at every place: at an item its own', async () => {
    const el = await map(CROSS, {model: pack('blocks')});
    await el.ready;
    const place = (await el.positionOf('right'))!;
    const latent = (await el.latentAt(place.x, place.y))!;
    expect(latent.space).to.equal('blocks-1');
    expect(latent.shape).to.deep.equal([3, 1, 1]);
    latent.data.forEach((value, i) => expect(value).to.be.closeTo([2, 0, 0][i]!, 1e-4));
    const between = (await el.latentAt(0.5, 0.5))!;
    between.data.forEach((value) => expect(value).to.be.closeTo(0, 1e-4));
  });

  it('shows the picture that lies where one presses, and tells where that is', async () => {
    const el = await ready(await map(CROSS, {model: pack('blocks')}));
    const {x, y} = await onScreen(el, 'middle');
    const pointed = oneEvent(el, 'latent-point');
    await sendMouse({type: 'move', position: [Math.round(x) + 20, Math.round(y)]});
    await sendMouse({type: 'down'});
    const {detail} = (await pointed) as CustomEvent<PointDetail>;
    expect(detail.latent.space).to.equal('blocks-1');
    expect(detail.x).to.be.within(0.5, 0.7);
    expect(detail.y).to.be.closeTo(0.5, 0.02);
    await until(
      () => (part(el, 'picture') as HTMLCanvasElement | null)?.width === 16,
      'the picture is there',
    ).catch(() => undefined);
    expect(part(el, 'picture')).not.to.equal(null);
    const more = record(el, 'latent-point');
    await sendMouse({type: 'move', position: [Math.round(x) + 60, Math.round(y) + 10]});
    await until(() => more.length > 0, 'it follows the pointer');
    await sendMouse({type: 'up'});
    await expect(el).to.be.accessible();
  });

  it('is led by the keys too: Shift and an arrow', async () => {
    const el = await ready(await map(CROSS, {model: pack('blocks')}));
    layer(el).focus();
    const pointed = oneEvent(el, 'latent-point');
    await sendKeys({press: 'Shift+ArrowRight'});
    expect(((await pointed) as CustomEvent<PointDetail>).detail.y).to.be.closeTo(0.5, 0.02);
    await sendKeys({press: 'Escape'});
    await el.updateComplete;
    expect(part(el, 'picture')).to.equal(null);
  });

  it('takes samples by their seeds', async () => {
    const items = [1, 2, 3].map((seed) => ({id: `s${seed}`, image: `seed:${seed}`}));
    const el = await map(items, {model: pack('blocks')});
    await el.ready;
    expect(await el.positionOf('s2')).not.to.equal(undefined);
  });
});

describe('latent-map with bad input', () => {
  const failing = async (el: LatentMap) => {
    const error = await errorOf(el.ready);
    await el.updateComplete;
    expect(part(el, 'error')!.textContent).to.contain(error.message);
    return error;
  };

  it('is idle without anything to draw, and says so to whoever asks', async () => {
    const el = await map(undefined);
    expect(el.state).to.equal('idle');
    expect((await errorOf(el.positionOf('a'))).code).to.equal('bad-argument');
  });

  it('draws none, one, two and the same many times', async () => {
    const none = await map([]);
    await none.ready;
    await until(
      () => none.shadowRoot!.querySelector('.note')?.textContent === 'Nothing to draw.',
      'it says so',
    );
    for (const count of [1, 2, 30]) {
      const items = Array.from({length: count}, (_, i) => ({id: String(i), latent: at(1, 1)}));
      for (const projection of ['pca', 'umap'] as const) {
        const el = await ready(await map(items, {projection}));
        const {x, y} = (await el.positionOf('0'))!;
        expect([x, y].every(Number.isFinite), `${count} by ${projection}`).to.equal(true);
      }
    }
  });

  it('draws nothing without a size, all of it once it has one, and no more than a canvas holds', async () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, 'devicePixelRatio')!;
    Object.defineProperty(globalThis, 'devicePixelRatio', {configurable: true, get: () => 5});
    try {
      const el = await map(CROSS);
      el.style.inlineSize = '0';
      await ready(el);
      const canvas = part(el, 'canvas') as HTMLCanvasElement;
      el.style.cssText = 'inline-size: 4096px; block-size: 40px';
      await until(() => canvas.width > 4096 && isDrawn(el), 'there are points');
      expect([canvas.width, canvas.height]).to.deep.equal([8192, 2 * el.clientHeight]);
    } finally {
      Object.defineProperty(globalThis, 'devicePixelRatio', own);
    }
  });

  it('names the item whose latent is none, of another space or not finite', async () => {
    const nan = {...at(0, 0), data: Float32Array.of(0, NaN, 0)};
    const error = await failing(await map([CROSS[0]!, {id: 'odd', latent: nan}]));
    expect(error.code).to.equal('bad-argument');
    expect(error.message).to.contain('"odd"');
    const mixed = await failing(await map([CROSS[0]!, {id: 'b', latent: at(1, 1, 'words-1')}]));
    expect(mixed.code).to.equal('space-mismatch');
    expect(mixed.message).to.contain('blocks-1').and.to.contain('words-1');
    const none = await failing(await map([{id: 'c', latent: [1, 2] as never}]));
    expect(none.code).to.equal('bad-argument');
  });

  it('refuses ids that are none or come twice, and a projection that there is not', async () => {
    expect((await failing(await map([CROSS[0]!, CROSS[0]!]))).message).to.contain('"left"');
    expect((await failing(await map([{id: ''}]))).code).to.equal('bad-argument');
    const error = await failing(await map(CROSS, {projection: 'tsne' as never}));
    expect(error.message).to.contain('pca or umap');
  });

  it('refuses a for that names nothing, or another element, and takes one that comes later', async () => {
    const root = await fixture<HTMLElement>(html`
      <div>
        <p id="text">No search</p>
        <latent-map for="nowhere" loading="eager"></latent-map>
        <latent-map for="text" loading="eager"></latent-map>
      </div>
    `);
    const found = root.querySelectorAll('latent-map');
    const [nowhere, text] = [found[0]!, found[1]!];
    expect((await errorOf(nowhere.ready)).message).to.contain('nowhere');
    expect((await errorOf(text.ready)).message).to.contain('<p>');
    const search = document.createElement('latent-search');
    Object.assign(search, {id: 'nowhere', model: WORDS, items: TEXTS, loading: 'eager'});
    root.append(search);
    await until(() => nowhere.state === 'ready', 'it draws what came');
  });

  it('leaves out what it cannot read, and counts it', async () => {
    const el = await ready(await map([...TEXTS, {id: 'silent'}], {model: WORDS}));
    expect(await el.positionOf('silent')).to.equal(undefined);
    expect(el.shadowRoot!.querySelector('.note')!.textContent).to.equal(
      '1 item could not be read.',
    );
  });

  it('bounds what it draws', async () => {
    const latent = at(1, 1);
    const items = Array.from({length: 100_001}, (_, i) => ({id: String(i), latent}));
    const error = await failing(await map(items));
    expect(error.code).to.equal('unsupported');
    expect(error.message).to.contain('100000');
    const umap = await failing(await map(items.slice(0, 20_001), {projection: 'umap'}));
    expect(umap.message).to.contain('pca');
  });

  it('takes other items and another projection, the newest wins', async () => {
    const el = await map(CROSS);
    el.items = CROSS.slice(0, 3);
    el.projection = 'umap';
    await el.ready;
    el.items = CROSS.slice(1);
    await el.updateComplete;
    await el.ready;
    expect(await el.positionOf('left')).to.equal(undefined);
    expect(await el.positionOf('middle')).not.to.equal(undefined);
  });

  it('does nothing outside of the document', async () => {
    const el = await map(CROSS);
    await el.ready;
    el.remove();
    expect(await el.positionOf('left')).to.equal(undefined);
    expect(await el.latentAt(0, 0)).to.equal(undefined);
  });
});
