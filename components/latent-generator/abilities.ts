import type {Size} from '../../src/core/pack/image-size.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {hasPhrase} from './prompt-text.js';

/** What the controls of a model offer. */
export interface Abilities {
  /** Whether it takes prompts. */
  readonly prompt: boolean;
  /** What it knows, by attribute. */
  readonly groups: readonly ChipGroup[];
}

/** An attribute that a model knows, and the values that can be asked for: one of them at a time. */
export interface ChipGroup {
  readonly label: string;
  readonly prompts: readonly string[];
}

/** What a model can do, as its pack says; nothing as long as that is not known. */
export function abilitiesOf(manifest: PackManifest | undefined): Abilities {
  const {denoiser, textEncoder} = manifest?.parts ?? {};
  const {condition, states} = denoiser?.inputs ?? {};
  const prompt = textEncoder !== undefined && (condition ?? states) !== undefined;
  return {
    prompt,
    groups: prompt ? groupsOf(manifest?.attributes) : [],
  };
}

/** The chip of a group that a prompt asks for, as far as the model reads it. */
export function chosen(prompt: string, {prompts}: ChipGroup): string | undefined {
  return prompts.find((phrase) => hasPhrase(prompt, phrase));
}

/** The whole number from 0 to 2⁵³ − 1 next to what somebody typed; undefined for what is no number. */
export function seedFrom(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(number)) return undefined;
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(number)));
}

/** The square of the side that is asked for, as far as the model makes it; undefined where that is its own affair. */
export function squareOf({image}: PackManifest, side: number | undefined): Size | undefined {
  const rule = image?.size;
  if (!rule || 'width' in rule || side === undefined || !(side > 0)) return undefined;
  const length = Math.max(1, Math.min(Math.round(side), Math.floor(Math.sqrt(rule.maxPixels))));
  return {width: length, height: length};
}

function groupsOf(attributes: PackManifest['attributes'] = {}): ChipGroup[] {
  return Object.entries(attributes).map(([name, {label, prompts}]) => ({
    label: label ?? name,
    prompts,
  }));
}
