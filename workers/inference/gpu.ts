import {DeviceError} from '../../src/shared/errors.js';

/** Milliseconds within which a device that is lost says so: what ran on it fails first. */
const LOSS_DELAY = 200;

/** Whether a failure on this device is one of the device. */
export function isLost(device: GPUDevice): Promise<boolean> {
  return Promise.race([
    device.lost.then(() => true),
    new Promise<boolean>((resolve) => {
      setTimeout(resolve, LOSS_DELAY, false);
    }),
  ]);
}

/** A WebGPU device with all the buffer space that its adapter offers; `unsupported` without one. */
export async function requestGpu(onLost: (why: string) => void): Promise<GPUDevice> {
  const gpu = (navigator as Partial<WorkerNavigator>).gpu;
  const adapter = await gpu?.requestAdapter({powerPreference: 'high-performance'});
  if (!adapter) {
    throw new DeviceError(
      'unsupported',
      'This browser offers no WebGPU adapter here. Use device="auto" or device="wasm".',
    );
  }
  const {limits} = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: adapter.features.has('shader-f16') ? ['shader-f16'] : [],
    // Defaults are far below what the hardware has, and ORT sizes its kernels by the device's.
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
      maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    },
  });
  void device.lost.then(({message}) => {
    onLost(message);
  });
  return device;
}
