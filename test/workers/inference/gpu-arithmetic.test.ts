import {expect} from '@open-wc/testing';
import {toHalves} from '../../../src/core/latent/half.js';
import {Gpu} from '../../../workers/inference/gpu.js';
import {GpuArithmetic} from '../../../workers/inference/gpu-arithmetic.js';
import type {GpuTensor} from '../../../workers/inference/image-tensor.js';

/** Odd, and more than one workgroup has to do. */
const COUNT = 3 * 101;
const DIMS = [1, 3, 101];

const numbers = (of: (i: number) => number): Float32Array =>
  Float32Array.from({length: COUNT}, (_, i) => of(i));
const [a, b, c] = [Math.sin, Math.cos, (i: number) => i / COUNT - 0.5].map(numbers) as [
  Float32Array,
  Float32Array,
  Float32Array,
];

function expectNear(data: ArrayLike<number>, expected: ArrayLike<number>, most: number): void {
  expect(data).to.have.length(expected.length);
  const far = Math.max(...Array.from(data, (value, i) => Math.abs(value - expected[i]!)));
  expect(far).to.be.at.most(most);
}

describe('GpuArithmetic', () => {
  let gpu: Gpu;
  let arithmetic: GpuArithmetic;
  const errors: string[] = [];

  before(async () => {
    gpu = await Gpu.request(() => undefined);
    gpu.device.addEventListener('uncapturederror', ({error}) => errors.push(error.message));
    arithmetic = new GpuArithmetic(gpu);
  });

  after(() => {
    gpu.device.destroy();
    expect(errors).to.deep.equal([]);
  });

  const put = (data: Float32Array): GpuTensor => arithmetic.put({data, dims: DIMS});

  it('gives back what was put there', async () => {
    const {data, dims} = await put(a).read();
    expect(data).to.deep.equal(a);
    expect(dims).to.deep.equal(DIMS);
  });

  it('sums one, two and three terms with their weights', async () => {
    const [x, y, z] = [a, b, c].map(put) as [GpuTensor, GpuTensor, GpuTensor];
    const one = await arithmetic.sum([-2, x]).read();
    expectNear(
      one.data,
      a.map((value) => -2 * value),
      1e-6,
    );
    const two = await arithmetic.sum([0.5, x], [3, y]).read();
    expectNear(
      two.data,
      a.map((value, i) => 0.5 * value + 3 * b[i]!),
      1e-6,
    );
    const three = await arithmetic.sum([0.5, x], [3, y], [-1, z]).read();
    expectNear(
      three.data,
      a.map((value, i) => 0.5 * value + 3 * b[i]! - c[i]!),
      1e-6,
    );
    expect(three.dims).to.deep.equal(DIMS);
  });

  it('maps each channel by its own scale and shift', async () => {
    const maps = [
      {scale: 2, shift: 0},
      {scale: 0, shift: 7},
      {scale: -1, shift: 0.25},
    ];
    const {data} = await arithmetic.mapChannels(put(a), maps).read();
    const expected = a.map((value, i) => {
      const {scale, shift} = maps[Math.floor(i / 101)]!;
      return scale * value + shift;
    });
    expectNear(data, expected, 1e-6);
  });

  it('reads and makes halves, which ONNX Runtime takes and gives', async () => {
    const half = arithmetic.convert(put(a), 'float16');
    expect(half.type).to.equal('float16');
    const halves = toHalves(a);
    const step = 2 ** -11;
    expectNear((await half.read()).data, a, step);
    // Nothing is lost on the way back: the same numbers are the same halves.
    const back = await arithmetic.sum([1, half]).read();
    expect(toHalves(back.data)).to.deep.equal(toHalves((await half.read()).data));
    expect(
      halves.filter((value, i) => Math.abs(value - toHalves(back.data)[i]!) > 1),
    ).to.have.length(0);
    const mixed = await arithmetic.sum([1, put(b)], [2, half]).read();
    expectNear(
      mixed.data,
      b.map((value, i) => value + 2 * a[i]!),
      2 * step,
    );
  });

  it('lets numbers that are not finite through, so that whoever reads them can tell', async () => {
    const broken = a.slice();
    broken[5] = NaN;
    broken[6] = Infinity;
    const {data} = await arithmetic.sum([0.5, put(broken)], [1, put(b)]).read();
    expect(Number.isFinite(data[5])).to.equal(false);
    expect(Number.isFinite(data[6])).to.equal(false);
    expect(Number.isFinite(data[7])).to.equal(true);
  });
});
