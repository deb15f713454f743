// A page's bundle, as a page author's tool would make it: npm dependencies included, minified.
import {gzipSync} from 'node:zlib';
import {nodeResolve} from '@rollup/plugin-node-resolve';
import {transform} from 'esbuild';
import {rollup} from 'rollup';

/** Modules that were parsed already: most of them are in every bundle. */
let cache;

/**
 * Bundles a built module.
 *
 * @param {string} input
 * @param {object} [options]
 * @param {(path: string) => boolean} [options.external] Absolute paths that stay outside.
 * @returns {Promise<{code: string, gzip: number, modules: string[], lazy: string[]}>} What a page
 *   loads at once: its code, bytes after gzip, and modules; `lazy` are the modules that come later.
 */
export async function bundle(input, {external = () => false} = {}) {
  const built = await rollup({
    input,
    cache,
    external: (id) => external(id),
    plugins: [nodeResolve({browser: true, exportConditions: ['production']})],
    onwarn: () => undefined,
  });
  cache = built.cache;
  const {output} = await built.generate({format: 'es'});
  await built.close();
  const chunks = output.filter((each) => each.type === 'chunk');
  const eager = new Set(chunks.filter((chunk) => chunk.isEntry));
  for (const chunk of eager) {
    for (const file of chunk.imports) {
      const next = chunks.find((each) => each.fileName === file);
      if (next) eager.add(next);
    }
  }
  const minified = async (chunk) =>
    (await transform(chunk.code, {format: 'esm', minify: true, target: 'es2022'})).code;
  const code = (await Promise.all([...eager].map(minified))).join('\n');
  return {
    code,
    gzip: gzipSync(code, {level: 9}).length,
    modules: [...eager].flatMap((chunk) => chunk.moduleIds),
    lazy: chunks.filter((chunk) => !eager.has(chunk)).flatMap((chunk) => chunk.moduleIds),
  };
}
