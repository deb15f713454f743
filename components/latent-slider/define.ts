import {define} from '../internal/define.js';
import {LatentSlider} from './latent-slider.js';

define('latent-slider', LatentSlider);

export {LatentSlider};
