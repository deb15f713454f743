import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {Loadable} from '../../src/core/pack/pack.js';
import {planRoom, type Resident} from '../../src/engine/memory.js';

type Part = readonly [name: Loadable, bytes: number, lastUsed?: number, users?: number];

const model = (
  key: string,
  parts: readonly Part[],
  {lastUsed = 0, leases = 0}: {readonly lastUsed?: number; readonly leases?: number} = {},
): Resident => ({
  key,
  lastUsed,
  leases,
  parts: parts.map(([name, bytes, used = 0, users = 0]) => ({name, bytes, lastUsed: used, users})),
});
const whole = (key: string, bytes: number, lastUsed = 0, leases = 0) =>
  model(key, [['decoder', bytes]], {lastUsed, leases});
const asks = (key: string, ...parts: (readonly [name: Loadable, bytes: number])[]) => ({
  key,
  parts: parts.map(([name, bytes]) => ({name, bytes})),
});
const nothing = {evict: [], release: []};

describe('planRoom', () => {
  it('lets nothing go while there is room', () => {
    assert.deepEqual(planRoom([whole('a', 40)], asks('b', ['decoder', 60]), 100), nothing);
    assert.deepEqual(planRoom([], asks('b', ['decoder', 100]), 100), nothing);
  });

  it('counts a part once that is there already', () => {
    const held = [model('a', [['decoder', 60]], {leases: 1})];
    const request = asks('a', ['decoder', 60], ['encoder', 40]);
    assert.deepEqual(planRoom(held, request, 100), nothing);
  });

  it('lets the least recently used models go, and no more than needed', () => {
    const models = [whole('new', 40, 3), whole('old', 30, 1), whole('middle', 20, 2)];
    const room = (bytes: number) => planRoom(models, asks('b', ['decoder', bytes]), 100);
    assert.deepEqual(room(30), {evict: ['old'], release: []});
    assert.deepEqual(room(50), {evict: ['old', 'middle'], release: []});
  });

  it('never lets a part of another leased model go', () => {
    const models = [whole('leased', 60, 1, 2), whole('free', 20, 2)];
    const room = (bytes: number) => planRoom(models, asks('b', ['decoder', bytes]), 100);
    assert.deepEqual(room(40), {evict: ['free'], release: []});
    assert.equal(room(50), 'never');
  });

  it('knows what never fits', () => {
    assert.equal(planRoom([], asks('b', ['decoder', 101]), 100), 'never');
    assert.equal(planRoom([], asks('b', ['denoiser', 60], ['decoder', 41]), 100), 'never');
  });

  it('lets parts of the model itself go that the call does without, once nothing else is free', () => {
    const parts: Part[] = [
      ['textEncoder', 40, 2],
      ['decoder', 10, 1],
      ['denoiser', 20, 3],
    ];
    const models = [model('sd', parts, {leases: 1}), whole('free', 30)];
    const room = (bytes: number) =>
      planRoom(models, asks('sd', ['denoiser', 20], ['encoder', bytes]), 100);
    assert.deepEqual(room(20), {evict: ['free'], release: []});
    assert.deepEqual(room(40), {evict: ['free'], release: ['decoder']});
    // Without the text encoder there is room for the decoder.
    assert.deepEqual(room(41), {evict: ['free'], release: ['textEncoder']});
    assert.deepEqual(room(80), {evict: ['free'], release: ['decoder', 'textEncoder']});
    assert.equal(room(81), 'never');
  });

  it('waits for what a call uses at this moment, of the model or of one that nobody leases', () => {
    const busy: Part[] = [
      ['textEncoder', 70, 1, 1],
      ['decoder', 10],
    ];
    const leased = [model('sd', busy, {leases: 1})];
    assert.equal(planRoom(leased, asks('sd', ['denoiser', 90]), 100), 'wait');
    assert.equal(planRoom(leased, asks('sd', ['denoiser', 101]), 100), 'never');
    assert.deepEqual(planRoom(leased, asks('sd', ['denoiser', 30]), 100), {
      evict: [],
      release: ['decoder'],
    });
    const leaving = [model('a', [['encoder', 60, 1, 1]])];
    assert.equal(planRoom(leaving, asks('sd', ['denoiser', 90]), 100), 'wait');
  });

  it('brings a model larger than the budget through, part by part', () => {
    const sizes = {textEncoder: 68, denoiser: 90, decoder: 10} as const;
    const held = new Map<Loadable, number>();
    let clock = 0;
    for (const name of ['textEncoder', 'denoiser', 'decoder', 'textEncoder', 'denoiser'] as const) {
      const parts = [...held].map(
        ([part, used]) => [part, sizes[part as 'decoder'], used] as const,
      );
      const plan = planRoom(
        [model('sd', parts, {leases: 1})],
        asks('sd', [name, sizes[name]]),
        100,
      );
      if (typeof plan === 'string') throw new Error(plan);
      for (const part of plan.release) held.delete(part);
      held.set(name, ++clock);
      const total = [...held.keys()].reduce((sum, part) => sum + sizes[part as 'decoder'], 0);
      assert.ok(total <= 100);
    }
    assert.deepEqual([...held.keys()], ['decoder', 'denoiser']);
  });
});
