import 'latent-elements/latent-interpolator';
import 'latent-elements/latent-search';
import 'latent-elements/latent-slider';
