/** The value below which a share of the samples lies. */
export function quantile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const median = (samples) => quantile(samples, 0.5);

export const mean = (samples) => samples.reduce((sum, each) => sum + each, 0) / samples.length;

/** nDCG of the first `k` ids of an order; a grade of g is worth 2^g - 1, what has none nothing. */
export function ndcg(ids, grades, k = 10) {
  const gain = (list) =>
    list.slice(0, k).reduce((sum, g, i) => sum + (2 ** g - 1) / Math.log2(i + 2), 0);
  return gain(ids.map((id) => grades[id] ?? 0)) / gain(Object.values(grades).sort((a, b) => b - a));
}

/** Prints rows as a Markdown table. */
export function table(head, rows) {
  console.log(`| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${row.map(cell).join(' | ')} |`);
}

function cell(value) {
  if (typeof value !== 'number') return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
