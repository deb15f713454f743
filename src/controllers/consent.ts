import {orAbort} from '../core/abort.js';
import type {Loadable} from '../core/pack/pack.js';
import {assertDevice} from '../engine/config.js';
import type {Availability, AvailabilityOptions, DevicePreference} from '../engine/types.js';
import type {ElementStatus} from './element-status.js';
import {engine, modelName} from './page-engine.js';

/** What an element needs a model for. */
export interface ElementNeeds {
  /** The model where neither the element nor the page names one; default: the page's default. */
  readonly model?: string;
  /** Parts that the model must have. */
  readonly parts: readonly Loadable[];
  /** Parts that it uses where the model has them. */
  readonly optional: readonly Loadable[];
}

/** An element that needs a model, and may ask before it downloads. */
export interface ModelHost {
  readonly model: string | undefined;
  readonly device: DevicePreference | undefined;
  readonly consent: 'ask' | 'auto' | undefined;
  readonly needs: ElementNeeds;
}

/**
 * Resolves once a host may download what it needs: at once, or when the visitor has agreed. `parts` are
 * those that it needs now, where it knows better than its class.
 */
export async function consentOf(
  {model, device, consent, needs}: ModelHost,
  status: ElementStatus,
  {signal, parts}: Pick<AvailabilityOptions, 'parts' | 'signal'>,
): Promise<void> {
  if (consent === 'auto' || (consent !== 'ask' && !savesData())) return;
  const request = [modelName(model, needs.model), device ?? ''].join(' ');
  if (status.hasAgreed(request)) return;
  // Parts of its own say whether there is a picture to encode.
  const optional = needs.optional.filter((name) => !parts || name !== 'encoder');
  const asked = {...needs, ...(parts && {parts}), optional};
  const {state, bytes} = await availabilityOf(model, device, asked, signal);
  // What is here costs nothing; of what is not to be had, loading says why.
  if (state !== 'downloadable') return;
  await orAbort(status.ask(request, bytes), signal);
}

/** Whether a model can be used, and what it would download. */
export async function availabilityOf(
  model: string | undefined,
  device: DevicePreference | undefined,
  {model: fallback, parts, optional}: ElementNeeds,
  signal?: AbortSignal,
): Promise<Availability> {
  assertDevice(device);
  const shared = await engine();
  return shared.availability(modelName(model, fallback), {device, parts, optional, signal});
}

/** Whether the visitor's browser says that data is dear. */
function savesData(): boolean {
  const {connection} = navigator as {readonly connection?: {readonly saveData?: boolean}};
  return connection?.saveData === true || matchMedia('(prefers-reduced-data: reduce)').matches;
}
