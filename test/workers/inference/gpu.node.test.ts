import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {DeviceError} from '../../../src/core/errors.js';
import {Gpu} from '../../../workers/inference/gpu.js';

class OutOfMemory extends Error {}
Object.assign(globalThis, {GPUOutOfMemoryError: OutOfMemory});

/** A device that is lost, or runs out of memory, when a test says so. */
class FakeDevice extends EventTarget {
  lose: (why: {message: string}) => void = () => undefined;
  readonly lost = new Promise<{message: string}>((resolve) => (this.lose = resolve));
  readonly queue = {onSubmittedWorkDone: (): Promise<void> => Promise.resolve()};

  fail(error: Error): void {
    this.dispatchEvent(Object.assign(new Event('uncapturederror'), {error}));
  }
}

function browserWith(requestAdapter?: () => Promise<unknown>): void {
  const gpu = requestAdapter && {requestAdapter};
  Object.defineProperty(globalThis, 'navigator', {configurable: true, value: {gpu}});
}

/** An adapter whose device is this; it must ask for no more than the adapter has. */
function adapterOf(requestDevice: (wanted: GPUDeviceDescriptor) => Promise<unknown>): object {
  const limits = {maxBufferSize: 2 ** 28, maxTextureDimension2D: 8192};
  return {features: new Set<string>(), limits, requestDevice};
}

const faultOf = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof DeviceError && error.code === code && message.test(error.message);

describe('Gpu', () => {
  const refused = () => Promise.reject(new TypeError('A limit is too high'));
  for (const [what, requestAdapter, why] of [
    ['no WebGPU', undefined, /no adapter.*device="wasm"/],
    ['no adapter', () => Promise.resolve(null), /no adapter.*device="auto"/],
    ['an adapter that cannot be asked for', refused, /A limit is too high/],
    ['an adapter without the limits', () => Promise.resolve(adapterOf(refused)), /A limit is too/],
  ] satisfies [string, (() => Promise<unknown>) | undefined, RegExp][]) {
    it(`is unsupported with ${what}, and another device may do`, async () => {
      browserWith(requestAdapter);
      await assert.rejects(
        Gpu.request(() => undefined),
        faultOf('unsupported', why),
      );
    });
  }

  it('has what limits its adapter has', async () => {
    const asked: GPUDeviceDescriptor[] = [];
    const device = new FakeDevice();
    const adapter = adapterOf((wanted) => {
      asked.push(wanted);
      return Promise.resolve(device);
    });
    browserWith(() => Promise.resolve(adapter));
    const gpu = await Gpu.request(() => undefined);
    assert.equal(gpu.device, device as never);
    const {maxTextureDimension2D, maxBufferSize} = asked[0]!.requiredLimits!;
    assert.deepEqual([maxTextureDimension2D, maxBufferSize], [8192, 2 ** 28]);
  });

  for (const [code, happen] of [
    ['device-lost', (device: FakeDevice) => device.lose({message: 'Driver reset'})],
    ['out-of-memory', (device: FakeDevice) => device.fail(new OutOfMemory('4 GB'))],
  ] as const) {
    it(`tells once of ${code}, whoever waits and whoever asks`, async () => {
      const device = new FakeDevice();
      const faults: DeviceError[] = [];
      const gpu = new Gpu(device as never, (fault) => faults.push(fault));
      await gpu.settled();
      device.queue.onSubmittedWorkDone = () => new Promise(() => undefined);
      const waiting = gpu.settled();
      happen(device);
      happen(device);
      await assert.rejects(waiting, faultOf(code, /Driver reset|4 GB/));
      await assert.rejects(gpu.settled(), faultOf(code, /./));
      assert.equal((await gpu.fault())?.code, code);
      assert.deepEqual(
        faults.map((fault) => [fault.code, fault.isFinal]),
        [[code, true]],
      );
    });
  }

  it('is none the worse for an error of another kind', async () => {
    const device = new FakeDevice();
    const gpu = new Gpu(device as never);
    device.fail(new Error('A validation error'));
    assert.equal(await gpu.fault(), undefined);
    await gpu.settled();
  });
});
