import 'latent-elements/latent-interpolator';
import 'latent-elements/latent-search';
import 'latent-elements/latent-slider';
import 'latent-elements/jsx';
import type {LatentInterpolator} from 'latent-elements';
import {StrictMode, useRef, useState} from 'react';
import {createRoot} from 'react-dom/client';

function App() {
  const morph = useRef<LatentInterpolator>(null);
  const [value, setValue] = useState(0.5);
  return (
    <main>
      <latent-interpolator
        ref={morph}
        interpolation="lerp"
        from="/alps.jpg"
        to="/autumn.jpg"
        controls
        onInput={() => setValue(morph.current?.value ?? 0)}
        onlatent-load={({detail}) => console.log(detail.model)}
      />
      <output>{value.toFixed(2)}</output>
      <latent-slider src="/alps.jpg" direction="warmth" />
      <latent-search for="trips" />
      <ul id="trips">
        <li id="flights">Cheap flights to Paris</li>
        <li id="boats">Sailing on a lake</li>
        <li id="bread">Bread of the week</li>
      </ul>
    </main>
  );
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
