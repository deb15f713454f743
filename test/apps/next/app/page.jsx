import {lerp} from 'latent-elements/core';
import {Elements} from './elements.jsx';

const at = (value) => ({space: 'here', shape: [1], data: Float32Array.of(value)});

// On the server: the pure library, and the markup.
export default function Page() {
  return (
    <main>
      <output>{lerp(at(0), at(4), 0.5).data[0]}</output>
      <Elements />
      <ul id="trips">
        <li id="flights">Cheap flights to Paris</li>
        <li id="boats">Sailing on a lake</li>
        <li id="bread">Bread of the week</li>
      </ul>
    </main>
  );
}
