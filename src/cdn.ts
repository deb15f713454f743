// The one file for `<script type="module" src>`: registers every element and exports all that the
// main entry does. The rest of the package lies one folder up from it.
import '../components/all.js';
import {setPackageRoot} from './engine/config.js';

setPackageRoot(new URL('../', import.meta.url).href);

export * from './index.js';
