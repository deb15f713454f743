import {expect} from '@open-wc/testing';
import {deleteDB} from 'idb';
import type {Model, Progress} from '../../src/engine/types.js';
import {disposeEngines, noisy, pack, testEngine} from './support.js';

const NAME = 'latent-elements-embeddings';
const texts = Array.from({length: 40}, (_, i) => `cheap flights ${i}`);

/** The stages that a call went through: none where everything was kept. */
async function stagesOf(run: (onProgress: (progress: Progress) => void) => Promise<unknown>) {
  const stages = new Set<string>();
  await run(({stage}) => stages.add(stage));
  return [...stages];
}

const visit = (name: string): Promise<Model> => testEngine().load(pack(name), {parts: []});

describe('kept embeddings', () => {
  afterEach(disposeEngines);
  beforeEach(() => deleteDB(NAME));

  for (const name of ['tiny-words', 'tiny-bert']) {
    it(`${name}: an unchanged text is not embedded again, nor its model loaded`, async () => {
      const first = await (await visit(name)).embed(texts, {cache: true});
      const model = await visit(name);
      const again = await stagesOf(async (onProgress) => {
        expect(await model.embed(texts, {cache: true, onProgress})).to.deep.equal(first);
      });
      expect(again).to.deep.equal([]);
      const changed = [...texts.slice(1), 'a cat'];
      const seen: Progress[] = [];
      const [later] = await model.embed(changed, {
        cache: true,
        onProgress: (progress) => seen.push(progress),
      });
      expect(later).to.deep.equal(first[1]);
      const embedded = seen.filter(({stage}) => stage === 'embed').map(({loaded}) => loaded);
      expect(embedded).to.deep.equal([40]);
    });
  }

  it('keeps nothing where it is not asked to', async () => {
    await (await visit('tiny-words')).embed(texts);
    const stages = await stagesOf(async (onProgress) =>
      (await visit('tiny-words')).embed(texts, {cache: true, onProgress}),
    );
    expect(stages).to.include('embed');
    const off = await testEngine({cache: false}).load(pack('tiny-words'));
    const ignored = await stagesOf((onProgress) => off.embed(texts, {cache: true, onProgress}));
    expect(ignored).to.include('embed');
  });

  it('tells packs and prompts apart', async () => {
    const bert = await visit('tiny-bert');
    const found = await bert.embed(['cat'], {cache: true});
    const query = await bert.embed(['cat'], {cache: true, kind: 'query'});
    expect(query).not.to.deep.equal(found);
    const other = await (await visit('tiny-bert-cls')).embed(['passage: cat'], {cache: true});
    expect(other[0]!.data).not.to.deep.equal(found[0]!.data);
  });

  it('tells a label from a text, and keeps both', async () => {
    const first = await visit('tiny-words');
    const [text] = await first.embed(['red boat'], {cache: true});
    const [label] = await first.embed(['red boat'], {cache: true, kind: 'label'});
    expect(label!.data).not.to.deep.equal(text!.data);
    const second = await visit('tiny-words');
    expect(await second.embed(['red boat'], {cache: true, kind: 'label'})).to.deep.equal([label]);
    expect(await second.embed(['red boat'], {cache: true})).to.deep.equal([text]);
  });

  it('keeps the vectors of pictures too', async () => {
    const image = noisy(16, 16);
    const first = await (await visit('colours')).embed(image, {cache: true});
    const second = await (await visit('colours')).embed(image, {cache: true});
    expect(second).to.deep.equal(first);
    const other = await (await visit('colours')).embed(noisy(24, 24), {cache: true});
    expect(other).not.to.deep.equal(first);
  });
});
