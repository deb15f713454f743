export {composeFrame} from './compose-frame.js';
export {type FrameFields, frameFields} from './frame-fields.js';
export {
  type MorphAlignment,
  CELLS,
  FLOW_POINTS,
  type MorphPlan,
  PACE_STEPS,
  type Palette,
  type Pixels,
  type PointPair,
} from './plan.js';
export {prepareMorph, type PrepareMorphOptions} from './prepare-morph.js';
