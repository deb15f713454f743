// What a BERT computes, in plain JavaScript and float64: as the paper says, one number at a time, so
// that nothing of the ONNX file or of its runtime is taken on trust.

type Vector = readonly number[];
type Matrix = readonly Vector[];

/** Sizes and weights, as test/fixtures/transformer.mjs serves them. */
export interface Bert {
  readonly sizes: {
    readonly hidden: number;
    readonly heads: number;
    readonly layers: number;
    readonly epsilon: number;
  };
  readonly weights: Readonly<
    Record<string, {readonly shape: readonly number[]; readonly values: Vector}>
  >;
}

/** The last hidden states of one text: a vector a token. */
export function runBert(bert: Bert, ids: readonly number[]): Matrix {
  const {heads, hidden, layers} = bert.sizes;
  const row = (name: string, at: number) =>
    bert.weights[name]!.values.slice(at * hidden, (at + 1) * hidden);
  let x: Matrix = ids.map((id, place) => {
    const sum = add(add(row('words', id), row('types', 0)), row('positions', place));
    return norm(bert, sum, 'norm');
  });
  for (let layer = 0; layer < layers; layer++) {
    const tokens = x;
    const project = (name: string) =>
      tokens.map((vector) => linear(bert, vector, `${layer}.${name}`));
    const [queries, keys, values] = [project('query'), project('key'), project('value')];
    const mixed = x.map((_, token) =>
      Array.from({length: heads}, (_, head) => {
        const size = hidden / heads;
        const part = (vector: Vector) => vector.slice(head * size, (head + 1) * size);
        const scores = keys.map((key) => dot(part(queries[token]!), part(key)) / Math.sqrt(size));
        return average(values.map(part), softmax(scores));
      }).flat(),
    );
    x = x.map((vector, token) => {
      const attended = add(vector, linear(bert, mixed[token]!, `${layer}.output`));
      const first = norm(bert, attended, `${layer}.norm1`);
      const inner = linear(bert, first, `${layer}.up`).map(
        (z) => (z / 2) * (1 + erf(z / Math.SQRT2)),
      );
      return norm(bert, add(first, linear(bert, inner, `${layer}.down`)), `${layer}.norm2`);
    });
  }
  return x;
}

/** The mean of a text's states at unit length. */
export function meanEmbedding(states: Matrix): Vector {
  const mean = average(
    states,
    states.map(() => 1 / states.length),
  );
  const length = Math.sqrt(dot(mean, mean));
  return mean.map((value) => value / length);
}

const add = (a: Vector, b: Vector) => a.map((value, i) => value + b[i]!);
const dot = (a: Vector, b: Vector) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const average = (rows: Matrix, shares: Vector) =>
  rows[0]!.map((_, i) => rows.reduce((sum, row, at) => sum + shares[at]! * row[i]!, 0));

function softmax(scores: Vector): Vector {
  const powers = scores.map((score) => Math.exp(score));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function linear({weights}: Bert, x: Vector, name: string): Vector {
  const {shape, values} = weights[`${name}.weight`]!;
  const width = shape[1]!;
  const bias = weights[`${name}.bias`]!.values;
  return bias.map((start, to) =>
    x.reduce((sum, z, from) => sum + z * values[from * width + to]!, start),
  );
}

function norm({sizes, weights}: Bert, x: Vector, name: string): Vector {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const [scale, bias] = [weights[`${name}.scale`]!.values, weights[`${name}.bias`]!.values];
  return x.map(
    (value, i) => ((value - mean) / Math.sqrt(variance + sizes.epsilon)) * scale[i]! + bias[i]!,
  );
}

/** The error function by its Taylor series, exact to 1e-12 for |x| < 4, beyond which it is ±1. */
function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
