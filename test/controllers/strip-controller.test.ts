import {expect} from '@open-wc/testing';
import {LitElement} from 'lit';
import {StripController, type StripContent} from '../../src/controllers/strip-controller.js';
import {pause, until} from '../engine/support.js';

const bitmap = () => createImageBitmap(new ImageData(4, 3));

class StripHost extends LitElement {
  content: StripContent | undefined;
  readonly strip = new StripController(this, () => this.content);
}
customElements.define('strip-host', StripHost);

describe('StripController', () => {
  let host: StripHost;

  beforeEach(() => {
    host = new StripHost();
    document.body.append(host);
  });

  afterEach(() => host.remove());

  it('draws each frame on a canvas of its own and closes the bitmap', async () => {
    const bitmaps: ImageBitmap[] = [];
    const frame = async () => {
      const made = await bitmap();
      bitmaps.push(made);
      return made;
    };
    host.content = {
      key: [1],
      count: 3,
      open: () => Promise.resolve({frame, close: () => undefined}),
    };
    host.requestUpdate();
    await until(() => host.strip.frames.filter(Boolean).length === 3, 'three frames are there');
    const sizes = host.strip.frames.map((canvas) => [canvas!.width, canvas!.height]);
    expect(sizes).to.deep.equal([
      [4, 3],
      [4, 3],
      [4, 3],
    ]);
    // A closed bitmap has no size.
    expect(bitmaps.map(({width}) => width)).to.deep.equal([0, 0, 0]);
  });

  it('closes a frame that comes after its element has left', async () => {
    let late: ImageBitmap | undefined;
    let asked = false;
    const frame = async () => {
      asked = true;
      await pause(100);
      late = await bitmap();
      return late;
    };
    host.content = {
      key: [2],
      count: 2,
      open: () => Promise.resolve({frame, close: () => undefined}),
    };
    host.requestUpdate();
    await until(() => asked, 'a frame is asked for');
    host.remove();
    await until(() => late?.width === 0, 'it is closed');
    expect(host.strip.frames).to.deep.equal([]);
  });
});
