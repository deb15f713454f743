import {expect, fixture, oneEvent} from '@open-wc/testing';
import type {LatentSearch, ResultsDetail} from '../../components/latent-search/latent-search.js';
import {pack} from '../engine/support.js';
import {part, pause, urlOf} from './support.js';

const COLOURS = {red: [220, 30, 30], green: [30, 200, 40], blue: [30, 40, 220]} as const;

function plain([r, g, b]: readonly [number, number, number]): ImageData {
  const pixel = [r, g, b, 255];
  return new ImageData(
    Uint8ClampedArray.from({length: 16 * 16 * 4}, (_, i) => pixel[i % 4]!),
    16,
    16,
  );
}

const urls = new Map<string, string>();
const ids = (results: readonly {id: string}[] | undefined) => results?.map(({id}) => id);
const inputOf = (el: Element) => part(el, 'input') as HTMLInputElement;

/** A gallery, with a model that embeds pictures and no texts. */
async function gallery(extra = ''): Promise<LatentSearch> {
  const items = [...urls].map(
    ([name, url]) => `<li id="${name}"><img src="${url}" alt="A ${name} square"></li>`,
  );
  const page = await fixture<HTMLElement>(`<div>
    <latent-search for="gallery" model="${pack('colours')}" loading="eager"></latent-search>
    <ul id="gallery">${items.join('')}${extra}</ul>
  </div>`);
  const el = page.querySelector('latent-search')!;
  await el.ready;
  return el;
}

async function fileOf(name: string): Promise<File> {
  const blob = await (await fetch(urls.get(name)!)).blob();
  return new File([blob], `${name}.png`, {type: 'image/png'});
}

async function found(el: LatentSearch): Promise<string[]> {
  const {detail}: CustomEvent<ResultsDetail> = await oneEvent(el, 'latent-results');
  await el.updateComplete;
  return ids(detail.results)!;
}

/** A paste of `data`; Firefox leaves what its constructor is given out. */
function pasteOf(data: DataTransfer): ClipboardEvent {
  const event = new ClipboardEvent('paste', {cancelable: true});
  Object.defineProperty(event, 'clipboardData', {value: data});
  return event;
}

describe('latent-search over pictures', () => {
  before(async () => {
    for (const [name, colour] of Object.entries(COLOURS)) {
      urls.set(name, await urlOf(plain(colour)));
    }
  });

  it('finds pictures by a picture, and by the words that go with them', async () => {
    const el = await gallery();
    expect(ids(await el.search(plain(COLOURS.green)))![0]).to.equal('green');
    expect(ids(await el.search(new URL(urls.get('blue')!)))![0]).to.equal('blue');
    expect(ids(await el.search('red'))).to.deep.equal(['red']);
    expect(ids(await el.similarTo('red'))).to.have.members(['green', 'blue']);
    el.query = 'blue';
    expect(await found(el)).to.deep.equal(['blue']);
    expect(el.shadowRoot!.querySelector('.note')?.textContent).to.equal(undefined);
    expect(el.shadowRoot!.querySelector<HTMLImageElement>('li img')!.src).to.equal(
      urls.get('blue'),
    );
  });

  it('searches by a file that is dropped or pasted, until it is taken away', async () => {
    const el = await gallery();
    const field = el.shadowRoot!.querySelector('.field')!;
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(await fileOf('green'));
    const over = new DragEvent('dragover', {dataTransfer, cancelable: true});
    field.dispatchEvent(over);
    expect(over.defaultPrevented).to.equal(true);
    await el.updateComplete;
    expect(field.classList.contains('dropping')).to.equal(true);
    field.dispatchEvent(new DragEvent('drop', {dataTransfer, cancelable: true}));
    expect((await found(el))[0]).to.equal('green');
    const button = el.shadowRoot!.querySelector<HTMLButtonElement>('.picture')!;
    expect(button.querySelector('img')!.src).to.match(/^blob:/);
    await expect(el).to.be.accessible();
    const clipboardData = new DataTransfer();
    clipboardData.items.add(await fileOf('blue'));
    inputOf(el).dispatchEvent(pasteOf(clipboardData));
    expect((await found(el))[0]).to.equal('blue');
    button.click();
    await el.updateComplete;
    expect(el.shadowRoot!.querySelectorAll('.picture, [part=list]')).to.have.length(0);
    expect(inputOf(el).matches(':focus')).to.equal(true);
  });

  it('searches by a link to a picture', async () => {
    const el = await gallery();
    const dataTransfer = new DataTransfer();
    dataTransfer.setData('text/uri-list', `# a picture of some page\r\n${urls.get('red')!}`);
    const drop = new DragEvent('drop', {dataTransfer, cancelable: true});
    el.shadowRoot!.querySelector('.field')!.dispatchEvent(drop);
    expect(drop.defaultPrevented).to.equal(true);
    expect((await found(el))[0]).to.equal('red');
  });

  it('leaves text, other files and what no model reads to the browser', async () => {
    const el = await gallery();
    const text = new DataTransfer();
    text.setData('text/plain', 'words');
    text.items.add(new File(['x'], 'x.txt', {type: 'text/plain'}));
    const paste = pasteOf(text);
    inputOf(el).dispatchEvent(paste);
    expect(paste.defaultPrevented).to.equal(false);
    el.disabled = true;
    await el.updateComplete;
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(await fileOf('green'));
    const drop = new DragEvent('drop', {dataTransfer, cancelable: true});
    el.shadowRoot!.querySelector('.field')!.dispatchEvent(drop);
    expect(drop.defaultPrevented).to.equal(false);
  });

  it('finds the others where a picture cannot be read, and says so', async () => {
    const el = await gallery('<li id="gone"><img src="nowhere.png" alt="gone"></li>');
    expect(ids(await el.search(plain(COLOURS.red)))).to.have.members(['red', 'green', 'blue']);
    expect(ids(await el.search('gone'))).to.deep.equal(['gone']);
    el.query = 'red';
    await found(el);
    expect(el.shadowRoot!.querySelector('.note')!.textContent).to.contain('1 item could not be');
  });

  it('embeds a picture anew when its element shows another', async () => {
    const el = await gallery();
    const image = document.querySelector<HTMLImageElement>('#red img')!;
    image.src = await urlOf(plain([250, 250, 250]));
    let first: string | undefined;
    for (let tries = 0; tries < 40 && first !== 'red'; tries++) {
      await pause(50);
      first = ids(await el.search(plain([255, 255, 255]), {limit: 1}))?.[0];
    }
    expect(first).to.equal('red');
  });
});
