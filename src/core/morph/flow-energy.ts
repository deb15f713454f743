import {LatentError} from '../errors.js';
import type {Features} from './features.js';
import type {Flow} from './flow-grid.js';
import {FLOW_KERNEL_BASE64} from './kernel-bytes.js';

// What core uses of a platform that it knows nothing of.
declare const atob: (text: string) => string;
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => {exports: unknown};
};

/** A place p where the flow is to be d, in fractions of the picture, and the pair that says so. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly pair: number;
}

export interface EnergyOptions {
  /** Width over height of the picture: distances are compared as they look. */
  readonly aspect: number;
  /** How drawn the pictures are, 0..1: drawings are kept from turning. */
  readonly drawn: number;
  /** Of more than MOST_ANCHORS the first count. */
  readonly anchors?: readonly Anchor[] | undefined;
}

/** Anchors for which the kernel has room. */
const MOST_ANCHORS = 512;

/** What flow-kernel.as exports, which says what each does; addresses are in bytes. */
interface Kernel {
  readonly memory: {readonly buffer: ArrayBuffer};
  featuresAt(second: boolean): number;
  flowAt(): number;
  gradientAt(): number;
  anchorsAt(): number;
  begin(n: number, m: number, aspect: number, drawn: number, anchors: number): void;
  evaluate(): number;
  descend(i: number, steps: number): number;
}

let compiled: object | undefined;

/**
 * The energy of a flow between the features of two pictures, its gradient, and steps along it, computed
 * by flow-kernel.as, which has the formula. `unsupported` where there is no WebAssembly with SIMD.
 */
export class FlowEnergy {
  readonly #kernel = instantiate();
  readonly #options: EnergyOptions;
  #flow: Flow = new Float32Array(0);
  #gradient: Flow = this.#flow;

  constructor(options: EnergyOptions) {
    this.#options = options;
  }

  /** Takes features of up to 128² cells and a flow of m² points, up to 33², to begin a descent from. */
  begin(a: Features, b: Features, m: number, flow: Flow): void {
    const kernel = this.#kernel;
    const {aspect, drawn} = this.#options;
    const anchors = (this.#options.anchors ?? []).slice(0, MOST_ANCHORS);
    const {buffer} = kernel.memory;
    new Float32Array(buffer, kernel.featuresAt(false), a.data.length).set(a.data);
    new Float32Array(buffer, kernel.featuresAt(true), b.data.length).set(b.data);
    new Float32Array(buffer, kernel.anchorsAt(), 4 * anchors.length).set(
      anchors.flatMap(({x, y, dx, dy}) => [x, y, dx, dy]),
    );
    this.#flow = new Float32Array(buffer, kernel.flowAt(), 2 * m * m);
    this.#gradient = new Float32Array(buffer, kernel.gradientAt(), 2 * m * m);
    this.#flow.set(flow);
    kernel.begin(a.n, m, aspect, drawn, anchors.length);
  }

  /** The flow as it is now: valid until the next `begin`. */
  get flow(): Flow {
    return this.#flow;
  }

  /** The energy's gradient by the flow, after `evaluate`. */
  get gradient(): Flow {
    return this.#gradient;
  }

  /** The energy of the flow. */
  evaluate(): number {
    return this.#kernel.evaluate();
  }

  /** The energy of the flow; then goes step `i` of so many: the last are shorter. */
  descend(i: number, steps: number): number {
    return this.#kernel.descend(i, steps);
  }
}

function instantiate(): Kernel {
  try {
    compiled ??= new WebAssembly.Module(
      Uint8Array.from(atob(FLOW_KERNEL_BASE64), (character) => character.charCodeAt(0)),
    );
    return new WebAssembly.Instance(compiled).exports as Kernel;
  } catch (cause) {
    throw new LatentError(
      'unsupported',
      'A morph is solved by WebAssembly with SIMD, which this browser or the policy of this page does not allow.',
      {cause},
    );
  }
}
