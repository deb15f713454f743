// dist/llms.txt: all that there is to know about the elements in one file of Markdown, for language models,
// and for people who search by Ctrl+F. Made of the manifest and of the pages of docs/.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {dist, root} from './paths.mjs';

/** The pages that say what the manifest cannot, in the order in which one needs them. */
const PAGES = [
  ...['install', 'hosting', 'cost-and-consent', 'theming', 'languages'],
  ...['morph', 'search', 'map', 'packs', 'own-model', 'privacy'],
];

/** Writes it. */
export function writeReference(manifest) {
  writeFileSync(join(dist, 'llms.txt'), reference(manifest));
}

/** The text of it. */
export function reference(manifest) {
  const elements = manifest.modules
    .flatMap(({declarations}) => declarations)
    .filter(({tagName}) => tagName);
  const {description, version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const read = (path) => readFileSync(join(root, path), 'utf8').trim();
  return [
    `# latent-elements ${version}`,
    `> ${description}`,
    'Every element, with all of its attributes, properties, methods, events, slots, parts, custom properties and states; ' +
      'then the use without elements, and the pages of the documentation.',
    ...elements.map(elementText),
    section(read('README.md'), 'Without elements'),
    ...PAGES.map((page) => demoted(read(`docs/${page}.md`))),
    '',
  ].join('\n\n');
}

function elementText(element) {
  const {tagName, description, members} = element;
  const fields = members.filter(({kind, attribute}) => kind === 'field' && !attribute);
  const methods = members.filter(({kind}) => kind === 'method');
  return [
    `## <${tagName}>`,
    description,
    ...list('Attributes', element.attributes, ({name, fieldName, type, default: value}) =>
      [
        `\`${name}\``,
        fieldName && fieldName !== name && `(property \`${fieldName}\`)`,
        type?.text && `(${type.text})`,
        value && `= ${value}`,
      ]
        .filter(Boolean)
        .join(' '),
    ),
    ...list('Properties', fields, ({name, type, readonly}) =>
      [`\`${name}\``, type?.text && `(${type.text})`, readonly && 'read-only']
        .filter(Boolean)
        .join(' '),
    ),
    ...list('Methods', methods, signature),
    ...list('Events', element.events, ({name, type}) => `\`${name}\` (${type?.text ?? 'Event'})`),
    ...list('Slots', element.slots, ({name}) => (name ? `\`${name}\`` : 'default')),
    ...list('Parts', element.cssParts, ({name}) => `\`::part(${name})\``),
    ...list('Custom properties', element.cssProperties, ({name, default: value}) =>
      value ? `\`${name}\` = \`${value}\`` : `\`${name}\``,
    ),
    ...list('States', element.cssStates, ({name}) => `\`:state(${name})\``),
  ].join('\n\n');
}

function signature({name, parameters = [], return: result, static: isStatic}) {
  const given = parameters.map((each) => `${each.name}${each.optional || each.default ? '?' : ''}`);
  const type = result?.type?.text;
  return `\`${isStatic ? 'static ' : ''}${name}(${given.join(', ')})${type ? `: ${type}` : ''}\``;
}

function list(title, entries, head) {
  if (!entries?.length) return [];
  const lines = entries.map(
    (entry) => `- ${head(entry)}: ${(entry.description ?? '').replace(/\s+/g, ' ').trim()}`,
  );
  return [`### ${title}`, lines.join('\n')];
}

/** What stands under a heading of the second level, with it. */
function section(text, title) {
  const from = text.indexOf(`\n## ${title}\n`) + 1;
  const to = text.indexOf('\n## ', from);
  return text.slice(from, to < 0 ? undefined : to).trim();
}

/** A page as a part of another: headings one level down, pictures and links to files as their words. */
function demoted(text) {
  return text
    .split(/(```[^]*?```)/)
    .map((piece, i) =>
      i % 2 === 1
        ? piece
        : piece
            .replace(/^(#+) /gm, '#$1 ')
            .replace(/!\[([^\]]*)\]\([^)]*\)/g, '')
            .replace(/\[([^\]]*)\]\((?!https?:)[^)]*\)/g, '$1'),
    )
    .join('');
}
