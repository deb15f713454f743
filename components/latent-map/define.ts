import {define} from '../internal/define.js';
import {LatentMap} from './latent-map.js';

define('latent-map', LatentMap);

export {LatentMap};
