import {saysSomething, wordsOf} from '../search/words.js';

/** Points that lie close together. */
export interface Cluster {
  /** Where it is densest. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** What was found: which cluster each point is in (−1: in none), and the clusters, largest first. */
export interface Clustering {
  readonly memberships: Int16Array;
  readonly clusters: readonly Cluster[];
}

/** Cells a side of the grid on which density is measured. */
const CELLS = 64;
/** Cells over which a point is spread, when there are few and when there are many. */
const [WIDE, NARROW] = [2.5, 1.2];
/** Points up to which they are few. */
const FEW = 500;
/** A saddle this high, as a share of the lower peak, does not part two clusters. */
const MERGED_FROM = 0.7;
/** Share of all points below which a cluster is none, and the least number. */
const [LEAST_SHARE, LEAST] = [0.015, 3];

/**
 * Clusters of a map in the unit square, by its density: cells are taken from the densest on, each joins
 * the hill beside it or begins one, and two hills that meet become one unless there is a valley between
 * them (persistence, as in ToMATo, Chazal et al. 2013). How many there are comes from the points alone.
 */
export function findClusters(positions: Float32Array): Clustering {
  const count = positions.length / 2;
  const cells = Int32Array.from({length: count}, (_, i) => cellOf(positions, i));
  const density = densityOf(cells);
  const {hills, peaks} = hillsOf(density);
  const sizes = new Map<number, number>();
  for (const cell of cells) {
    const hill = find(hills, cell);
    sizes.set(hill, (sizes.get(hill) ?? 0) + 1);
  }
  const least = Math.max(LEAST, LEAST_SHARE * count);
  const large = [...sizes].filter(([, size]) => size >= least).sort((a, b) => b[1] - a[1]);
  const numbers = new Map(large.map(([hill], i) => [hill, i]));
  return {
    memberships: Int16Array.from(cells, (cell) => numbers.get(find(hills, cell)) ?? -1),
    clusters: large.map(([hill, size]) => {
      const peak = peaks.get(hill)!;
      return {
        x: ((peak % CELLS) + 0.5) / CELLS,
        y: (Math.floor(peak / CELLS) + 0.5) / CELLS,
        size,
      };
    }),
  };
}

function cellOf(positions: Float32Array, i: number): number {
  const at = (value: number): number => Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)));
  return at(positions[2 * i + 1]!) * CELLS + at(positions[2 * i]!);
}

function densityOf(cells: Int32Array): Float64Array {
  const counts = new Float64Array(CELLS * CELLS);
  for (const cell of cells) counts[cell]! += 1;
  const spread = Math.max(NARROW, WIDE * (FEW / Math.max(FEW, cells.length)) ** 0.2);
  return blur(blur(counts, 1, spread), CELLS, spread);
}

// A Gaussian along one axis of the grid.
function blur(values: Float64Array, stride: number, spread: number): Float64Array {
  const reach = Math.ceil(3 * spread);
  const kernel = Array.from({length: reach + 1}, (_, i) => Math.exp(-0.5 * (i / spread) ** 2));
  return values.map((_, cell) => {
    const at = stride === 1 ? cell % CELLS : Math.floor(cell / CELLS);
    let sum = 0;
    for (let i = -reach; i <= reach; i++) {
      if (at + i >= 0 && at + i < CELLS) sum += kernel[Math.abs(i)]! * values[cell + i * stride]!;
    }
    return sum;
  });
}

interface Hills {
  /** The parent of each cell in its hill; a root is its own. */
  readonly hills: Int32Array;
  /** The densest cell of each root's hill. */
  readonly peaks: ReadonlyMap<number, number>;
}

function hillsOf(density: Float64Array): Hills {
  const hills = new Int32Array(density.length).fill(-1);
  const peaks = new Map<number, number>();
  const order = [...density.keys()].sort((a, b) => density[b]! - density[a]! || a - b);
  for (const cell of order) {
    hills[cell] = cell;
    peaks.set(cell, cell);
    for (const other of neighboursOf(cell)) {
      if (hills[other] === -1) continue;
      const [a, b] = [find(hills, cell), find(hills, other)];
      if (a === b) continue;
      const [high, low] = density[peaks.get(a)!]! > density[peaks.get(b)!]! ? [a, b] : [b, a];
      // A cell that has only just come up is its own peak, and joins the hill at its side.
      if (density[cell]! < MERGED_FROM * density[peaks.get(low)!]!) continue;
      hills[low] = high;
      peaks.delete(low);
    }
  }
  return {hills, peaks};
}

function* neighboursOf(cell: number): Generator<number> {
  const [x, y] = [cell % CELLS, Math.floor(cell / CELLS)];
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const [toX, toY] = [x + dx, y + dy];
      const inside = toX >= 0 && toX < CELLS && toY >= 0 && toY < CELLS;
      if (inside && (dx !== 0 || dy !== 0)) yield toY * CELLS + toX;
    }
  }
}

function find(parents: Int32Array, cell: number): number {
  let root = cell;
  while (parents[root] !== root) root = parents[root]!;
  for (let at = cell; parents[at] !== root;) [parents[at], at] = [root, parents[at]!];
  return root;
}

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
