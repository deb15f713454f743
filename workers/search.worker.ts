import {expose} from 'comlink';
import {sendCodedErrors} from '../src/shared/errors.js';
import {SearchService} from './search/search-service.js';

sendCodedErrors();
expose(new SearchService());
