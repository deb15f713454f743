import {createEngine as createModelEngine} from '../engine/engine.js';
import {bringPack} from '../engine/shipped-packs.js';
import type {Engine as ModelEngine, EngineOptions} from '../engine/types.js';
import type {OpenSearchOptions, Search} from './types.js';

bringPack('avatars', () => import('../engine/packs/avatars.js'));
bringPack('photos', () => import('../engine/packs/photos.js'));
bringPack('words', () => import('../engine/packs/words.js'));

/** The headless engine: models, and search among what they embed. */
export interface Engine extends ModelEngine {
  /**
   * Opens a search over items, an index file or a vector database, by words and by meaning; resolves once
   * all of it can be found. With a table (`words`) everything happens in one worker, and a query is one
   * message to it; only a network is asked in another.
   *
   * `bad-argument` where there is nothing to search or an id comes twice, `unsupported` for a model that
   * embeds nothing, `space-mismatch` for an index by another model, else as `load`.
   *
   * @example
   * ```ts
   * const search = await createEngine().search({items: [{id: 'a', text: 'Cheap flights'}]});
   * const [first] = await search.query('low-cost air travel', {limit: 5});
   * search.close();
   * ```
   */
  search(options: OpenSearchOptions): Promise<Search>;
}

/**
 * Makes a headless engine. Options default to those of `configure`, taken when the first model
 * loads. Nothing starts and nothing is fetched before that.
 */
export function createEngine(options: EngineOptions = {}): Engine {
  const engine = createModelEngine(options);
  return Object.assign(engine, {
    // A page that searches nothing does not pay for it.
    search: async (asked: OpenSearchOptions) => {
      const {SearchSession} = await import('./session.js');
      const {signal, onProgress, ...rest} = asked;
      const {model = 'words', device} = rest;
      const session = new SearchSession(rest, {
        model,
        engine: options,
        device,
        load: (call) => engine.load(model, call),
      });
      try {
        await session.open(signal);
        await session.load({signal, onProgress});
        return session;
      } catch (error) {
        session.close();
        throw error;
      }
    },
  });
}
