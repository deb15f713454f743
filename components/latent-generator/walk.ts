import type {Position} from '../../src/core/diffusion/noise-walk.js';

export type {Position};

/** Where a walk begins: the image itself. */
export const ORIGIN: Position = [0, 0];

/** A drag over the whole picture, in radians: at the other side nothing is left of the noise. */
const SPAN = Math.PI / 2;
const DEGREES = 180 / Math.PI;
/** Radians of an arrow key, and of one with Shift. */
const STEP = 5 / DEGREES;
const STRIDE = 20 / DEGREES;
/** The golden ratio: a walk at this slope never comes back to where it was. */
const SLOPE = (Math.sqrt(5) - 1) / 2;
/** Seeds that the elements pick are short enough to read out. */
const SEEDS = 1_000_000;

/** Pixels. */
export interface Offset {
  readonly x: number;
  readonly y: number;
}

/** Where a drag by so many pixels leads over a picture of this size. */
export function dragged(
  [across, up]: Position,
  {x, y}: Offset,
  {width, height}: {readonly width: number; readonly height: number},
): Position {
  return wrapped([across + (SPAN * x) / width, up - (SPAN * y) / height]);
}

const ARROWS: Readonly<Record<string, Position>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Where a key leads, undefined for keys that do not. */
export function keyed([across, up]: Position, key: string, isFar: boolean): Position | undefined {
  const arrow = Object.hasOwn(ARROWS, key) ? ARROWS[key] : undefined;
  const step = isFar ? STRIDE : STEP;
  return arrow && wrapped([across + arrow[0] * step, up + arrow[1] * step]);
}

/** Where a walk has come to after some milliseconds, at a speed in radians a second. */
export function drifted([across, up]: Position, milliseconds: number, speed: number): Position {
  const way = ((milliseconds / 1000) * speed) / Math.hypot(1, SLOPE);
  return wrapped([across + way, up + SLOPE * way]);
}

/** Whether two positions are one. */
export function samePosition([across, up]: Position, other: Position | undefined): boolean {
  return across === other?.[0] && up === other[1];
}

/** Whole degrees, as one reads them. */
export function degreesOf(angle: number): number {
  return Math.round(angle * DEGREES);
}

/** Radians of so many degrees. */
export function radiansOf(degrees: number): number {
  return degrees / DEGREES;
}

/** A seed that nobody chose. */
export function randomSeed(random = Math.random): number {
  return Math.floor(random() * SEEDS);
}

// Full turns change nothing: −π..π.
function wrapped([across, up]: Position): Position {
  const turn = 2 * Math.PI;
  const wrap = (angle: number): number => angle - turn * Math.round(angle / turn);
  return [wrap(across), wrap(up)];
}
