/** The best so far of a scan: at most `capacity` rows; of equal scores, the lower row wins. */
export class TopK {
  /** How many there may be. */
  readonly capacity: number;
  // A binary heap with the worst at its root, as two parallel lists.
  readonly #scores: number[] = [];
  readonly #rows: number[] = [];
  readonly #floor: number;

  /** Scores below `floor` are never taken. */
  constructor(capacity: number, floor = -Infinity) {
    this.capacity = capacity;
    this.#floor = floor;
  }

  /** What a score must at least be to have a chance. */
  get threshold(): number {
    return this.#rows.length < this.capacity ? this.#floor : this.#scores[0]!;
  }

  /** Whether this row would be taken. */
  accepts(score: number, row: number): boolean {
    if (score < this.#floor) return false;
    if (this.#rows.length < this.capacity) return true;
    return this.capacity > 0 && isWorse(this.#scores[0]!, this.#rows[0]!, score, row);
  }

  /** Takes a row that `accepts` said yes to. */
  push(score: number, row: number): void {
    if (this.#rows.length < this.capacity) {
      this.#rise(this.#rows.length, score, row);
    } else {
      this.#sink(score, row);
    }
  }

  /** The rows with their scores, best first. */
  sorted(): {readonly row: number; readonly score: number}[] {
    return this.#rows
      .map((row, i) => ({row, score: this.#scores[i]!}))
      .sort((a, b) => b.score - a.score || a.row - b.row);
  }

  #rise(from: number, score: number, row: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isWorse(score, row, this.#scores[parent]!, this.#rows[parent]!)) break;
      this.#put(place, this.#scores[parent]!, this.#rows[parent]!);
      place = parent;
    }
    this.#put(place, score, row);
  }

  #sink(score: number, row: number): void {
    const count = this.#rows.length;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      const other = child + 1;
      if (
        other < count &&
        isWorse(this.#scores[other]!, this.#rows[other]!, this.#scores[child]!, this.#rows[child]!)
      ) {
        child = other;
      }
      if (!isWorse(this.#scores[child]!, this.#rows[child]!, score, row)) break;
      this.#put(place, this.#scores[child]!, this.#rows[child]!);
      place = child;
    }
    this.#put(place, score, row);
  }

  #put(place: number, score: number, row: number): void {
    this.#scores[place] = score;
    this.#rows[place] = row;
  }
}

function isWorse(score: number, row: number, otherScore: number, otherRow: number): boolean {
  return score < otherScore || (score === otherScore && row > otherRow);
}
