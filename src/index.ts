// The main entry registers nothing and imports in Node.
export * from './core/index.js';
export {configure} from './engine/config.js';
export type {Plural, Strings, Term as StringsTerm} from './core/strings/strings.js';
export {openMorph, type Morph, type MorphOpenOptions, type MorphPairs} from './engine/morph.js';
export type {MorphCanvasOptions, MorphReport} from './shared/morph.js';
export type {MorphAlignment, PointPair} from './core/morph/plan.js';
export {createEngine, type Engine} from './search/index.js';
export type * from './engine/types.js';
export type {PackNeeds} from './core/pack/pack.js';
export type {Stage} from './shared/events.js';
export type {Device, Frame, PaintReport, TextKind} from './shared/inference.js';
export type {
  ElementState,
  ErrorDetail,
  LoadDetail,
  ProgressDetail,
} from './controllers/element-status.js';
export {LatentElement, type ModelChoice} from '../components/internal/latent-element.js';
export type {FormControlMembers} from '../components/internal/form-control.js';
export {LatentImage} from '../components/latent-image/latent-image.js';
export {LatentInterpolator} from '../components/latent-interpolator/latent-interpolator.js';
export type {
  FrameDetail,
  MorphBlobOptions,
} from '../components/latent-interpolator/latent-interpolator.js';
export type {Keyframe} from '../components/latent-interpolator/keyframes.js';
export type {SignalOptions, ToBlobOptions} from './controllers/to-blob.js';
export {LatentSlider} from '../components/latent-slider/latent-slider.js';
export type {DirectionBlobOptions, LearnOptions} from './controllers/direction-controller.js';
export type {DirectionExamples} from './controllers/learn-direction.js';
export {LatentGenerator} from '../components/latent-generator/latent-generator.js';
export type {
  ImageDetail,
  StepDetail,
  VaryOptions,
} from '../components/latent-generator/latent-generator.js';
export {LatentSearch} from '../components/latent-search/latent-search.js';
export type {ResultsDetail, SelectDetail} from '../components/latent-search/latent-search.js';
export {LatentMap} from '../components/latent-map/latent-map.js';
export type {MapPosition} from '../components/latent-map/latent-map.js';
export type {PointDetail} from '../components/latent-map/map-view.js';
export type {MapItem} from './controllers/map-pictures.js';
export type {Projection} from './shared/map.js';
export type * from './search/types.js';
export {openStore, type StoreOptions} from './search/stores/chroma-store.js';
