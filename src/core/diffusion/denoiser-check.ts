import type {PackManifest} from '../pack/pack.js';
import type {Fail} from '../text/pack-check.js';

/** Checks what the schema cannot: that denoiser, scheduler and what turns prompts fit together. */
export function checkDenoiser(manifest: PackManifest, fail: Fail): void {
  const {parts, scheduler, tokenizer} = manifest;
  const {denoiser, textEncoder} = parts;
  if (denoiser && !scheduler) fail('scheduler', 'is missing, yet the pack has the part denoiser');
  if (scheduler && !denoiser) fail('parts.denoiser', 'is missing, yet the pack has a scheduler');
  if (denoiser?.inputs.condition && denoiser.inputs.states) {
    fail('parts.denoiser.inputs', 'has both condition and states: prompts are told by one of them');
  }
  if (denoiser?.inputs.states) {
    if (!textEncoder?.inputs.tokens) {
      fail('parts.textEncoder.inputs.tokens', 'is missing, yet the denoiser takes states');
    }
    if (!textEncoder.outputs.states) {
      fail('parts.textEncoder.outputs.states', 'is missing, yet the denoiser takes states');
    }
    if (tokenizer?.type !== 'huggingface') {
      fail('tokenizer.type', 'must be huggingface, as the denoiser takes states');
    }
  }
  if (tokenizer?.type !== 'phrases') return;
  if (!denoiser?.inputs.condition) {
    fail('parts.denoiser.inputs.condition', 'is missing, yet tokenizer.type is phrases');
  }
  for (const role of ['embedding', 'polarity']) {
    if (textEncoder?.inputs[role]) continue;
    fail(`parts.textEncoder.inputs.${role}`, 'is missing, yet tokenizer.type is phrases');
  }
  if (!textEncoder?.outputs.condition) {
    fail('parts.textEncoder.outputs.condition', 'is missing, yet tokenizer.type is phrases');
  }
}
