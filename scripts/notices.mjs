// dist/THIRD-PARTY.md: whose code the bundles contain, and under what terms. A rollup plugin, because only
// the bundler knows what is left of a dependency.
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, sep} from 'node:path';
import {dist, root} from './paths.mjs';

const INTRODUCTION = `# Third-party software

The bundled files of this package (\`cdn/\`, \`workers/\`, \`cli/\`, \`ort/\`) contain code of others, under their licences:
`;

/** A plugin that notes the packages of every bundle that it sees, and writes what is known so far. */
export function notices() {
  const packages = new Map();
  return {
    name: 'notices',
    generateBundle(_, bundle) {
      for (const {modules = {}} of Object.values(bundle)) {
        for (const [id, {renderedLength}] of Object.entries(modules)) {
          const folder = renderedLength > 0 ? packageFolder(id) : undefined;
          if (folder && !packages.has(folder)) packages.set(folder, noticeOf(folder));
        }
      }
      const parts = [...packages.values()].sort((a, b) => a.title.localeCompare(b.title, 'en'));
      mkdirSync(dist, {recursive: true});
      writeFileSync(
        join(dist, 'THIRD-PARTY.md'),
        [INTRODUCTION, ...parts.map(({title, text}) => `## ${title}\n\n${text}\n`)].join('\n'),
      );
    },
  };
}

/** The folder of the package that a module lies in; undefined for our own. */
function packageFolder(id) {
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '');
  if (!path.includes(`${sep}node_modules${sep}`)) return undefined;
  let folder = dirname(path);
  while (!isPackage(folder)) folder = dirname(folder);
  return folder;
}

/** Some packages have a manifest of a folder inside, without a name. */
function isPackage(folder) {
  const manifest = join(folder, 'package.json');
  return (
    folder === root ||
    (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version !== undefined)
  );
}

function noticeOf(folder) {
  const {name, version, license, repository, author} = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const home = (repository?.url ?? repository ?? '').replace(/^git\+|\.git$/g, '');
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(each));
  // Without a file of their own their manifest is all they say.
  const terms = file
    ? readFileSync(join(folder, file), 'utf8').trim()
    : `Licence: ${license}. Author: ${author?.name ?? author ?? 'see there'}.`;
  return {
    title: `${name} ${version} (${license})`,
    text: `${home ? `Source: ${home}\n\n` : ''}\`\`\`text\n${terms}\n\`\`\``,
  };
}
