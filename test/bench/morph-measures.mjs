// What a morph is judged by. Pictures are {width, height, data} of RGBA bytes.

/** Where worst cases are looked for. */
export const TIMES = [0.2, 0.35, 0.5, 0.65, 0.8];

/** Steps of a morph whose largest is compared with their median. */
const STEPS = 24;

export function luminance({data}) {
  return Float32Array.from({length: data.length / 4}, (_, i) => {
    return (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255;
  });
}

/** A plane with its sides divided by a whole number: the means of squares. */
export function shrink(plane, width, factor) {
  const w = Math.floor(width / factor);
  const h = Math.floor(plane.length / width / factor);
  const out = new Float32Array(w * h);
  for (let y = 0; y < h * factor; y++) {
    for (let x = 0; x < w * factor; x++) {
      out[Math.floor(y / factor) * w + Math.floor(x / factor)] +=
        plane[y * width + x] / (factor * factor);
    }
  }
  return out;
}

function gradientEnergy(picture, factor) {
  const plane = shrink(luminance(picture), picture.width, factor);
  const width = Math.floor(picture.width / factor);
  let [x2, y2, nx, ny] = [0, 0, 0, 0];
  for (let i = 0; i < plane.length; i++) {
    if ((i + 1) % width > 0) {
      x2 += (plane[i + 1] - plane[i]) ** 2;
      nx++;
    }
    if (i + width < plane.length) {
      y2 += (plane[i + width] - plane[i]) ** 2;
      ny++;
    }
  }
  return x2 / nx + y2 / ny;
}

/**
 * The least contrast kept over TIMES: the gradient energy of the frame over the ends', interpolated.
 * 1: none lost; a cross-fade of unrelated pictures has ½.
 */
export function contrastKept(frame, a, b, factor) {
  const [first, second] = [gradientEnergy(a, factor), gradientEnergy(b, factor)];
  return Math.min(
    ...TIMES.map((t) => gradientEnergy(frame(t), factor) / ((1 - t) * first + t * second)),
  );
}

/** The largest of 24 steps (root mean square of what changes) over their median. */
export function largestStep(frame) {
  const steps = [];
  let previous = frame(0).data;
  for (let i = 1; i <= STEPS; i++) {
    const next = frame(i / STEPS).data;
    steps.push(Math.sqrt(next.reduce((sum, value, k) => sum + (value - previous[k]) ** 2, 0)));
    previous = next;
  }
  steps.sort((p, q) => p - q);
  return steps[STEPS - 1] / ((steps[STEPS / 2 - 1] + steps[STEPS / 2]) / 2);
}

/** The share of frame pixels at t = 0, ½, 1 whose way back to the halfway domain turns over. */
export function foldedShare({flow}) {
  const m = Math.sqrt(flow.length / 2);
  const at = (x, y, c) => flow[2 * (y * m + x) + c];
  let folded = 0;
  for (let y = 0; y < m - 1; y++) {
    for (let x = 0; x < m - 1; x++) {
      for (const s of [-1, 1]) {
        for (const [ox, oy] of [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
        ]) {
          const dx = (c) => s * (m - 1) * (at(x + 1, y + oy, c) - at(x, y + oy, c));
          const dy = (c) => s * (m - 1) * (at(x + ox, y + 1, c) - at(x + ox, y, c));
          if ((1 + dx(0)) * (1 + dy(1)) - dy(0) * dx(1) <= 0) folded++;
        }
      }
    }
  }
  return folded / (8 * (m - 1) ** 2);
}

/** Cells along each side of what the ghost index looks at, its reach, its window. */
const [N, REACH, WINDOW] = [64, 8, 5];

/**
 * A function that gives the ghost index of a frame between a and b (0: none, 1: all double): how much
 * a window looks like both ends, beyond what they look like each other, anywhere within reach.
 */
export function ghostIndex(a, b) {
  const [first, second] = [details(a), details(b)];
  const back = likeness(second, first);
  const between = likeness(first, second).map((value, i) => Math.max(value, back[i]));
  return (frame) => {
    const x = details(frame);
    const [toA, toB] = [likeness(x, first), likeness(x, second)];
    const energy = boxMean(x.map((value) => value * value));
    let [sum, weights] = [0, 0];
    for (let i = 0; i < N * N; i++) {
      const e = Math.sqrt(energy[i] + 1e-5);
      const weight = e / (e + 0.02);
      const both = Math.max(0, Math.min(toA[i], toB[i]) - between[i]);
      sum += weight * Math.min(1, both / Math.max(0.05, 1 - between[i]));
      weights += weight;
    }
    return sum / weights;
  };
}

function details(picture) {
  const plane = shrink(luminance(picture), picture.width, Math.floor(picture.width / N));
  const low = boxMean(plane, 4);
  return plane.map((value, i) => value - low[i]);
}

/** The best local correlation of each window of x with one of y within reach. */
function likeness(x, y) {
  const varianceX = boxMean(x.map((value) => value * value));
  const varianceY = boxMean(y.map((value) => value * value));
  const best = new Float32Array(N * N).fill(-1);
  for (let dy = -REACH; dy <= REACH; dy++) {
    for (let dx = -REACH; dx <= REACH; dx++) {
      if (dx * dx + dy * dy > REACH * REACH) continue;
      const inside = (i) => {
        const [u, v] = [(i % N) + dx, Math.floor(i / N) + dy];
        return u >= 0 && u < N && v >= 0 && v < N;
      };
      const product = x.map((value, i) => (inside(i) ? value * y[i + dy * N + dx] : 0));
      const covariance = boxMean(product);
      for (let i = 0; i < N * N; i++) {
        if (!inside(i)) continue;
        const spread = (varianceX[i] + 1e-5) * (varianceY[i + dy * N + dx] + 1e-5);
        best[i] = Math.max(best[i], Math.min(1, covariance[i] / Math.sqrt(spread)));
      }
    }
  }
  return best;
}

function boxMean(plane, radius = WINDOW) {
  const clamp = (i) => Math.min(N - 1, Math.max(0, i));
  const rows = plane.map((_, i) => {
    let sum = 0;
    const row = i - (i % N);
    for (let k = -radius; k <= radius; k++) sum += plane[row + clamp((i % N) + k)];
    return sum / (2 * radius + 1);
  });
  return rows.map((_, i) => {
    let sum = 0;
    for (let k = -radius; k <= radius; k++) sum += rows[clamp(Math.floor(i / N) + k) * N + (i % N)];
    return sum / (2 * radius + 1);
  });
}

/** The cross-fade of two pictures, to compare with. */
export function crossFade(a, b) {
  return (t) => ({
    ...a,
    data: Uint8ClampedArray.from(a.data, (value, i) => (1 - t) * value + t * b.data[i]),
  });
}

/**
 * A picture warped by a smooth displacement of at most `distance` pixels, its exposure changed; and
 * where each place of it was.
 */
export function warped(picture, distance, seed = 1) {
  const {width, height, data} = picture;
  const phase = (k) => (seed * 2.399 + k * 1.7) % 6.283;
  const field = (x, y) => {
    const fade = 16 * x * (1 - x) * y * (1 - y);
    const fx = Math.sin(5.1 * y + 2.3 * x + phase(0)) + 0.4 * Math.sin(8.3 * x + phase(1));
    const fy = Math.cos(4.7 * x - 1.9 * y + phase(2)) + 0.4 * Math.cos(7.9 * y + phase(3));
    return [fade * fx, fade * fy];
  };
  let longest = 0;
  for (let i = 0; i < 4096; i++) {
    longest = Math.max(longest, Math.hypot(...field((i % 64) / 63, Math.floor(i / 64) / 63)));
  }
  const scale = distance / longest / width;
  const displacement = (x, y) => field(x, y).map((value) => scale * value);
  const out = new Uint8ClampedArray(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      const [dx, dy] = displacement((x + 0.5) / width, (y + 0.5) / height);
      const px = Math.min(width - 1.001, Math.max(0, x + dx * width));
      const py = Math.min(height - 1.001, Math.max(0, y + dy * height));
      const o = 4 * (Math.floor(py) * width + Math.floor(px));
      const [u, v] = [px % 1, py % 1];
      for (let c = 0; c < 3; c++) {
        const top = data[o + c] * (1 - u) + data[o + 4 + c] * u;
        const below = o + 4 * width + c;
        const bottom = data[below] * (1 - u) + data[below + 4] * u;
        out[i + c] = 0.85 * (top * (1 - v) + bottom * v) + 20;
      }
      out[i + 3] = 255;
    }
  }
  return {picture: {width, height, data: out}, displacement};
}

/** A function that says whether a picture has detail around a place: a deviation above 0.02 in 11×11 pixels. */
export function hasDetail(picture) {
  const {width, height} = picture;
  const plane = luminance(picture);
  return (x, y) => {
    const [cx, cy] = [Math.round(x * width), Math.round(y * height)];
    let [sum, squares] = [0, 0];
    for (let k = 0; k < 121; k++) {
      const px = Math.min(width - 1, Math.max(0, cx - 5 + (k % 11)));
      const py = Math.min(height - 1, Math.max(0, cy - 5 + Math.floor(k / 11)));
      sum += plane[py * width + px];
      squares += plane[py * width + px] ** 2;
    }
    return squares / 121 - (sum / 121) ** 2 > 0.02 ** 2;
  };
}

/**
 * The mean distance, in pixels of 256, between where a plan takes places of b and where they were in a;
 * of the places of b that count.
 */
export function flowError({flow}, displacement, counts = () => true) {
  const m = Math.sqrt(flow.length / 2);
  const read = (x, y, c) => {
    const [gx, gy] = [x, y].map((value) => Math.min(m - 1.001, Math.max(0, value * (m - 1))));
    const o = Math.floor(gy) * m + Math.floor(gx);
    const [u, v] = [gx % 1, gy % 1];
    const at = (i) => flow[2 * i + c];
    const top = at(o) * (1 - u) + at(o + 1) * u;
    return top * (1 - v) + (at(o + m) * (1 - u) + at(o + m + 1) * u) * v;
  };
  let [sum, count] = [0, 0];
  for (let y = 0.05; y < 0.96; y += 0.01) {
    for (let x = 0.05; x < 0.96; x += 0.01) {
      const [vx, vy] = [read(x, y, 0), read(x, y, 1)];
      if (!counts(x + vx, y + vy)) continue;
      // b at p + v shows what a has at p − v, so the displacement there is −2v.
      const [dx, dy] = displacement(x + vx, y + vy);
      sum += 256 * Math.hypot(dx + 2 * vx, dy + 2 * vy);
      count++;
    }
  }
  return sum / count;
}
