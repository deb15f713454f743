import {define} from '../internal/define.js';
import {LatentSearch} from './latent-search.js';

define('latent-search', LatentSearch);

export {LatentSearch};
