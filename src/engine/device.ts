import type {Device} from '../shared/inference.js';
import type {DevicePreference} from './types.js';

let hardware: Promise<boolean> | undefined;

/**
 * The device for a preference. `auto` takes WebGPU where a hardware adapter exists; a software
 * adapter computes the same numbers some hundred times slower than WASM, so it counts as none.
 */
export async function resolveDevice(preference: DevicePreference): Promise<Device> {
  if (preference !== 'auto') return preference;
  return (await (hardware ??= hasHardwareAdapter())) ? 'webgpu' : 'wasm';
}

async function hasHardwareAdapter(): Promise<boolean> {
  try {
    const adapter = await (navigator as Partial<Navigator>).gpu?.requestAdapter();
    return Boolean(adapter && !adapter.info.isFallbackAdapter);
  } catch {
    return false;
  }
}
