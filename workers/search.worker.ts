import {expose} from 'comlink';
import {codedErrors} from './coded-errors.js';
import {SearchService} from './search/search-service.js';

codedErrors();
expose(new SearchService());
