import {DeviceError} from '../../src/core/errors.js';

/** Milliseconds within which a device says that it is gone: what ran on it fails first. */
const FAULT_DELAY = 200;

/** The limits that a device gets as high as its adapter has them: the defaults are far below, and ORT sizes its
 * kernels by the device's. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
  'maxTextureDimension2D',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** A WebGPU device, and what becomes of it. */
export class Gpu {
  readonly device: GPUDevice;
  /**
   * Whether a processor plays the GPU. What it computes lies in memory anyway, so that painting there gains
   * nothing; and the first canvas of such a device ends Chromium's GPU process where Vulkan is not in software too.
   */
  readonly isSoftware: boolean;
  #fault: DeviceError | undefined;
  readonly #faulty: Promise<DeviceError>;

  /**
   * `onFault` hears that the device is of no use any more: `device-lost`, or `out-of-memory`, of which
   * WebGPU tells nobody who waits: what did not get its memory computes nothing, and paints black.
   */
  constructor(
    device: GPUDevice,
    onFault: (fault: DeviceError) => void = () => undefined,
    {isSoftware = false} = {},
  ) {
    this.device = device;
    this.isSoftware = isSoftware;
    this.#faulty = new Promise((resolve) => {
      const fail = (fault: DeviceError): void => {
        if (this.#fault) return;
        this.#fault = fault;
        resolve(fault);
        onFault(fault);
      };
      void device.lost.then(({message}) => fail(lostError(message)));
      device.addEventListener('uncapturederror', ({error}) => {
        if (error instanceof GPUOutOfMemoryError) fail(memoryError(error.message));
      });
    });
  }

  /** A device with all the space that its adapter offers; `unsupported` without one. */
  static async request(onFault: (fault: DeviceError) => void): Promise<Gpu> {
    const gpu = (navigator as Partial<WorkerNavigator>).gpu;
    try {
      const adapter = await gpu?.requestAdapter({powerPreference: 'high-performance'});
      if (!adapter) throw new Error('there is no adapter');
      const {features, limits} = adapter;
      const device = await adapter.requestDevice({
        requiredFeatures: features.has('shader-f16') ? ['shader-f16'] : [],
        requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, limits[name]])),
      });
      // Browsers of before 2025 do not say.
      const info = (adapter as Partial<GPUAdapter>).info as Partial<GPUAdapterInfo> | undefined;
      return new Gpu(device, onFault, {isSoftware: info?.isFallbackAdapter === true});
    } catch (cause) {
      throw new DeviceError(
        'unsupported',
        `This browser offers no WebGPU adapter here (${reasonOf(cause)}). Use device="auto" or ` +
          'device="wasm".',
        {cause},
      );
    }
  }

  /** What became of the device, where something that ran on it failed for that. */
  fault(): Promise<DeviceError | undefined> {
    return Promise.race([
      this.#faulty,
      new Promise<undefined>((resolve) => {
        setTimeout(resolve, FAULT_DELAY, undefined);
      }),
    ]);
  }

  /**
   * Settles when the device has done all that it was given, so that no caller gives it more than it can do;
   * throws what became of it meanwhile.
   */
  async settled(): Promise<void> {
    try {
      await Promise.race([this.device.queue.onSubmittedWorkDone(), this.#faulty]);
    } catch (cause) {
      throw (await this.fault()) ?? lostError(reasonOf(cause));
    }
    if (this.#fault) throw this.#fault;
  }

  /** Reads back what `copy` records: commands that fill a buffer of so many bytes. Errors as `settled`. */
  async read(
    bytes: number,
    copy: (encoder: GPUCommandEncoder, target: GPUBuffer) => void,
  ): Promise<ArrayBuffer> {
    const target = this.device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    try {
      const encoder = this.device.createCommandEncoder();
      copy(encoder, target);
      this.device.queue.submit([encoder.finish()]);
      await this.settled();
      await target.mapAsync(GPUMapMode.READ);
      return target.getMappedRange().slice(0);
    } finally {
      target.destroy();
    }
  }
}

function lostError(why: string): DeviceError {
  return new DeviceError(
    'device-lost',
    `The GPU was lost: ${why.replace(/\.$/, '') || 'no reason given'}.`,
  );
}

function memoryError(why: string): DeviceError {
  return new DeviceError(
    'out-of-memory',
    `The GPU has not enough memory. Use a smaller resolution, release other models, or use device="wasm". It says: ` +
      why,
  );
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
