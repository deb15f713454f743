import {expect} from '@open-wc/testing';
import {until} from './support.js';

// The snippets of docs/latent-arithmetic.md, as a reader would use them, against the built package.
const SCRIPT = '/dist/cdn/latent-elements.js';

interface Element extends HTMLElement {
  readonly state: string;
  readonly ready: Promise<unknown>;
  loading: string;
  latent: {readonly space: string; readonly data: Float32Array} | undefined;
}

async function snippets(language: string): Promise<string[]> {
  const page = await (await fetch('/docs/latent-arithmetic.md')).text();
  const pattern = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs');
  return [...page.matchAll(pattern)].map(([, code]) => code!);
}

/** Runs a module's text; resolves once it has run to its end. */
async function run(code: string): Promise<void> {
  const key = `run${String(Math.random()).slice(2)}`;
  const globals = globalThis as unknown as Record<string, unknown>;
  const failures: unknown[] = [];
  const fail = (event: PromiseRejectionEvent | ErrorEvent): void => {
    failures.push('reason' in event ? event.reason : event.message);
  };
  addEventListener('unhandledrejection', fail);
  addEventListener('error', fail);
  const script = document.createElement('script');
  script.type = 'module';
  script.textContent = `${code}\nglobalThis.${key} = true;`;
  document.body.append(script);
  await until(() => failures.length > 0 || key in globals, 'the snippet ran');
  removeEventListener('unhandledrejection', fail);
  removeEventListener('error', fail);
  expect(failures.map(String)).to.deep.equal([]);
}

describe('docs/latent-arithmetic.md', () => {
  it('shows averages and analogies', async () => {
    const codes = await snippets('html');
    expect(codes).to.have.length(2);
    for (const code of codes) {
      const host = document.createElement('div');
      host.innerHTML = code.replace(/<script.*<\/script>/s, '');
      document.body.append(host);
      const element = host.querySelector<Element>('latent-image')!;
      element.loading = 'eager';
      element.setAttribute('loading', 'eager');
      const module = /<script type="module">(.*)<\/script>/s.exec(code)![1]!;
      await run(module.replace(/https:\/\/cdn\.example\S*\.js/, SCRIPT));
      await element.ready;
      expect(element.state).to.equal('ready');
      expect(element.latent!.space).to.match(/^avatars-/);
      expect(element.latent!.data.every(Number.isFinite)).to.equal(true);
      host.remove();
    }
  }).timeout(120_000);

  it('learns a direction from examples', async () => {
    const codes = await snippets('js');
    expect(codes).to.have.length(1);
    const code = codes[0]!
      .replace("'latent-elements'", `'${SCRIPT}'`)
      .replace("'/latent-elements/'", "'/dist/'")
      .replaceAll(/'(\w+\.jpg)'/g, "'/stories/assets/$1'");
    await run(`${code}\nglobalThis.learned = {darkness, image, size: file.size};`);
    const {darkness, image, size} = (
      globalThis as unknown as {
        learned: {
          darkness: {shape: number[]; quality: {verdict: string}};
          image: ImageBitmap;
          size: number;
        };
      }
    ).learned;
    expect(darkness.shape).to.deep.equal([32, 1, 1]);
    // Pairs of the same pictures leave nothing else to learn.
    expect(darkness.quality.verdict).to.equal('clear');
    expect(image.width).to.be.above(100);
    expect(size).to.be.above(128);
  }).timeout(120_000);
});
