import {expose} from 'comlink';
import {sendCodedErrors} from '../src/shared/errors.js';
import {MorphService} from './morph/morph-service.js';

sendCodedErrors();
expose(new MorphService());
