import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {LatentError} from '../../src/core/errors.js';
import {TaskQueue} from '../../src/shared/task-queue.js';

const aborted = (error: unknown): boolean =>
  error instanceof LatentError && error.code === 'aborted' && error.name === 'AbortError';

interface Gate {
  readonly task: () => Promise<string>;
  open(): void;
}

function gate(name: string, log: string[]): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    task: async () => {
      log.push(name);
      await opened;
      return name;
    },
    open,
  };
}

describe('TaskQueue', () => {
  it('runs one task at a time, in order', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const [a, b] = [gate('a', log), gate('b', log)];
    const results = [queue.push(a.task), queue.push(b.task)];
    assert.deepEqual(log, ['a']);
    a.open();
    b.open();
    assert.deepEqual(await Promise.all(results), ['a', 'b']);
    assert.deepEqual(log, ['a', 'b']);
  });

  it('goes on after a failed task', async () => {
    const queue = new TaskQueue();
    const failed = queue.push(() => Promise.reject(new Error('broken')));
    const next = queue.push(() => Promise.resolve('next'));
    await assert.rejects(failed, /broken/);
    assert.equal(await next, 'next');
  });

  it('keeps only the newest waiting task of a key, in the place of the first', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const first = gate('first', log);
    const running = queue.push(first.task, {key: 'frame'});
    const stale = queue.push(gate('stale', log).task, {key: 'frame'});
    const other = queue.push(() => Promise.resolve(log.push('other')));
    const newest = queue.push(() => Promise.resolve(log.push('newest')), {key: 'frame'});
    await assert.rejects(stale, aborted);
    assert.equal(queue.length, 2);
    first.open();
    await Promise.all([running, other, newest]);
    assert.deepEqual(log, ['first', 'newest', 'other']);
  });

  it('drops a waiting task whose signal aborts, and one that comes aborted', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const first = gate('first', log);
    const running = queue.push(first.task);
    const controller = new AbortController();
    const waiting = queue.push(gate('never', log).task, {signal: controller.signal});
    controller.abort();
    await assert.rejects(waiting, aborted);
    const late = queue.push(gate('never', log).task, {signal: controller.signal});
    await assert.rejects(late, aborted);
    first.open();
    await running;
    assert.deepEqual(log, ['first']);
  });

  it('rejects a running task at once on abort, and still waits for its end', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const first = gate('first', log);
    const controller = new AbortController();
    const running = queue.push(first.task, {signal: controller.signal});
    const next = queue.push(gate('next', log).task);
    void next;
    controller.abort();
    await assert.rejects(running, aborted);
    assert.deepEqual(log, ['first']);
    first.open();
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(log, ['first', 'next']);
  });

  it('takes what is nearest first, asked when its turn comes, and what a visitor waits for before all', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const first = gate('first', log);
    void queue.push(first.task, {priority: 9});
    const push = (name: string, priority: number | (() => number)) =>
      queue.push(() => Promise.resolve(log.push(name)), {priority});
    let distance = 9;
    const all = [push('far', 5), push('near', 2), push('moves', () => distance)];
    all.push(push('as near', 2), push('visitor', 0));
    distance = 1;
    first.open();
    await Promise.all(all);
    assert.deepEqual(log, ['first', 'visitor', 'moves', 'near', 'as near', 'far']);
  });

  it('finishes one picture before the next, though its tasks are asked for one after the other', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const picture = async (name: string, priority: number): Promise<void> => {
      for (const step of [1, 2, 3]) {
        await queue.push(() => Promise.resolve(log.push(`${name}${String(step)}`)), {priority});
      }
    };
    await Promise.all([picture('a', 3), picture('b', 2), picture('c', 1)]);
    // The first runs at once, before anybody else has asked.
    assert.deepEqual(log, ['a1', 'c1', 'c2', 'c3', 'b1', 'b2', 'b3', 'a2', 'a3']);
  });

  it('lets what loads have every other turn beside a picture that plays', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    let playing = true;
    const play = async (name: string): Promise<void> => {
      while (playing) await queue.push(() => Promise.resolve(log.push(name)), {key: name});
    };
    const plays = [play('one'), play('other')];
    const loads = [3, 1, 2].map((priority) =>
      queue.push(() => Promise.resolve(log.push(`load ${String(priority)}`)), {priority}),
    );
    await Promise.all(loads);
    playing = false;
    await Promise.all(plays);
    assert.deepEqual(log.slice(0, 6), ['one', 'load 1', 'other', 'load 2', 'one', 'load 3']);
  });
});
