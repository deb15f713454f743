import './support.js';
import {itIsAFormControl} from './form-suite.js';

itIsAFormControl({
  tag: 'latent-search',
  attribute: 'query',
  // A page searches anew by its attribute.
  attributeSetsValue: true,
  type: 'search',
  empty: '',
  values: ['boat', 'tree', 'red'],
  key: 'a',
});
