'use client';

import 'latent-elements/latent-interpolator';
import 'latent-elements/latent-search';
import 'latent-elements/latent-slider';

export function Elements() {
  return (
    <>
      <latent-interpolator interpolation="lerp" from="/alps.jpg" to="/autumn.jpg" controls />
      <latent-slider src="/alps.jpg" direction="warmth" />
      <latent-search for="trips" />
    </>
  );
}
