// This project's documentation as a folder of HTML pages with its search index, for the stories: what
// an author does with a site of their own.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {Marked} from 'marked';
import {build, dist, root} from './paths.mjs';

/** The folder of the pages. */
export const docsSite = join(build, 'docs-site');

/** Writes the pages, and `docs.latents` beside them; links of the index begin with `base`. */
export function buildDocsSite(base = 'docs-site/') {
  rmSync(docsSite, {recursive: true, force: true});
  for (const path of documents()) {
    const file = join(docsSite, path.replace(/\.md$/, '.html'));
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file, pageOf(readFileSync(join(root, path), 'utf8')));
  }
  const program = join(dist, 'cli/latent-elements.js');
  const options = ['-o', join(docsSite, 'docs.latents'), '--base', base, '--precision', 'int8'];
  // The map of the documentation needs all vectors.
  options.push('--split', 'never');
  const {status} = spawnSync(process.execPath, [program, 'index', docsSite, ...options], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('The index of the documentation could not be made.');
}

function documents() {
  const below = (folder) =>
    readdirSync(join(root, folder), {recursive: true}).map((path) => join(folder, path));
  const cards = readdirSync(join(root, 'models')).map((pack) => join('models', pack, 'README.md'));
  return [
    'README.md',
    ...below('docs').filter((path) => path.endsWith('.md')),
    ...cards.filter((path) => existsSync(join(root, path))),
  ];
}

function pageOf(text) {
  const title = /^# (.*)$/m.exec(text)?.[1].replaceAll('`', '') ?? 'latent-elements';
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width" />
  <meta name="color-scheme" content="light dark" />
  <title>${escapeHtml(title)}</title>
  <style>
    main { max-width: 48rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui; }
    pre, table { overflow-x: auto; display: block; }
    td, th { padding: 0.25rem 0.5rem; text-align: start; vertical-align: top; }
    :target { background: color-mix(in srgb, Highlight 18%, transparent); }
  </style>
  <main>
${markdown.parse(text)}  </main>
</html>
`;
}

const markdown = new Marked({
  renderer: {
    heading({tokens, depth, text}) {
      const content = this.parser.parseInline(tokens);
      return `<h${depth} id="${slug(text)}">${content}</h${depth}>\n`;
    },
    link({href, tokens}) {
      const page = href.replace(/\.md(?=#|$)/, '.html');
      return `<a href="${escapeHtml(page)}">${this.parser.parseInline(tokens)}</a>`;
    },
    // The pages are to be read and searched; the pictures stay where they are.
    image: ({text}) => escapeHtml(text),
  },
});

/** As GitHub names headings. */
function slug(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
