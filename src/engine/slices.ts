import type {IndexBatch} from '../core/search/vector-index.js';
import type {TextItem} from '../shared/search.js';

/** What is copied into one message: 1 MB, well under a millisecond. */
const SLICE_NUMBERS = 1 << 18;
const SLICE_ROWS = 1000;
const SLICE_CHARACTERS = 1 << 18;

/** A batch in parts that the main thread can send without anybody noticing. */
export function* batchSlices(batch: IndexBatch): Generator<IndexBatch> {
  const {space, ids, data, items} = batch;
  const dimension = data.length / ids.length;
  // A batch that fits nowhere goes as it is, to be refused as a whole.
  if (!Number.isInteger(dimension) || dimension === 0) {
    yield batch;
    return;
  }
  const rows = Math.max(1, Math.min(SLICE_ROWS, Math.floor(SLICE_NUMBERS / dimension)));
  for (let from = 0; from < ids.length; from += rows) {
    const to = from + rows;
    yield {
      space,
      ids: ids.slice(from, to),
      // A copy: of a view, the whole buffer behind it would be sent.
      data: data.slice(from * dimension, to * dimension),
      items: items?.slice(from, to),
    };
  }
}

/** Texts in parts of bounded length. */
export function* textSlices(texts: readonly TextItem[]): Generator<TextItem[]> {
  let slice: TextItem[] = [];
  let characters = 0;
  for (const text of texts) {
    slice.push(text);
    characters += text.text.length;
    if (slice.length < SLICE_ROWS && characters < SLICE_CHARACTERS) continue;
    yield slice;
    [slice, characters] = [[], 0];
  }
  if (slice.length > 0) yield slice;
}
