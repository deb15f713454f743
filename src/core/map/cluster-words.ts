import {saysSomething, wordsOf} from '../search/words.js';

/** Words that name a cluster. */
const WORDS = 3;
/** Characters of a text that are looked at: its first sentences say what it is about. */
const READ = 400;
/** Letters of the beginning by which two words count as forms of one: "cook", "cooking". */
const STEM = 4;

/**
 * The words that set each cluster apart from all the rest: those that a large share of its texts has and
 * few others do (the class-based tf–idf of BERTopic, by shares of texts, so that one text that says a
 * word often does not name its cluster). Empty for a cluster whose texts have nothing in common.
 *
 * @param memberships - The cluster of each text; −1 for none.
 */
export function clusterWords(
  texts: readonly string[],
  memberships: ArrayLike<number>,
  clusters: number,
): string[][] {
  const sizes = new Uint32Array(clusters);
  const everywhere = new Map<string, number>();
  const inside = Array.from({length: clusters}, () => new Map<string, number>());
  const forms = new Map<string, string>();
  texts.forEach((text, i) => {
    const cluster = memberships[i]!;
    if (cluster >= 0) sizes[cluster]!++;
    for (const [term, form] of termsOf(text)) {
      everywhere.set(term, (everywhere.get(term) ?? 0) + 1);
      if (!forms.has(term) || form === term) forms.set(term, form);
      const own = inside[cluster];
      own?.set(term, (own.get(term) ?? 0) + 1);
    }
  });
  return inside.map((own, cluster) => {
    const size = sizes[cluster]!;
    const ranked = [...own]
      .filter(([, count]) => count > 1)
      .map(([term, count]) => {
        const share = count / size;
        const rest = (everywhere.get(term)! - count + 0.5) / (texts.length - size + 1);
        return {term, score: share * Math.log(share / rest)};
      })
      .filter(({score}) => score > 0)
      .sort((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1));
    return distinct(ranked.map(({term}) => term)).map((term) => forms.get(term)!);
  });
}

// The terms of a text, each with the form in which it stands there.
function termsOf(text: string): Map<string, string> {
  const read = text.slice(0, READ);
  const terms = new Map<string, string>();
  for (const {term, start, end} of wordsOf(read)) {
    if (term.length < 3 || /^\d/.test(term) || !saysSomething(term)) continue;
    if (!terms.has(term)) terms.set(term, read.slice(start, end));
  }
  return terms;
}

function distinct(terms: readonly string[]): string[] {
  const taken: string[] = [];
  for (const term of terms) {
    if (taken.length === WORDS) break;
    const isForm = (other: string): boolean =>
      term.startsWith(other.slice(0, STEM)) && Math.abs(term.length - other.length) < STEM;
    if (!taken.some(isForm)) taken.push(term);
  }
  return taken;
}
