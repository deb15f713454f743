// The test files below a folder.
import {readdirSync} from 'node:fs';
import {root} from './paths.mjs';

/** Paths of the `*.test.*` files below a folder of the repository, in order. */
export function testFiles(folder) {
  return readdirSync(`${root}/${folder}`, {recursive: true})
    .filter((file) => /\.test\.(ts|mjs)$/.test(file))
    .map((file) => `${folder}/${file}`)
    .sort();
}
