export {isAbort, LatentError, type ErrorCode} from './errors.js';
export {assertSameSpace, createLatent, isLatent, type Latent} from './latent.js';
export {
  add,
  average,
  cosineSimilarity,
  distance,
  lerp,
  scale,
  slerp,
  subtract,
} from './arithmetic.js';
export {pathAt, residualWeights, segmentAt, type Interpolation, type Segment} from './path.js';
export {createAlignment, type Alignment, type AlignmentData} from './alignment.js';
export {fitAlignment, type AlignmentOptions} from './fit-alignment.js';
export {
  fromSafetensors,
  readMetadata,
  readTensors,
  toSafetensors,
  type Latents,
  type Tensor,
} from './safetensors.js';
export {noise, randomInteger, randomNormal, randomUniform} from './noise.js';
export {packSchema, parsePack, type PackManifest, type PackPart, type PartName} from './pack.js';
export {type FrameSize, type Size} from './image-size.js';
