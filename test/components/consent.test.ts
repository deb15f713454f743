// When an element may download: consent, intent, and what it would cost.
import {aTimeout, expect, fixture, oneEvent} from '@open-wc/testing';
import {sendMouse, resetMouse} from '@web/test-runner-commands';
import {LatentGenerator} from '../../components/latent-generator/latent-generator.js';
import {LatentImage} from '../../components/latent-image/latent-image.js';
import {sharedEngine} from '../../src/engine/engine.js';
import {errorOf, pack} from '../engine/support.js';
import {
  FLOW,
  generator,
  image,
  interpolator,
  part,
  scene,
  slider,
  until,
  urlOf,
} from './support.js';

/** Milliseconds in which an element that may load would have begun to. */
const A_WHILE = 300;

const asksFor = async (host: Element): Promise<HTMLElement> => {
  await until(() => part(host, 'consent-button') !== null, 'it asks');
  return part(host, 'consent-button')!;
};

describe('consent', () => {
  let src: string;

  beforeEach(async () => {
    await sharedEngine().forget();
    src = await urlOf(scene(1));
  });

  it('ask: shows what it would download, and waits for the visitor', async () => {
    const el = await image(
      `<latent-image model="${pack('blocks-plain')}" src="${src}" consent="ask"></latent-image>`,
    );
    const button = await asksFor(el);
    // Nothing of ONNX Runtime is here either: 14.2 MB.
    expect(button.textContent.trim()).to.equal('Load 14 MB');
    expect(el.state).to.equal('idle');
    await aTimeout(A_WHILE);
    expect(el.state).to.equal('idle');
    button.click();
    await el.ready;
    expect(el.state).to.equal('ready');
    expect(part(el, 'consent-button')).to.equal(null);
  });

  it('ask: what is here already is not asked for', async () => {
    const model = pack('blocks-bgr');
    await (
      await image(`<latent-image model="${model}" src="${src}"></latent-image>`)
    ).ready;
    const el = await image(
      `<latent-image model="${model}" src="${src}" consent="ask"></latent-image>`,
    );
    await el.ready;
    expect(part(el, 'consent-button')).to.equal(null);
  });

  it('ask: another model is asked for anew, another picture is not', async () => {
    const el = await image(
      `<latent-image model="${pack('blocks-vectors')}" src="${src}" consent="ask"></latent-image>`,
    );
    (await asksFor(el)).click();
    await el.ready;
    el.src = await urlOf(scene(2));
    await el.ready;
    el.model = pack('blocks-cfg');
    await asksFor(el);
    expect(el.state).to.equal('idle');
  });

  it('ask: removed while it asks, it gives up, and asks again when it comes back', async () => {
    const el = await image(
      `<latent-image model="${pack('blocks-lcm')}" src="${src}" consent="ask"></latent-image>`,
    );
    await asksFor(el);
    const parent = el.parentElement!;
    const ready = errorOf(el.ready);
    el.remove();
    expect((await ready).code).to.equal('aborted');
    parent.append(el);
    (await asksFor(el)).click();
    await el.ready;
  });

  it('ask: a method waits for the visitor too, and is given up by its signal', async () => {
    const el = await image(
      `<latent-image model="${pack('blocks-directions')}" src="${src}" consent="ask"></latent-image>`,
    );
    const abort = new AbortController();
    const blob = errorOf(el.toBlob({signal: abort.signal}));
    await asksFor(el);
    abort.abort();
    expect((await blob).code).to.equal('aborted');
    const later = el.toBlob();
    (await asksFor(el)).click();
    expect((await later)!.type).to.equal('image/png');
  });

  it('ask: the visitor agrees by the controls, as well as by the button', async () => {
    const el = await generator('controls consent="ask"');
    await asksFor(el);
    part(el, 'generate-button')!.click();
    await el.ready;
    expect(el.state).to.equal('ready');
  });

  it('ask: an error is shown without asking, and an unknown device is one', async () => {
    const missing = await image(
      `<latent-image model="${pack('nowhere')}" src="${src}" consent="ask"></latent-image>`,
    );
    expect((await errorOf(missing.ready)).code).to.equal('not-found');
    const el = await image(
      `<latent-image src="${src}" consent="ask" device="abacus"></latent-image>`,
    );
    expect((await errorOf(el.ready)).code).to.equal('bad-argument');
  });

  it('ask: two pictures morph without a model, so that nothing is asked', async () => {
    const other = await urlOf(scene(2));
    const el = await interpolator(
      `<latent-interpolator from="${src}" to="${other}" interpolation="morph" consent="ask"></latent-interpolator>`,
    );
    await el.ready;
  });

  it('ask: a search finds by words before anybody agreed', async () => {
    const root = await fixture<HTMLElement>(`<div>
      <ul id="things"><li>a red boat</li><li>a tree</li></ul>
      <latent-search for="things" model="${pack('tiny-bert')}" consent="ask" loading="eager"></latent-search>
    </div>`);
    const el = root.querySelector('latent-search')!;
    const button = await asksFor(el);
    const results = oneEvent(el, 'latent-results');
    el.query = 'boat';
    expect(((await results) as CustomEvent<{results: unknown[]}>).detail.results).to.have.length(1);
    expect(el.state).to.equal('idle');
    button.click();
    await el.ready;
  });

  it('is asked by the browser of a visitor who saves data, unless the page says auto', async () => {
    const original = Object.getOwnPropertyDescriptor(Navigator.prototype, 'connection');
    Object.defineProperty(navigator, 'connection', {value: {saveData: true}, configurable: true});
    try {
      const model = pack('tiny-lcm');
      const el = await image(`<latent-image model="${model}" src="${src}"></latent-image>`);
      await asksFor(el);
      const auto = await image(
        `<latent-image model="${model}" src="${src}" consent="auto"></latent-image>`,
      );
      await auto.ready;
    } finally {
      delete (navigator as {connection?: unknown}).connection;
      expect(Object.getOwnPropertyDescriptor(Navigator.prototype, 'connection')).to.deep.equal(
        original,
      );
    }
  });
});

describe('loading="intent"', () => {
  afterEach(() => resetMouse());

  it('begins when the visitor points at it', async () => {
    const src = await urlOf(scene(1));
    const el = await image(
      `<latent-image src="${src}" loading="intent" style="display: block; inline-size: 8rem; block-size: 8rem"></latent-image>`,
    );
    await aTimeout(A_WHILE);
    expect(el.state).to.equal('idle');
    const {x, y} = el.getBoundingClientRect();
    await sendMouse({type: 'move', position: [Math.round(x) + 20, Math.round(y) + 20]});
    await el.ready;
  });

  it('begins when the focus comes', async () => {
    const src = await urlOf(scene(1));
    const el = await slider(
      `<latent-slider src="${src}" model="${pack('blocks-directions')}" direction="lighter" loading="intent"></latent-slider>`,
    );
    await aTimeout(A_WHILE);
    expect(el.state).to.equal('idle');
    el.focus();
    await until(() => el.state !== 'idle', 'it loads');
  });
});

describe('availability', () => {
  beforeEach(() => sharedEngine().forget());

  it('says what would be downloaded, and that nothing would be', async () => {
    // A model that no test before has loaded.
    const model = `${pack('blocks')}?fresh`;
    const before = await LatentImage.availability({model});
    expect(before.state).to.equal('downloadable');
    const {parts} = (await sharedEngine().inspect(model)).manifest;
    expect(before.bytes).to.equal(parts.encoder!.bytes + parts.decoder!.bytes);
    const el = await image(
      `<latent-image model="${model}" src="${await urlOf(scene(1))}"></latent-image>`,
    );
    await el.ready;
    expect(await LatentImage.availability({model})).to.deep.equal({state: 'available', bytes: 0});
  });

  it('is about what this kind of element needs', async () => {
    expect((await LatentGenerator.availability({model: pack('blocks')})).state).to.equal(
      'unavailable',
    );
    expect((await LatentGenerator.availability({model: FLOW})).state).to.equal('downloadable');
    expect((await LatentImage.availability({model: pack('tiny-words')})).state).to.equal(
      'unavailable',
    );
  });

  it('is unavailable without a model, and refuses an unknown device', async () => {
    const nothing = {state: 'unavailable', bytes: 0};
    expect(await LatentImage.availability({model: pack('nowhere')})).to.deep.equal(nothing);
    const asked = LatentImage.availability({device: 'abacus' as 'wasm'});
    expect((await errorOf(asked)).code).to.equal('bad-argument');
  });
});
