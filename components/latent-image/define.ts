import {define} from '../internal/define.js';
import {LatentImage} from './latent-image.js';

define('latent-image', LatentImage);

export {LatentImage};
