import 'latent-elements/latent-interpolator';
import 'latent-elements/latent-search';
import 'latent-elements/latent-slider';

const morph = document.querySelector('latent-interpolator');
morph?.addEventListener('latent-frame', ({detail}) => {
  document.title = detail.value.toFixed(2);
});
