// Elements do not import the engine's room; what they need of its encoders passes here.
export {
  ANIMATION_TYPES,
  type AnimationType,
  encodeAnimation,
  encodeStill,
  isStill,
  renderAll,
  STILL_TYPES,
  type StillType,
} from '../media/index.js';
