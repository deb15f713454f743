import {expose} from 'comlink';
import {codedErrors} from './coded-errors.js';
import {InferenceService} from './inference/inference-service.js';

codedErrors();
expose(new InferenceService());
