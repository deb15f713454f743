import {expect} from '@open-wc/testing';
import {LOAD_STAGES, ProgressTracker} from '../../src/engine/progress.js';
import type {Progress} from '../../src/engine/types.js';

function track(): {tracker: ProgressTracker; ratios: () => number[]; seen: Progress[]} {
  const seen: Progress[] = [];
  const tracker = new ProgressTracker(LOAD_STAGES, (progress) => seen.push(progress));
  return {tracker, seen, ratios: () => seen.map(({ratio}) => Number(ratio.toFixed(3)))};
}

describe('ProgressTracker', () => {
  it('joins stages to one ratio from 0 to 1', () => {
    const {tracker, ratios} = track();
    tracker.update({stage: 'download', loaded: 0, total: 100});
    tracker.update({stage: 'download', loaded: 50, total: 100});
    tracker.update({stage: 'download', loaded: 100, total: 100});
    tracker.update({stage: 'compile', loaded: 1, total: 2});
    tracker.update({stage: 'compile', loaded: 2, total: 2});
    tracker.finish();
    expect(ratios()).to.deep.equal([0, 0.4, 0.8, 0.9, 1]);
  });

  it('begins at 0 with whatever comes first', () => {
    const {tracker, ratios} = track();
    tracker.update({stage: 'compile', loaded: 0, total: 4});
    tracker.update({stage: 'compile', loaded: 1, total: 4});
    tracker.finish();
    expect(ratios()).to.deep.equal([0, 0.25, 1]);
  });

  it('never falls, and never passes 1', () => {
    const {tracker, ratios} = track();
    tracker.update({stage: 'compile', loaded: 1, total: 1});
    tracker.update({stage: 'download', loaded: 10, total: 100});
    tracker.update({stage: 'compile', loaded: 3, total: 1});
    expect(ratios()).to.deep.equal([1, 1, 1]);
  });

  it('is closed even when the work broke off', () => {
    const {tracker, seen} = track();
    tracker.update({stage: 'download', loaded: 30, total: 100});
    tracker.finish();
    expect(seen.at(-1)).to.deep.equal({stage: 'download', loaded: 100, total: 100, ratio: 1});
  });

  it('says nothing when nothing was done', () => {
    const {tracker, seen} = track();
    tracker.finish();
    expect(seen).to.deep.equal([]);
  });

  it('takes an unknown total for nothing done', () => {
    const {tracker, ratios} = track();
    tracker.update({stage: 'download', loaded: 5, total: 0});
    expect(ratios()).to.deep.equal([0]);
  });
});
