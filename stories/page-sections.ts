/// <reference types="vite/client" />
import type {SearchItem} from '../src/engine/search-types.js';

const pages = import.meta.glob<string>(['../docs/*.md', '../docs/decisions/*.md', '../README.md'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** The documentation of this project, section by section. */
export const SECTIONS: readonly SearchItem[] = Object.entries(pages).flatMap(([path, markdown]) =>
  markdown
    .split(/^(?=#{1,3} )/m)
    .map((section, place) => {
      const [heading = '', ...lines] = section.split('\n');
      const title = plain(heading.replace(/^#+ /, ''));
      return {
        id: `${path}#${String(place)}`,
        title,
        text: plain(lines.join(' ')),
        page: path.slice(3),
      };
    })
    .filter(({text}) => text !== ''),
);

// Good enough to read: no links, no emphasis, no tables, no code blocks.
function plain(markdown: string): string {
  return markdown
    .replace(/```[\s\S]*?(```|$)/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\|[ |:-]*/g, ' ')
    .replace(/[*`>]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
