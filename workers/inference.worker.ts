import {expose} from 'comlink';
import {sendCodedErrors} from '../src/shared/errors.js';
import {InferenceService} from './inference/inference-service.js';

sendCodedErrors();
expose(new InferenceService());
