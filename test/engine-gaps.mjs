// What the engines beside Chromium lack here, and the tests that need it.

const media = 'no driver of theirs plays a visitor’s preferences';
const webgpu = 'no WebGPU on Linux';

/** Pairs of a pattern of full titles and why they cannot run, by engine. */
export const GAPS = {
  firefox: [
    [/\bwebgpu\b|on every device|where the GPU does not compute in float16/i, webgpu],
    [/paints the same on the GPU/, 'no WebGL2 in workers without a display'],
    [/in the dark|on dark pages|want no motion|prefers reduced motion/, media],
  ],
  webkit: [
    [/\bwebgpu\b|on every device|where the GPU does not compute in float16/i, webgpu],
    [/paints the same on the GPU/, 'no WebGL2 in workers'],
    [/in the dark|on dark pages|want no motion|prefers reduced motion/, media],
    [/starts neither ONNX Runtime nor a GPU/, 'no JSPI, without which WebGPU is refused'],
    [/webm/i, 'asking for a VideoEncoder kills WebKitGTK’s web process'],
    [/webp/i, 'no encoder of WebP'],
  ],
};

/**
 * A plugin of the test runner that skips, in every test file, what an engine cannot do.
 *
 * @param {string} engine
 */
export function skipGaps(engine) {
  const gaps = GAPS[engine] ?? [];
  const hook = `
beforeEach(function () {
  const title = this.currentTest.fullTitle();
  if ([${gaps.map(([pattern]) => pattern).join(', ')}].some((pattern) => pattern.test(title))) {
    this.skip();
  }
});`;
  return {
    name: 'engine-gaps',
    transform: ({path, body}) =>
      gaps.length > 0 && path.endsWith('.test.ts') ? body + hook : undefined,
  };
}
