import type {SpacedConfig} from './config.js';

/**
 * The training timestep at each place, falling: `count` whole places 0, 1, … for the steps asked
 * for, of which image-to-image takes those from the real place `first` on. A place between two whole
 * ones is between their timesteps.
 */
export function spacedTimesteps(config: SpacedConfig, count: number, first: number): number[] {
  const at = timestepAt(config, count);
  const places = [first];
  for (let place = Math.floor(first) + 1; place < count; place++) places.push(place);
  return places.map((place) => Math.min(config.timesteps - 1, Math.max(0, at(place))));
}

// Diffusers' three ways; `linspace` alone gives real timesteps.
function timestepAt(
  {spacing, stepsOffset, timesteps}: SpacedConfig,
  count: number,
): (place: number) => number {
  switch (spacing) {
    case 'leading': {
      const ratio = Math.floor(timesteps / count);
      return (place) => Math.round((count - 1 - place) * ratio) + stepsOffset;
    }
    case 'trailing':
      return (place) => roundHalfEven(timesteps - (place * timesteps) / count) - 1;
    case 'linspace':
      return (place) => (count === 1 ? 0 : (timesteps - 1) * (1 - place / (count - 1)));
  }
}

// numpy's round, on which the published timesteps rest.
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
