import {expect} from '@open-wc/testing';
import {html, LitElement, type TemplateResult} from 'lit';
import {keyed} from 'lit/directives/keyed.js';
import {ref} from 'lit/directives/ref.js';
import {StageCanvas} from '../../src/controllers/stage-canvas.js';

class CanvasHost extends LitElement {
  readonly stage = new StageCanvas(this);

  protected override render(): TemplateResult {
    return html`${keyed(this.stage.key, html`<canvas ${ref(this.stage.attach)}></canvas>`)}`;
  }
}
customElements.define('test-canvas-host', CanvasHost);

describe('StageCanvas', () => {
  const {signal} = new AbortController();
  let host: CanvasHost;

  beforeEach(() => {
    host = new CanvasHost();
    document.body.append(host);
  });

  afterEach(() => {
    host.remove();
  });

  it('gives the canvas that is rendered, and another one to whoever comes next', async () => {
    const first = await host.stage.take(signal);
    expect(first).to.equal(host.renderRoot.querySelector('canvas'));
    const second = await host.stage.take(signal);
    expect(second).not.to.equal(first);
    expect(second).to.equal(host.renderRoot.querySelector('canvas'));
  });

  it('gives no canvas twice to those who ask at once', async () => {
    const taken = await Promise.all([1, 2, 3].map(() => host.stage.take(signal)));
    expect(new Set(taken).size).to.equal(3);
  });

  it('outside of the document it waits until the host is back', async () => {
    const first = await host.stage.take(signal);
    host.remove();
    let taken: HTMLCanvasElement | undefined;
    const taking = host.stage.take(signal).then((canvas) => (taken = canvas));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(taken).to.equal(undefined);
    document.body.append(host);
    expect(await taking).not.to.equal(first);
  });

  it('outside of the document it waits no longer than it is told to', async () => {
    await host.stage.take(signal);
    host.remove();
    const stop = new AbortController();
    const taking = host.stage.take(stop.signal).catch((error: unknown) => error);
    stop.abort();
    expect(await taking).to.have.property('code', 'aborted');
  });
});
