import {expect, fixture, html} from '@open-wc/testing';
import {isFilteredOut, ListOrder} from '../../components/latent-search/list-order.js';
import {until} from './support.js';

const COUNT = 3000;

/** A list of the page, what was done to it in each task, and what shows results in it. */
async function made() {
  const list = await fixture<HTMLElement>(
    html`<ol>
      ${Array.from({length: COUNT}, (_, i) => html`<li id=${`item-${String(i)}`}>${i}</li>`)}
    </ol>`,
  );
  const items = [...list.querySelectorAll('li')].map((element) => ({id: element.id, element}));
  const tasks: {readonly hidden: number; readonly moved: number}[] = [];
  const count = (records: readonly MutationRecord[], type: string): number =>
    records.filter((record) => record.type === type).length;
  new MutationObserver((records) => {
    tasks.push({hidden: count(records, 'attributes'), moved: count(records, 'childList')});
  }).observe(list, {childList: true, subtree: true, attributeFilter: ['hidden']});
  const order = new ListOrder((change) => change());
  const show = (...places: readonly number[]): void =>
    order.show(
      places.map((place) => ({id: `item-${String(place)}`})),
      items,
    );
  const shown = (): string =>
    [...list.children]
      .filter((child) => !(child as HTMLElement).hidden)
      .map(({textContent}) => textContent)
      .join(' ');
  return {list, order, show, shown, tasks};
}
const all = Array.from({length: COUNT}, (_, i) => String(i)).join(' ');

describe('the order of a long list', () => {
  it('comes back a few items to a frame, those on top first', async () => {
    const {list, show, shown, order, tasks} = await made();
    show(990, 5);
    expect(shown()).to.equal('990 5');
    await Promise.resolve();
    tasks.length = 0;
    order.restore();
    expect(shown().startsWith('0 1 2 3 4 5 6 7 8')).to.equal(true);
    expect(shown().length).to.be.lessThan(all.length);
    await until(() => shown() === all, 'the list is back');
    expect(Math.max(...tasks.map(({hidden}) => hidden))).to.be.at.most(Math.ceil(COUNT / 32));
    expect([...list.children].some(isFilteredOut)).to.equal(false);
  });

  it('moves nothing but what it moved before', async () => {
    const {show, shown, order, tasks} = await made();
    show(990, 5);
    show(COUNT - 1, 7, 990);
    await until(() => shown() === `${String(COUNT - 1)} 7 990`, 'the others are hidden');
    order.restore();
    await until(() => shown() === all, 'the list is back');
    const moved = tasks.reduce((sum, each) => sum + each.moved, 0);
    // Of each move, that it goes and that it comes.
    expect(moved).to.be.at.most(2 * 2 * 5);
  });

  it('leaves off where the next query begins', async () => {
    const {show, shown, order, list} = await made();
    show(3);
    order.restore();
    show(4);
    show(400, 401);
    await until(() => shown() === '400 401', 'the last is shown');
    order.restore();
    list.insertAdjacentHTML('beforeend', '<li>new</li>');
    show(1);
    order.restore();
    await until(() => shown() === `${all} new`, 'the list is back');
  });

  it('gives one list back when it turns to another', async () => {
    const {order, show, shown} = await made();
    const other = await fixture<HTMLElement>(
      html`<ol>
        <li>a</li>
        <li>b</li>
      </ol>`,
    );
    const items = [...other.querySelectorAll('li')].map((element) => ({
      id: element.textContent,
      element,
    }));
    show(3);
    order.show([{id: 'b'}], items);
    expect([...other.children].map((child) => (child as HTMLElement).hidden)).to.deep.equal([
      false,
      true,
    ]);
    await until(() => shown() === all, 'the first is back');
  });
});
