// What became of the one interpolator of a page (or a frame in it), and whether that is good.
import assert from 'node:assert/strict';

/** What the element shows in the end; where the page has none, of a new one. */
export const shown = (frame) =>
  frame.evaluate(async () => {
    await customElements.whenDefined('latent-interpolator');
    const el =
      document.querySelector('latent-interpolator') ??
      tools.element('latent-interpolator', {from: '/a.png', to: '/b.png'});
    el.events ??= [];
    const outcome = await tools.outcome(el);
    if (outcome.state !== 'ready') return outcome;
    return {...outcome, exact: (await tools.difference(await el.frameAt(0), '/a.png')) === 0};
  });

/** It is ready, exact at its start, and shows no error. */
export function assertGood({state, message, alert, exact}) {
  assert.equal(state, 'ready', message);
  assert.equal(alert, undefined);
  assert.equal(exact, true);
}

/** The visitor asks for another attempt. */
export const retry = (page) =>
  page.evaluate(async () => {
    const el = document.querySelector('latent-interpolator');
    el.shadowRoot.querySelector('[role=alert] button').click();
    await el.updateComplete;
  });
