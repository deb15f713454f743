import {cpSync, existsSync, mkdirSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';
import {LatentError} from '../core/errors.js';
import type {CopyCommand} from './usage.js';
import {reason} from './write.js';

/** What every page loads, whatever its models. */
const ALWAYS = ['workers', 'ort'];

/**
 * Copies what elements load while they run into a folder that `configure({base})` can name: for tools that
 * carry no files by themselves. Gives what to print. `not-found` names a model that is not shipped.
 */
export function copyFiles({folder, models}: CopyCommand, dist: string): string {
  for (const model of models) {
    if (/^[\w.-]+$/.test(model) && existsSync(join(dist, 'models', model))) continue;
    throw new LatentError(
      'not-found',
      `This package ships no model "${model}". Leave --model out for all of them.`,
    );
  }
  const parts = [
    ...ALWAYS,
    ...(models.length > 0 ? models.map((name) => `models/${name}`) : ['models']),
  ];
  try {
    for (const part of parts) {
      mkdirSync(join(folder, part), {recursive: true});
      cpSync(join(dist, part), join(folder, part), {
        recursive: true,
        // Maps are for whoever works on the package.
        filter: (path) => !path.endsWith('.map'),
      });
    }
  } catch (cause) {
    throw new LatentError('bad-argument', `${folder} cannot be written: ${reason(cause)}.`, {
      cause,
    });
  }
  const shown = relative('.', resolve(folder)) || '.';
  return (
    `Copied ${parts.join(', ')} to ${shown}. Name the URL under which it is served before the first element ` +
    "loads: configure({base: '/latent/'})."
  );
}
