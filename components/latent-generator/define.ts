import {define} from '../internal/define.js';
import {LatentGenerator} from './latent-generator.js';

define('latent-generator', LatentGenerator);

export {LatentGenerator};
