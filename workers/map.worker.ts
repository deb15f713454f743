import {expose} from 'comlink';
import {sendCodedErrors} from '../src/shared/errors.js';
import {MapService} from './map/map-service.js';

sendCodedErrors();
expose(new MapService());
