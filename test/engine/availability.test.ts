// What a model would download: its files and, before any network ran, ONNX Runtime.
import {expect} from '@open-wc/testing';
import {RUNTIME_BYTES} from '../../src/engine/config.js';
import type {Progress} from '../../src/engine/types.js';
import {disposeEngines, pack, testEngine} from './support.js';

const RUNTIME = RUNTIME_BYTES[''];

describe('the runtime of a model', () => {
  beforeEach(() => testEngine().forget());
  afterEach(disposeEngines);

  const partBytes = async (model: string): Promise<number> => {
    const {parts} = await testEngine().inspect(model);
    return parts.reduce((sum, {bytes}) => sum + bytes, 0);
  };

  it('is part of what would be downloaded, until it runs or was kept', async () => {
    const engine = testEngine();
    const bytes = await partBytes(pack('blocks'));
    expect(await engine.availability(pack('blocks'))).to.deep.equal({
      state: 'downloadable',
      bytes: bytes + RUNTIME,
    });
    await engine.load(pack('blocks'));
    expect((await engine.availability(pack('blocks'))).state).to.equal('available');
    const other = {state: 'downloadable', bytes: await partBytes(pack('blocks-bgr'))};
    expect(await engine.availability(pack('blocks-bgr'))).to.deep.equal(other);
    // Another visit: nothing runs, and the runtime is here.
    const visit = testEngine();
    expect((await visit.availability(pack('blocks'))).state).to.equal('available');
    expect(await visit.availability(pack('blocks-bgr'))).to.deep.equal(other);
    await visit.forget();
    expect((await visit.availability(pack('blocks-bgr'))).bytes).to.equal(other.bytes + RUNTIME);
  });

  it('is none of a model without networks', async () => {
    const {bytes} = await testEngine().availability(pack('tiny-words'));
    expect(bytes).to.be.below(RUNTIME);
  });

  it('is counted while it comes, with the model, and once', async () => {
    const seen: Progress[] = [];
    const engine = testEngine({cache: false});
    await engine.load(pack('blocks'), {onProgress: (each) => seen.push(each)});
    const downloads = seen.filter(({stage}) => stage === 'download');
    const total = (await partBytes(pack('blocks'))) + RUNTIME;
    expect(new Set(downloads.map((each) => each.total))).to.deep.equal(new Set([total]));
    expect(downloads.at(-1)!.loaded).to.equal(total);
    expect(new Set(downloads.map(({loaded}) => loaded)).size).to.be.above(10);
    seen.length = 0;
    await engine.load(pack('blocks-bgr'), {onProgress: (each) => seen.push(each)});
    expect(Math.max(...seen.map((each) => each.total))).to.be.below(RUNTIME);
  });

  it('that was kept is not fetched again', async () => {
    const wasm = async (): Promise<string[]> => {
      const built = (await (await fetch('/fixtures/built')).json()) as string[];
      return built.filter((path) => path.endsWith('.wasm'));
    };
    await wasm();
    await testEngine().load(pack('blocks'));
    expect(await wasm()).to.have.length(1);
    // It is kept beside the loading, which does not wait for that.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const again = await testEngine().load(pack('blocks'));
    expect(await wasm()).to.have.length(0);
    expect(again.name).to.equal('blocks');
  });
});
