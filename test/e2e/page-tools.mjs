/** Runs in every page before its own scripts, and puts `tools` there: it may use nothing from here. */
export function pageTools() {
  /** Uncaught errors and rejections. */
  const faults = [];
  addEventListener('error', ({message}) => faults.push(message));
  addEventListener('unhandledrejection', ({reason}) => faults.push(String(reason)));

  /** Every worker that the page has started, with the methods called in it that are still open. */
  const workers = [];
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    open = new Map();
    calls = [];

    constructor(...given) {
      super(...given);
      workers.push(this);
      this.addEventListener('message', ({data}) => this.open.delete(data?.id));
    }

    // What Comlink sends: {id, type: 'APPLY', path: ['paint'], …}.
    postMessage(message, ...rest) {
      if (message?.type === 'APPLY') {
        this.open.set(message.id, message.path[0]);
        const atOnce = [...this.open.values()].filter((name) => name === message.path[0]).length;
        this.calls.push({name: message.path[0], atOnce});
      }
      super.postMessage(message, ...rest);
    }
  };

  const pixels = async (source) => {
    const bitmap =
      typeof source === 'string'
        ? await createImageBitmap(await (await fetch(source)).blob())
        : source;
    const {width, height} = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d', {willReadFrequently: true});
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  };

  /** The largest difference of two pictures of one size, 0..255. */
  const difference = async (a, b) => {
    const [one, other] = [await pixels(a), await pixels(b)];
    if (one.width !== other.width || one.height !== other.height) return 256;
    return one.data.reduce((most, value, i) => Math.max(most, Math.abs(value - other.data[i])), 0);
  };

  /** Attributes for strings, properties for everything else. */
  const assign = (el, given) => {
    for (const [name, value] of Object.entries(given)) {
      if (typeof value === 'string') el.setAttribute(name, value);
      else el[name] = value;
    }
  };

  const element = (tag, given = {}, content = '') => {
    const el = document.createElement(tag);
    el.events = [];
    for (const type of ['latent-load', 'latent-error', 'latent-frame']) {
      el.addEventListener(type, ({detail}) => el.events.push({type, ...detail}));
    }
    el.innerHTML = content;
    // These pages try models: a morph needs none.
    if (tag === 'latent-interpolator') el.interpolation = 'lerp';
    assign(el, given);
    document.body.append(el);
    return el;
  };

  /** What there is to see and read of an element, once it is ready or has failed. */
  const outcome = async (el) => {
    const rejection = await el.ready.then(
      () => undefined,
      (error) => error,
    );
    await el.updateComplete;
    const alert = el.shadowRoot.querySelector('[role=alert]');
    return {
      state: el.state,
      code: el.error?.code,
      rejected: rejection?.code,
      message: el.error?.message,
      alert: alert?.checkVisibility() ? alert.querySelector('p').textContent : undefined,
      errors: el.events.filter(({type}) => type === 'latent-error').map(({code}) => code),
    };
  };

  /** Settles with the first event of a type from now on. */
  const next = (el, type) =>
    new Promise((resolve) => el.addEventListener(type, resolve, {once: true}));

  globalThis.tools = {faults, workers, pixels, difference, assign, element, outcome, next};
}
