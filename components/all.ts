// Registers every element: one line each.
import './latent-image/define.js';
import './latent-interpolator/define.js';
