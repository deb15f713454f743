/** Milliseconds that the previews of one denoising may take in any case: nobody waits longer for it. */
const ALLOWANCE = 300;
/** What they may take beyond that, as a share of the denoising itself. */
const SHARE = 0.25;

/**
 * Decides which steps of a denoising get a preview: as many as take no more than 300 ms and a quarter
 * of the steps' own time. So every step of a small model has one, and few of a model whose decoder is
 * slow; the first is made in any case, since only it tells what they cost.
 */
export class PreviewBudget {
  #spent = 0;
  #dearest = 0;

  /** Whether there may be another, when the steps have taken so many milliseconds. */
  allows(elapsed: number): boolean {
    return this.#spent + this.#dearest <= ALLOWANCE + SHARE * elapsed;
  }

  /** A preview took so many milliseconds. */
  spend(milliseconds: number): void {
    this.#spent += milliseconds;
    this.#dearest = Math.max(this.#dearest, milliseconds);
  }
}
