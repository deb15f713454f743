import {expect} from '@open-wc/testing';
import {planSampling} from '../../../src/core/diffusion/sampling.js';
import {createLatent} from '../../../src/core/latent/latent.js';
import type {PackManifest, PartName} from '../../../src/core/pack/pack.js';
import {parsePack} from '../../../src/core/pack/parse-pack.js';
import {Diffuser, type DiffuserPack} from '../../../workers/diffusion/diffuser.js';
import type {LoadCall} from '../../../workers/loading/shared-load.js';
import type {InputData, Network} from '../../../workers/inference/ort-runtime.js';
import {
  ALPHAS,
  ddimStep,
  EMPTY_IDS,
  filled,
  guide,
  PROMPT,
  PROMPT_IDS,
  someNoise,
  statesOf,
  toldBy,
  unet,
} from '../../engine/reference-diffusion.js';

interface Feed {
  readonly part: PartName;
  readonly inputs: Readonly<Record<string, InputData>>;
}

/** A pack whose networks are plain functions, and everything that they were fed. */
class RecordedPack implements DiffuserPack {
  readonly manifest: PackManifest;
  readonly feeds: Feed[] = [];
  readonly loaded: string[] = [];

  private constructor(manifest: PackManifest) {
    this.manifest = manifest;
  }

  static async of(name: string): Promise<RecordedPack> {
    const url = `/fixtures/packs/${name}/pack.json`;
    return new RecordedPack(parsePack(await (await fetch(url)).json(), url));
  }

  network(name: PartName): Promise<Network> {
    this.loaded.push(name);
    return Promise.resolve({
      inputShape: () => [],
      release: () => Promise.resolve(),
      run: (inputs) => {
        this.feeds.push({part: name, inputs});
        return Promise.resolve(name === 'denoiser' ? predict(inputs) : encode(inputs));
      },
    });
  }

  async file({file}: {readonly file: string}): Promise<Uint8Array<ArrayBuffer>> {
    this.loaded.push(file);
    const response = await fetch(`/fixtures/packs/tiny-sd-turbo/${file}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  open(): Promise<never> {
    return Promise.reject(new Error('No other pack is needed.'));
  }
}

function predict({sample, timestep, states}: Readonly<Record<string, InputData>>) {
  const told = toldBy(states!.data as Float32Array);
  const data = Float32Array.from(unet(sample!.data, timestep!.data[0]!, told));
  return {sample: {data, dims: sample!.dims}};
}

function encode({tokens}: Readonly<Record<string, InputData>>) {
  return {states: {data: statesOf([...tokens!.data]), dims: [1, 77, 1024]}};
}

const call = (signal = new AbortController().signal): LoadCall => ({
  signal,
  onProgress: () => undefined,
});
const latentOf = (pack: RecordedPack, shape: readonly number[]) =>
  createLatent(
    pack.manifest.space.id,
    shape,
    someNoise(shape.reduce((product, side) => product * side, 1)),
  );

function expectNear(data: ArrayLike<number>, numbers: readonly number[]): void {
  expect(data.length).to.equal(numbers.length);
  numbers.forEach((value, i) => {
    expect(data[i], `number ${String(i)}`).to.be.closeTo(
      value,
      1e-5 * Math.max(1, Math.abs(value)),
    );
  });
}

describe('Diffuser, tensor by tensor', () => {
  it('SD-Turbo: tokens → states → the scaled sample at 999 → x₀', async () => {
    const pack = await RecordedPack.of('tiny-sd-turbo');
    const noise = latentOf(pack, [4, 2, 3]);
    const diffuser = new Diffuser(pack);
    const {latent: made} = await diffuser.denoise(
      noise,
      planSampling(pack.manifest, {strength: 1, noise, prompt: PROMPT}),
      call(),
    );
    const latent = await diffuser.read(made);
    expect(pack.feeds.map(({part}) => part)).to.deep.equal(['textEncoder', 'denoiser']);
    const [{tokens}, {sample, timestep, states}] = pack.feeds.map(({inputs}) => inputs) as [
      Record<string, InputData>,
      Record<string, InputData>,
    ];
    expect(tokens!.dims).to.deep.equal([1, 77]);
    expect([...tokens!.data]).to.deep.equal(filled(PROMPT_IDS, 0));
    const expected = statesOf(filled(PROMPT_IDS, 0));
    expect(states!.dims).to.deep.equal([1, 77, 1024]);
    expect(states!.data).to.deep.equal(expected);
    const sigma = Math.sqrt((1 - ALPHAS[999]!) / ALPHAS[999]!);
    const input = Array.from(noise.data, (value) => (sigma * value) / Math.sqrt(sigma ** 2 + 1));
    expect(sample!.dims).to.deep.equal([1, 4, 2, 3]);
    expectNear(sample!.data, input);
    expect([...timestep!.data]).to.deep.equal([999]);
    const epsilon = unet(input, 999, toldBy(expected));
    expectNear(
      latent.data,
      epsilon.map((value, i) => sigma * (noise.data[i]! - value)),
    );
  });

  it('DDIM with guidance: at each step first without the prompt, then with it', async () => {
    const pack = await RecordedPack.of('tiny-sd-15');
    const noise = latentOf(pack, [4, 2, 2]);
    const diffuser = new Diffuser(pack);
    const {latent: made} = await diffuser.denoise(
      noise,
      planSampling(pack.manifest, {strength: 1, noise, prompt: PROMPT}),
      call(),
    );
    const latent = await diffuser.read(made);
    const runs = pack.feeds.filter(({part}) => part === 'denoiser');
    expect(runs).to.have.length(8);
    const ids = pack.feeds.slice(0, 2).map(({inputs}) => [...inputs.tokens!.data]);
    expect(ids).to.deep.equal([filled(PROMPT_IDS, 49407), filled(EMPTY_IDS, 49407)]);
    const [having, without] = ids.map((each) => statesOf(each));
    const timesteps = [751, 501, 251, 1];
    let x = [...noise.data];
    timesteps.forEach((timestep, step) => {
      for (const [i, states] of [without, having].entries()) {
        const {inputs} = runs[2 * step + i]!;
        expectNear(inputs.sample!.data, x);
        expect([...inputs.timestep!.data]).to.deep.equal([timestep]);
        expect(inputs.states!.data).to.deep.equal(states);
      }
      const [begin, end] = [without!, having!].map((states) => unet(x, timestep, toldBy(states)));
      const next = ALPHAS[timesteps[step + 1] ?? 0]!;
      x = ddimStep(x, guide(begin!, end!, 7.5), ALPHAS[timestep]!, next);
    });
    expectNear(latent.data, x);
  });

  it('remembers prompts that were encoded, and loads the text encoder before the denoiser', async () => {
    const pack = await RecordedPack.of('tiny-sd-15');
    const diffuser = new Diffuser(pack);
    const plan = planSampling(pack.manifest, {strength: 1, prompt: PROMPT, steps: 1});
    await diffuser.encodePrompts(plan, call());
    expect(pack.loaded).to.deep.equal(['textEncoder', 'tokenizer/tokenizer.json', 'textEncoder']);
    pack.loaded.length = 0;
    await diffuser.denoise(latentOf(pack, [4, 1, 1]), plan, call());
    expect(pack.loaded).to.deep.equal(['denoiser']);
  });

  it('is given up between any two runs', async () => {
    for (const stop of [1, 2, 3, 8]) {
      const pack = await RecordedPack.of('tiny-sd-15');
      const controller = new AbortController();
      const diffuser = new Diffuser(pack);
      const {network} = pack;
      let runs = 0;
      pack.network = async (name) => {
        const found = await network.call(pack, name);
        const run: Network['run'] = (inputs) => {
          if (name === 'denoiser' && ++runs === stop) controller.abort();
          return found.run(inputs);
        };
        return {...found, run};
      };
      const latent = latentOf(pack, [4, 1, 1]);
      const plan = planSampling(pack.manifest, {strength: 1, prompt: PROMPT});
      const error: unknown = await diffuser
        .denoise(latent, plan, call(controller.signal))
        .catch((thrown: unknown) => thrown);
      expect((error as Error).name).to.equal('AbortError');
      expect(runs).to.equal(stop);
    }
  });

  it("one caller's abort leaves the tokenizer to the others who wait for it", async () => {
    const pack = await RecordedPack.of('tiny-sd-15');
    const bytes = await pack.file({file: 'tokenizer/tokenizer.json'});
    let deliver: () => void = () => undefined;
    const delivered = new Promise<void>((resolve) => (deliver = resolve));
    // As a download is: rejected where the signal that it was given aborts.
    pack.file = (_asset: unknown, {signal}: LoadCall = call()) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new DOMException('aborted', 'AbortError'));
        });
        void delivered.then(() => {
          resolve(bytes);
        });
      });
    const diffuser = new Diffuser(pack);
    const controller = new AbortController();
    const [first, second] = [controller.signal, undefined].map((signal) =>
      diffuser.prepareTexts(call(signal)).then(
        () => 'ready',
        (error: unknown) => (error as Error).name,
      ),
    );
    controller.abort();
    expect(await first).to.equal('AbortError');
    deliver();
    expect(await second).to.equal('ready');
  });
});
