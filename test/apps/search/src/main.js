import 'latent-elements/latent-search';
