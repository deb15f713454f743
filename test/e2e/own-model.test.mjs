// docs/own-model.md, typed step by step: a module is trained, exported, packed, and shown by a page.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {openPage, site} from './support.mjs';

/** The first Python that has what training needs. */
function findPython() {
  return [process.env.PYTHON, 'python3', '/usr/bin/python3'].find((python) => {
    try {
      execFileSync(python, ['-c', 'import torch, PIL'], {stdio: 'ignore'});
      return true;
    } catch {
      return false;
    }
  });
}

const python = findPython();
const skip = python ? false : 'needs a Python with PyTorch and Pillow (set PYTHON to its path)';

describe('a model of your own', {skip}, () => {
  let folder, home, browser;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latent-own-model-'));
    const script = join(root, 'examples/own-model/train.py');
    const model = join(folder, 'my-model');
    execFileSync(python, [script, join(root, 'stories/assets'), model, '--steps', '20']);
    execFileSync(process.execPath, [join(dist, 'cli/latent-elements.js'), 'pack', model]);
    home = await site({
      root: {
        '/dist': dist,
        '/stories': join(root, 'stories'),
        '/examples/own-model': join(root, 'examples/own-model'),
        '/examples/own-model/my-model': model,
      },
    });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
    if (folder) rmSync(folder, {recursive: true});
  });

  it('the manifest is the one of the documentation, completed', () => {
    const document = readFileSync(join(root, 'docs/own-model.md'), 'utf8');
    const written = JSON.parse(/```json\n([^]*?)```/.exec(document)[1]);
    const made = JSON.parse(readFileSync(join(folder, 'my-model/pack.json'), 'utf8'));
    const shape = (value) =>
      value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]))
        : typeof value;
    for (const part of Object.values(made.parts)) {
      assert.match(part.sha256, /^[0-9a-f]{64}$/);
      assert.ok(part.bytes > 1000);
      delete part.sha256;
      delete part.bytes;
    }
    assert.deepEqual(shape(made), shape(written));
    assert.deepEqual(made.space.shape, written.space.shape);
  });

  it('its page is ready, exact at both ends, and something else in between', async () => {
    const {page, faults} = await openPage(browser, `${home.url}/examples/own-model/index.html`);
    const shown = await page.evaluate(async () => {
      const el = document.querySelector('latent-interpolator');
      await customElements.whenDefined('latent-interpolator');
      await el.ready;
      const [start, middle, end] = [
        await el.frameAt(0),
        await el.frameAt(0.5),
        await el.frameAt(1),
      ];
      return {
        model: el.model,
        fromStart: await tools.difference(start, middle),
        fromEnd: await tools.difference(end, middle),
      };
    });
    assert.equal(shown.model, 'my-model/pack.json');
    assert.ok(shown.fromStart > 8 && shown.fromEnd > 8, JSON.stringify(shown));
    assert.deepEqual(faults, []);
  });
});
