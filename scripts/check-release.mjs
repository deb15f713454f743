// Whether a tag may be published: it is the version of package.json, and the changelog has a part for it.
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {root} from './paths.mjs';

/**
 * Why a tag must not be published; empty where it may.
 *
 * @param {string} tag `v1.2.3`.
 * @param {{version: string, lock: string, changelog: string}} given Versions of package.json and of the
 *   lock file, text of the changelog.
 * @returns {string[]}
 */
export function releaseFaults(tag, {version, lock, changelog}) {
  const faults = [];
  if (tag !== `v${version}`) faults.push(`The tag is ${tag}, package.json says ${version}.`);
  if (lock !== version) faults.push(`package-lock.json says ${lock}: run npm install.`);
  const lines = changelog.split('\n').map((line) => line.trim());
  const at = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  if (at < 0) faults.push(`CHANGELOG.md has no "## [${version}]".`);
  const unreleased = lines.indexOf('## [Unreleased]');
  const next = lines.findIndex((line, i) => i > unreleased && line.startsWith('## '));
  if (unreleased >= 0 && lines.slice(unreleased + 1, next).some((line) => line !== '')) {
    faults.push(`CHANGELOG.md still has lines under "Unreleased": move them to ${version}.`);
  }
  return faults;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const read = (file) => readFileSync(`${root}/${file}`, 'utf8');
  const faults = releaseFaults(process.argv[2] ?? '', {
    version: JSON.parse(read('package.json')).version,
    lock: JSON.parse(read('package-lock.json')).version,
    changelog: read('CHANGELOG.md'),
  });
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
