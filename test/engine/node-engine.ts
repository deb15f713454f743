// The engine in Node: the page's half and the worker's half, both real, at two ends of a channel.
import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import {expose} from 'comlink';
import {createEngine} from '../../src/engine/engine.js';
import type {Engine, EngineOptions} from '../../src/engine/types.js';
import {sendCodedErrors} from '../../src/shared/errors.js';
import {packFixture} from '../fixtures/packs.mjs';

/** Answers a path in place of the fixture packs. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A worker whose script runs in this thread, until it is ended. */
class ChannelWorker extends EventTarget {
  readonly url: string;
  alive = true;
  /** Every message that it was sent. */
  readonly sent: unknown[] = [];
  readonly #port: MessagePort;

  constructor(url: string | URL) {
    super();
    this.url = String(url);
    const {port1, port2} = new MessageChannel();
    this.#port = port1;
    port1.addEventListener('message', ({data}) => {
      if (this.alive) this.dispatchEvent(new MessageEvent('message', {data: data as unknown}));
    });
    port1.start();
    // A script that is no worker of ours says nothing.
    if (this.url.endsWith('/inference.worker.js')) void serveInference(port2);
    workers.push(this);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.sent.push(message);
    if (this.alive) this.#port.postMessage(message, transfer);
  }

  terminate(): void {
    this.alive = false;
    this.#port.close();
  }
}

async function serveInference(port: MessagePort): Promise<void> {
  const {InferenceService} = await import('../../workers/inference/inference-service.js');
  sendCodedErrors();
  port.start();
  expose(new InferenceService(), port);
}

const Channel = MessageChannel;
/** Ends of the channels that were made: Comlink leaves those of callbacks open, which keep Node alive. */
const ports = new Set<MessagePort>();

class TrackedChannel extends Channel {
  constructor() {
    super();
    ports.add(this.port1);
  }
}

/** Every worker that was started, in its order. */
export const workers: ChannelWorker[] = [];
/** Paths that were asked for. */
export const requests: string[] = [];

/** An engine whose packs come from a server of this process. */
export interface NodeEngine {
  readonly engine: Engine;
  /** The URL of a fixture pack. */
  pack(name: string): string;
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts an engine; `routes` answer paths, the fixture packs all others. */
export async function nodeEngine(
  options: EngineOptions = {},
  routes: Readonly<Record<string, Route>> = {},
): Promise<NodeEngine> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push(path);
    void (routes[path] ?? servePack)(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  Object.assign(globalThis, {
    Worker: ChannelWorker,
    MessageChannel: TrackedChannel,
    document: {baseURI: `${origin}/`},
    origin,
    // Pixels are drawn in browsers only; here it is enough that the module loads.
    OffscreenCanvas: Object,
    navigator: {onLine: true, hardwareConcurrency: 1},
  });
  workers.length = 0;
  requests.length = 0;
  const engine = createEngine({
    base: '/dist/',
    device: 'wasm',
    threads: 1,
    cache: false,
    ...options,
  });
  return {
    engine,
    origin,
    pack: (name) => `${origin}/fixtures/packs/${name}/pack.json`,
    close: async () => {
      await engine.dispose();
      for (const port of ports) port.close();
      ports.clear();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Serves a fixture pack. */
export async function servePack({url}: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = packFixture(url ?? '');
  if (found) await wait(found.delay);
  response.writeHead(found ? 200 : 404, {'content-type': found?.type ?? 'text/plain'});
  response.end(found?.body);
}
