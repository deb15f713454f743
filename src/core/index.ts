export {isAbort, LatentError, type ErrorCode} from './errors.js';
export {assertSameSpace, createLatent, isLatent, type Latent} from './latent/latent.js';
export {
  add,
  average,
  cosineSimilarity,
  distance,
  lerp,
  scale,
  slerp,
  subtract,
} from './latent/arithmetic.js';
export {
  pathAt,
  residualWeights,
  segmentAt,
  type Interpolation,
  type Segment,
  repairStrength,
} from './latent/path.js';
export {
  createAlignment,
  type Alignment,
  type AlignmentData,
  fitAlignment,
  type AlignmentOptions,
} from './latent/alignment.js';
export {
  createDirection,
  isDirection,
  moveAlong,
  type Direction,
  type DirectionInfo,
  type DirectionQuality,
  type Edits,
} from './direction/direction.js';
export {fitDirection, type DirectionOptions} from './direction/fit-direction.js';
export {
  fromDirectionFile,
  toDirectionFile,
  type DirectionFormat,
} from './direction/direction-file.js';
export {
  fromSafetensors,
  readMetadata,
  readTensors,
  toSafetensors,
  type Latents,
  type Tensor,
} from './latent/safetensors.js';
export {noise, randomInteger, randomNormal, randomUniform} from './random/noise.js';
export {noiseAt, type NoisePlace, type Position, type Variation} from './diffusion/noise-walk.js';
export {
  packSchema,
  type PackDirection,
  type PackManifest,
  type PackPart,
  type PartName,
} from './pack/pack.js';
export {parsePack} from './pack/parse-pack.js';
export {type PackAsset, assetsIn} from './pack/pack-asset.js';
export {isBlank} from './text/clean.js';
export {embeddingSpaceOf, type EmbeddingSpace} from './text/embedding-space.js';
export {StaticTextEncoder, type StaticTextFiles} from './text/static-text-encoder.js';
export {type FrameSize, type Size} from './pack/image-size.js';
export {
  VectorIndex,
  type IndexBatch,
  type IndexEntry,
  type IndexOptions,
  type SearchHit,
  type SearchOptions,
} from './search/vector-index.js';
export type {IndexModel, Precision} from './search/index-file.js';
export type {Metric} from './search/metric.js';
export type {ItemData} from './search/vector-rows.js';
export {fuseScores, type FusionOptions, type MeaningHit, type WordHit} from './search/fusion.js';
export {highlightRanges, type TextRange} from './search/words.js';
export {
  createSchedule,
  type Schedule,
  type ScheduleOptions,
  type StepResult,
} from './diffusion/schedule.js';
export type {SchedulerConfig} from './diffusion/scheduler-config.js';
export type {Sampling} from './diffusion/sampling.js';
export {negate, splitPrompt, type Phrase} from './diffusion/prompt.js';
