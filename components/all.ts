// Registers every element: one line each.
import './latent-image/define.js';
import './latent-interpolator/define.js';
import './latent-slider/define.js';
import './latent-search/define.js';
import './latent-generator/define.js';
import './latent-map/define.js';
