import {configure} from 'latent-elements';
import 'latent-elements/latent-interpolator';
import 'latent-elements/latent-search';
import 'latent-elements/latent-slider';

configure({base: '/latent'});
