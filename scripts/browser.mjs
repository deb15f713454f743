// The browser of the tests and the benches, always started alike.
import {chromium} from 'playwright-core';
import {chromiumPath} from './ensure-chromium.mjs';

// The browser's own suggestions below its address bar: two pages, and seconds of work, for each window that a test
// opens. The flag replaces Playwright's, so its names stand here too.
const disabledFeatures = [
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'],
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades'],
  ...['HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter', 'PaintHolding'],
  ...['ThirdPartyStoragePartitioning', 'AvoidCorsURLLoaderRestartOnRedirect'],
  ...['OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled', 'PreconnectToSearch'],
];

// Quiet: nothing of its own on the network, no first-run pages. No sandbox, because containers and
// CI run as root.
const quiet = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// WebGPU in software: slow, but in workers too and correct to 1e-7.
const softwareGpu = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
];

// Its canvases on screen, by Vulkan in software: without, the GPU process dies at the first of them. It makes
// other tests a sixth slower.
const softwareCanvases = [
  '--use-angle=swiftshader',
  '--use-vulkan=swiftshader',
  '--enable-features=Vulkan',
];

/**
 * The flags of every test browser.
 *
 * @param {{webgpu?: boolean | 'canvases', suggestions?: boolean, v8?: string[]}} [options] `webgpu` brings a software
 *   adapter, without which `navigator.gpu` has none; `canvases` are shown too. `suggestions` leaves those of the address
 *   bar. `v8` are flags of the engine.
 * @returns {string[]}
 */
export function flags({webgpu = false, suggestions = false, v8 = []} = {}) {
  return [
    ...quiet,
    // The leak test collects garbage before it counts.
    `--js-flags=${['--expose-gc', ...v8].join(' ')}`,
    ...(suggestions ? [] : [`--disable-features=${disabledFeatures.join()}`]),
    ...(webgpu ? softwareGpu : []),
    ...(webgpu === 'canvases' ? softwareCanvases : []),
  ];
}

/**
 * Starts a headless Chromium.
 *
 * @param {{webgpu?: boolean | 'canvases', suggestions?: boolean, args?: string[]} & import('playwright-core').LaunchOptions} [options] As
 *   `flags`, and those of the launcher.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launch({webgpu = false, suggestions = false, args = [], ...options} = {}) {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [...flags({webgpu, suggestions}), ...args],
    ...options,
  });
}
