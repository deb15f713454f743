// Which tests there are, and in which suite of `npm test` each runs.
import {readdirSync} from 'node:fs';
import {root} from './paths.mjs';

/** The folders of `test/` that a suite runs, or the beginnings of paths in there. */
const rooms = {
  node: ['core/', 'shared/', 'cli/', 'package/'],
  browser: ['engine/', 'search/', 'workers/', 'controllers/', 'components/'],
  e2e: ['e2e/'],
  apps: ['apps/common'],
  'more-apps': ['apps/others'],
};

/** Paths of all test files, `test/…/*.test.*`, in order. */
export function testFiles() {
  return readdirSync(`${root}/test`, {recursive: true})
    .filter((file) => !file.includes('node_modules') && /\.test\.(ts|mjs)$/.test(file))
    .map((file) => `test/${file}`)
    .sort();
}

/**
 * Paths of the test files of one suite; what lies beside browser tests and is called `*.node.test.ts` is pure
 * code, which the suite `node` runs.
 *
 * @param {'node' | 'browser' | 'e2e' | 'apps' | 'more-apps'} suite
 */
export function suiteFiles(suite) {
  const below = (name) =>
    testFiles().filter((file) => rooms[name].some((room) => file.startsWith(`test/${room}`)));
  const pure = (file) => file.includes('.node.test.');
  if (suite === 'browser') return below(suite).filter((file) => !pure(file));
  return suite === 'node' ? [...below(suite), ...below('browser').filter(pure)] : below(suite);
}
