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
export {
  createDirection,
  isDirection,
  moveAlong,
  type Direction,
  type DirectionInfo,
  type DirectionQuality,
} from './direction.js';
export {fitDirection, type DirectionOptions} from './fit-direction.js';
export {fromDirectionFile, toDirectionFile, type DirectionFormat} from './direction-file.js';
export type {Edits} from './edits.js';
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
export {noiseAt, type NoisePlace, type Position, type Variation} from './noise-walk.js';
export {
  packSchema,
  parsePack,
  type PackDirection,
  type PackManifest,
  type PackPart,
  type PartName,
} from './pack.js';
export {type PackAsset, assetsIn} from './pack-asset.js';
export {isBlank} from './text/clean.js';
export {embeddingSpaceOf, type EmbeddingSpace} from './text/embedding-space.js';
export {StaticTextEncoder, type StaticTextFiles} from './text/static-text-encoder.js';
export {type FrameSize, type Size} from './image-size.js';
export {
  VectorIndex,
  type IndexOptions,
  type SearchHit,
  type SearchOptions,
} from './search/vector-index.js';
export type {IndexBatch, IndexEntry} from './search/entries.js';
export type {IndexModel, Precision} from './search/index-header.js';
export type {Metric} from './search/metric.js';
export type {ItemData} from './search/vector-rows.js';
export {reciprocalRankFusion, type FusedHit, type FusionOptions} from './search/fusion.js';
export {highlightRanges, type TextRange} from './search/highlight.js';
export {
  createSchedule,
  type Schedule,
  type ScheduleOptions,
  type SchedulerConfig,
  type StepResult,
} from './schedulers/index.js';
export {repairStrength} from './repair.js';
export type {Sampling} from './sampling.js';
export {negate, splitPrompt, type Phrase} from './prompt.js';
