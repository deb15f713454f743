// Who may import whom: the table of docs/rooms.md, as a lint rule. One small rule of our own instead
// of path zones, because it must tell `import type` apart and judge packages and folders together.
import {dirname, relative, resolve, sep} from 'node:path';

/**
 * Every room with the rooms and packages it may import (`lit` is `lit/…` too, `*` any); `types` only by `import type`. A file
 * belongs to the longest room that its path starts with.
 *
 * @type {Record<string, {rooms?: string[], types?: string[], packages?: string[]}>}
 */
export const rooms = {
  'src/core': {packages: ['valibot']},
  'src/shared': {rooms: ['src/core'], packages: ['comlink']},
  'src/engine': {
    rooms: ['src/core', 'src/shared'],
    types: ['workers'],
    packages: ['comlink', 'image-dimensions'],
  },
  'src/search': {
    rooms: ['src/core', 'src/shared', 'src/engine'],
    types: ['workers'],
    packages: ['comlink'],
  },
  'src/media': {rooms: ['src/core'], packages: ['gifenc', 'mediabunny']},
  'src/controllers': {
    rooms: ['src/core', 'src/shared', 'src/engine', 'src/search', 'src/media'],
    packages: ['lit', '@lit/task'],
  },
  components: {
    rooms: ['src/core', 'src/controllers'],
    types: ['src/shared', 'src/engine', 'src/search', 'src/media'],
    packages: ['lit', 'd3-selection', 'd3-zoom'],
  },
  workers: {
    rooms: ['src/core', 'src/shared'],
    types: ['models'],
    packages: [
      'comlink',
      '@noble/hashes',
      'image-dimensions',
      '@huggingface/tokenizers',
      'idb',
      'minisearch',
    ],
  },
  'workers/inference/ort-runtime.ts': {
    rooms: ['workers', 'src/core', 'src/shared'],
    packages: ['onnxruntime-web'],
  },
  // Which words find what: a page's index and one that the program makes must agree.
  'workers/search/lexical-index.ts': {rooms: ['src/core'], packages: ['minisearch']},
  'src/cli': {
    rooms: ['src/core', 'workers/search/lexical-index.ts'],
    packages: [
      'node:',
      'parse5',
      'parse5-htmlparser2-tree-adapter',
      'css-select',
      'domhandler',
      'domutils',
      'tinyglobby',
    ],
  },
  // The public entries: what is exported, and nothing else.
  src: {
    rooms: [
      'src/core',
      'src/shared',
      'src/engine',
      'src/search',
      'src/media',
      'src/controllers',
      'components',
    ],
  },
  models: {rooms: ['src/core'], packages: ['*']},
  stories: {
    rooms: [
      'src',
      'src/core',
      'src/shared',
      'src/engine',
      'src/search',
      'src/media',
      'src/controllers',
      'components',
    ],
    packages: ['*'],
  },
};

const byLength = Object.keys(rooms).sort((a, b) => b.length - a.length);

/** The room of a path relative to the repository; undefined outside of all rooms. */
function roomOf(path) {
  return byLength.find((room) => path === room || path.startsWith(`${room}/`));
}

/** Why `room` must not import `specifier`, or undefined where it may. */
export function refusal(root, file, specifier, typeOnly) {
  const path = relative(root, file).split(sep).join('/');
  const room = roomOf(path);
  if (!room) return undefined;
  const {rooms: open = [], types = [], packages = []} = rooms[room];
  if (!specifier.startsWith('.')) {
    const allowed = packages.some(
      (name) =>
        name === '*' ||
        name === specifier ||
        specifier.startsWith(name.endsWith(':') ? name : `${name}/`),
    );
    return allowed ? undefined : `${room} must not import the package ${specifier}.`;
  }
  const target = relative(root, resolve(dirname(file), specifier.replace(/\?.*$/, '')));
  // The built file's name stands in imports, the source's in the table.
  const other = roomOf(target.split(sep).join('/').replace(/\.js$/, '.ts'));
  if (other === room || open.includes(other) || (typeOnly && types.includes(other))) {
    return undefined;
  }
  // A single file that is a room of its own is still a neighbour of its folder.
  if (other?.startsWith(`${room}/`) && other.endsWith('.ts')) return undefined;
  if (!other) return `${room} must not reach outside the rooms of this repository (${specifier}).`;
  return types.includes(other)
    ? `${room} may take types from ${other}, nothing that runs: use \`import type\`.`
    : `${room} must not import ${other}.`;
}

/** What a room may import, as the table of docs/rooms.md says it. */
export function permissions(room) {
  const {rooms: open = [], types = [], packages = []} = rooms[room];
  const short = (each) => each.replace(/^src\//, '');
  const parts = [
    ...open.map(short),
    ...packages.map((name) => (name === '*' ? 'any package' : `\`${name}\``)),
  ];
  const text = parts.join(', ') || 'nothing';
  return types.length ? `${text}; types of ${types.map(short).join(', ')}` : text;
}

/** The rule, for `plugins: {house: {rules: {rooms: rule}}}`; its option is the repository's root. */
export const rule = {
  meta: {type: 'problem', schema: [{type: 'string'}], messages: {refused: '{{why}}'}},
  create(context) {
    const [root = context.cwd] = context.options;
    const judge = (source, typeOnly) => {
      if (typeof source?.value !== 'string') return;
      const why = refusal(root, context.filename, source.value, typeOnly);
      if (why) context.report({node: source, messageId: 'refused', data: {why}});
    };
    const isType = (node, kind) =>
      node[kind] === 'type' ||
      (node.specifiers?.length > 0 && node.specifiers.every((each) => each[kind] === 'type'));
    return {
      ImportDeclaration: (node) => judge(node.source, isType(node, 'importKind')),
      ExportNamedDeclaration: (node) => judge(node.source, isType(node, 'exportKind')),
      ExportAllDeclaration: (node) => judge(node.source, node.exportKind === 'type'),
      ImportExpression: (node) => judge(node.source, false),
      TSImportType: (node) => judge(node.source ?? node.argument?.literal, true),
    };
  },
};
