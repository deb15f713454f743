// The one file for `<script type="module" src>`: registers every element and exports all that the
// main entry does. The rest of the package lies beside its folder.
import '../components/all.js';

export * from './index.js';
