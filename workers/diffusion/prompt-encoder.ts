import {throwIfAborted} from '../../src/core/abort.js';
import type {LoadCall} from '../loading/shared-load.js';
import type {InputData} from '../inference/ort-runtime.js';

/** What the denoiser is told of prompts: tensors by their roles. */
export type Told = Readonly<Record<string, InputData>>;

/** Prompts → what the denoiser takes. */
export interface PromptEncoder {
  /** Has ready what encoding takes. */
  prepare(call: LoadCall): Promise<void>;
  /**
   * What the denoiser is told of a prompt; undefined for one that says nothing. `without` is what the
   * same tensors ask to leave out: for networks that are not run a second time for it.
   */
  encode(prompt: string, without: string, call: LoadCall): Promise<Told | undefined>;
}

/** Prompts that are remembered: those of a page's few elements, not all that someone types. */
const MAX_KEPT = 8;

/** Remembers what the last prompts became, so that only the first frame of one pays for it. */
export class KeptPrompts implements PromptEncoder {
  readonly #encoder: PromptEncoder;
  readonly #kept = new Map<string, Told>();

  constructor(encoder: PromptEncoder) {
    this.#encoder = encoder;
  }

  prepare(call: LoadCall): Promise<void> {
    return this.#encoder.prepare(call);
  }

  async encode(prompt: string, without: string, call: LoadCall): Promise<Told | undefined> {
    const key = JSON.stringify([prompt, without]);
    const told = this.#kept.get(key) ?? (await this.#encoder.encode(prompt, without, call));
    throwIfAborted(call.signal);
    if (!told) return undefined;
    // A map keeps the order of insertion: the first is the one that was used longest ago.
    this.#kept.delete(key);
    this.#kept.set(key, told);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return told;
  }
}
