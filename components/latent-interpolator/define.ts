import {define} from '../internal/define.js';
import {LatentInterpolator} from './latent-interpolator.js';

define('latent-interpolator', LatentInterpolator);

export {LatentInterpolator};
