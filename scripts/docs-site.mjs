// This project's documentation as a folder of HTML pages with its search index, for the stories: what
// an author does with a site of their own.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
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

function pageOf(markdown) {
  const title = /^# (.*)$/m.exec(markdown)?.[1].replaceAll('`', '') ?? 'latent-elements';
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
${toHtml(markdown)}
  </main>
</html>
`;
}

/** As much of Markdown as these documents use. */
export function toHtml(markdown) {
  return markdown
    .split(/(^```[\s\S]*?^```$)/m)
    .flatMap((part) => (part.startsWith('```') ? codeBlock(part) : blocks(part)))
    .join('\n');
}

function codeBlock(fenced) {
  return `<pre><code>${escapeHtml(fenced.replace(/^```.*\n|```$/g, ''))}</code></pre>`;
}

function blocks(text) {
  return text
    .replace(/^(#{1,6} .*)$/gm, '\n$1\n')
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter(Boolean)
    .map(blockOf);
}

function blockOf(block) {
  const heading = /^(#{1,6}) (.*)$/.exec(block);
  if (heading) {
    const [, {length: level}, text] = heading;
    return `<h${level} id="${slug(text)}">${inline(text)}</h${level}>`;
  }
  if (block.startsWith('|')) return tableOf(block.split('\n'));
  if (/^([-*]|\d+\.) /.test(block)) {
    const items = block.split(/^(?:[-*]|\d+\.) /m).slice(1);
    return `<ul>${items.map((item) => `<li>${inline(item.trim())}</li>`).join('')}</ul>`;
  }
  return `<p>${inline(block)}</p>`;
}

function tableOf([head, , ...rows]) {
  const row = (line, cell) =>
    `<tr>${line
      .replace(/^\||\|$/g, '')
      .split(/(?<!\\)\|/)
      .map((text) => `<${cell}>${inline(text.trim())}</${cell}>`)
      .join('')}</tr>`;
  return `<table>${row(head, 'th')}${rows.map((line) => row(line, 'td')).join('')}</table>`;
}

// Code is put aside first: nothing in it is a sign of anything.
function inline(text) {
  const codes = [];
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, (_, code) => `\0${codes.push(code) - 1}\0`)
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_, label, href) => link(label, href))
    .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replace(/\0(\d+)\0/g, (_, i) => `<code>${codes[i]}</code>`);
}

const link = (label, href) => `<a href="${href.replace(/\.md(?=#|$)/, '.html')}">${label}</a>`;

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
