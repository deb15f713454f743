import {expect} from '@open-wc/testing';
import {TaskQueue} from '../../../src/engine/worker/queue.js';
import {errorOf} from '../support.js';

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
    expect(log).to.deep.equal(['a']);
    a.open();
    b.open();
    expect(await Promise.all(results)).to.deep.equal(['a', 'b']);
    expect(log).to.deep.equal(['a', 'b']);
  });

  it('goes on after a failed task', async () => {
    const queue = new TaskQueue();
    const failed = queue.push(() => Promise.reject(new Error('broken')));
    const next = queue.push(() => Promise.resolve('next'));
    expect(await failed.catch((error: Error) => error.message)).to.equal('broken');
    expect(await next).to.equal('next');
  });

  it('keeps only the newest waiting task of a key, in the place of the first', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const first = gate('first', log);
    const running = queue.push(first.task, {key: 'frame'});
    const stale = queue.push(gate('stale', log).task, {key: 'frame'});
    const other = queue.push(() => Promise.resolve(log.push('other')));
    const newest = queue.push(() => Promise.resolve(log.push('newest')), {key: 'frame'});
    expect((await errorOf(stale)).code).to.equal('aborted');
    expect(queue.length).to.equal(2);
    first.open();
    await Promise.all([running, other, newest]);
    expect(log).to.deep.equal(['first', 'newest', 'other']);
  });

  it('drops a waiting task whose signal aborts, and one that comes aborted', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const first = gate('first', log);
    const running = queue.push(first.task);
    const controller = new AbortController();
    const waiting = queue.push(gate('never', log).task, {signal: controller.signal});
    controller.abort();
    expect((await errorOf(waiting)).name).to.equal('AbortError');
    const late = queue.push(gate('never', log).task, {signal: controller.signal});
    expect((await errorOf(late)).code).to.equal('aborted');
    first.open();
    await running;
    expect(log).to.deep.equal(['first']);
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
    expect((await errorOf(running)).code).to.equal('aborted');
    expect(log).to.deep.equal(['first']);
    first.open();
    await new Promise((resolve) => setTimeout(resolve));
    expect(log).to.deep.equal(['first', 'next']);
  });
});
