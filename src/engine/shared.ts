import {createEngine} from './engine.js';
import type {Engine} from './types.js';

let shared: Engine | undefined;

/** The engine that every element of the page shares, made when the first of them loads. */
export function sharedEngine(): Engine {
  return (shared ??= createEngine());
}
